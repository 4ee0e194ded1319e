"""pydantic-ai's Agent."""

from __future__ import annotations

import asyncio

from pydantic_ai import Agent, BinaryContent, NativeOutput, ToolOutput
from pydantic_ai.messages import ToolCallPart
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.usage import RunUsage
from tasks import HELLO, LOOK, MODEL, PICTURE, REPORT, WEATHER, Report, get_weather, run


def agent(url: str, **options: object) -> Agent:
    return Agent(AnthropicModel(MODEL, provider=AnthropicProvider(base_url=url, api_key="test")), **options)


def told(text: str, usage: RunUsage) -> dict[str, object]:
    return {"text": text, "input": usage.input_tokens, "output": usage.output_tokens}


def text(url: str) -> object:
    result = agent(url).run_sync(HELLO)
    return told(result.output, result.usage)


def stream(url: str) -> object:
    async def streamed() -> object:
        async with agent(url).run_stream(HELLO) as result:
            pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        return {**told("".join(pieces), result.usage), "pieces": len(pieces)}

    return asyncio.run(streamed())


def tools(url: str) -> object:
    result = agent(url, tools=[get_weather]).run_sync(WEATHER)
    return {"text": result.output, "calls": calls(result.all_messages())}


def structured(url: str) -> object:
    return agent(url, output_type=NativeOutput(Report)).run_sync(REPORT).output.model_dump()


def structured_by_tool(url: str) -> object:
    return agent(url, output_type=ToolOutput(Report)).run_sync(REPORT).output.model_dump()


def agent_with_form(url: str) -> object:
    result = agent(url, tools=[get_weather], output_type=ToolOutput(Report)).run_sync(WEATHER)
    return {"form": result.output.model_dump(), "calls": calls(result.all_messages())}


def image(url: str) -> object:
    result = agent(url).run_sync([BinaryContent(PICTURE.read_bytes(), media_type="image/png"), LOOK])
    return told(result.output, result.usage)


def calls(messages: list) -> list[object]:
    parts = [part for message in messages for part in message.parts]
    return [[part.tool_name, part.args_as_dict()] for part in parts if isinstance(part, ToolCallPart)]


run(text, stream, tools, structured, structured_by_tool, agent_with_form, image, rate_limit=text, overload=stream)
