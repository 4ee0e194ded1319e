"""`llm` with its plugin llm-anthropic: the library, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import llm
from tasks import HELLO, LOOK, MODEL, PICTURE, REPORT, WEATHER, Report, get_weather, run


def model(url: str) -> llm.Model:
    os.environ["ANTHROPIC_BASE_URL"] = url
    return llm.get_model(MODEL)


def told(response: llm.Response) -> dict[str, object]:
    usage = response.usage()
    return {"text": response.text(), "input": usage.input, "output": usage.output}


def text(url: str) -> object:
    return told(model(url).prompt(HELLO, stream=False))


def stream(url: str) -> object:
    response = model(url).prompt(HELLO)
    return {"pieces": sum(1 for _ in response), **told(response)}


def tools(url: str) -> object:
    responses = list(model(url).chain(WEATHER, tools=[get_weather]).responses())
    calls = [[call.name, call.arguments] for response in responses for call in response.tool_calls()]
    return {"text": responses[-1].text(), "calls": calls}


def structured(url: str) -> object:
    return json.loads(model(url).prompt(REPORT, schema=Report).text())


def image(url: str) -> object:
    return told(model(url).prompt(LOOK, attachments=[llm.Attachment(path=str(PICTURE))]))


def command(url: str) -> object:
    line = [sys.executable, "-m", "llm", "--model", MODEL, "--hide-reasoning", HELLO]
    environment = {**os.environ, "ANTHROPIC_BASE_URL": url}
    return {"text": subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout}


run(text, stream, tools, structured, image, command, rate_limit=text, overload=stream)
