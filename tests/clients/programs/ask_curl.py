"""Curl, and nothing but what it brings back."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import Any

from tasks import HELLO, LOOK, MODEL, PICTURE, REPORT, WEATHER, Report, get_weather, run

CURL = ["curl", "--silent", "--show-error", "--fail", "--retry", "2", "--data", "@-"]
HEADERS = ["x-api-key: test", "anthropic-version: 2023-06-01", "content-type: application/json"]
TOOL = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


class Refused(Exception):
    """An error came instead of an answer, or in the middle of it."""


def post(url: str, content: object, *before: object, **fields: object) -> str:
    body = {"model": MODEL, "max_tokens": 2000, "messages": [*before, {"role": "user", "content": content}], **fields}
    line = [*CURL, *(word for header in HEADERS for word in ("--header", header)), f"{url}/v1/messages"]
    return subprocess.run(line, input=json.dumps(body), stdout=subprocess.PIPE, text=True, check=True).stdout


def ask(url: str, content: object, *before: object, **fields: object) -> dict[str, Any]:
    return json.loads(post(url, content, *before, **fields))


def said(message: dict[str, Any]) -> str:
    return "".join(block["text"] for block in message["content"] if block["type"] == "text")


def told(text: str, usage: dict[str, Any]) -> dict[str, object]:
    return {"text": text, "input": usage["input_tokens"], "output": usage["output_tokens"]}


def text(url: str) -> object:
    message = ask(url, HELLO)
    return told(said(message), message["usage"])


def stream(url: str) -> object:
    lines = post(url, HELLO, stream=True).splitlines()
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    if events[-1]["type"] == "error":
        raise Refused(events[-1]["error"]["type"])
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    pieces = [delta["text"] for delta in deltas if delta["type"] == "text_delta"]
    usage = next(event["usage"] for event in events if event["type"] == "message_delta")
    return {**told("".join(pieces), usage), "pieces": len(pieces)}


def tools(url: str) -> object:
    message = ask(url, WEATHER, tools=[TOOL])
    uses = [block for block in message["content"] if block["type"] == "tool_use"]
    found = {use["id"]: get_weather(**use["input"]) for use in uses}
    results = [{"type": "tool_result", "tool_use_id": id, "content": content} for id, content in found.items()]
    before = {"role": "user", "content": WEATHER}, {"role": "assistant", "content": message["content"]}
    answer = ask(url, results, *before, tools=[TOOL])
    return {"text": said(answer), "calls": [[use["name"], use["input"]] for use in uses]}


def structured(url: str) -> object:
    schema = {**Report.model_json_schema(), "additionalProperties": False}
    return json.loads(said(ask(url, REPORT, output_config={"format": {"type": "json_schema", "schema": schema}})))


def image(url: str) -> object:
    data = base64.b64encode(PICTURE.read_bytes()).decode()
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    message = ask(url, [picture, {"type": "text", "text": LOOK}])
    return told(said(message), message["usage"])


run(text, stream, tools, structured, image, rate_limit=text, overload=stream)
