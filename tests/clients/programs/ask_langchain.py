"""LangChain's ChatAnthropic."""

from __future__ import annotations

import base64

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from tasks import HELLO, LOOK, MODEL, PICTURE, REPORT, WEATHER, Report, get_weather, run


def chat(url: str, **options: object) -> ChatAnthropic:
    return ChatAnthropic(model=MODEL, base_url=url, **options)


def told(message: AIMessage) -> dict[str, object]:
    usage = message.usage_metadata
    return {"text": message.text, "input": usage["input_tokens"], "output": usage["output_tokens"]}


def text(url: str) -> object:
    return told(chat(url).invoke(HELLO))


def stream(url: str) -> object:
    chunks = list(chat(url).stream(HELLO))
    return {**told(sum(chunks[1:], chunks[0])), "pieces": sum(bool(chunk.text) for chunk in chunks)}


def tools(url: str, **options: object) -> object:
    model, said, calls = chat(url, **options).bind_tools([get_weather]), [HumanMessage(WEATHER)], []
    while (message := model.invoke(said)).tool_calls:
        results = [ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"]) for call in message.tool_calls]
        calls += [[call["name"], call["args"]] for call in message.tool_calls]
        said += [message, *results]
    return {"text": message.text, "calls": calls}


def streamed_tools(url: str) -> object:
    return tools(url, streaming=True)


def structured(url: str) -> object:
    return chat(url).with_structured_output(Report, method="json_schema").invoke(REPORT).model_dump()


def structured_by_tool(url: str) -> object:
    return chat(url).with_structured_output(Report, method="function_calling").invoke(REPORT).model_dump()


def image(url: str) -> object:
    picture = {"type": "image", "base64": base64.b64encode(PICTURE.read_bytes()).decode(), "mime_type": "image/png"}
    return told(chat(url).invoke([HumanMessage([picture, {"type": "text", "text": LOOK}])]))


run(text, stream, tools, streamed_tools, structured, structured_by_tool, image, rate_limit=text, overload=stream)
