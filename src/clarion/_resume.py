"""Going on with an answer that stopped before its end: what is sent again, and how the pieces become one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clarion._catalog import Model

Block = dict[str, Any]
Body = dict[str, Any]

GO_ON = (
    "Your previous answer was interrupted. This is what I have received of it:\n\n<received>{text}</received>\n\n"
    "Go on from exactly where it stops. Do not repeat any of it, and say nothing about the interruption."
)
PLEASE = "Please go on."
THINKING = ("thinking", "redacted_thinking")


def onward(body: Body, model: Model | None, text: str) -> Body:
    """Return the request that asks for the rest of an answer of which this text has come.

    Models that take a prefilled answer get it as such; the others in a message of the user (Messages API documentation,
    "Streaming", recovery; November 2026).
    """
    thinking = (body.get("thinking") or {}).get("type", "disabled")
    if model is not None and model.prefill and thinking == "disabled":
        rest: list[Body] = [{"role": "assistant", "content": [{"type": "text", "text": text.rstrip()}]}]
    else:
        rest = [{"role": "user", "content": [{"type": "text", "text": GO_ON.format(text=text)}]}]
    return {**body, "messages": [*body["messages"], *rest]}


def paused(body: Body, content: list[Block]) -> Body:
    """Return the request that lets a paused turn go on: what the model said, unchanged, at the end."""
    return {**body, "messages": [*body["messages"], {"role": "assistant", "content": content}]}


def nudged(body: Body) -> Body:
    """Return the request that asks again after an answer of nothing, as a turn of the user's own."""
    return {**body, "messages": [*body["messages"], {"role": "user", "content": [{"type": "text", "text": PLEASE}]}]}


def answers_tools(body: Body) -> bool:
    """Whether the request ends with results of tools."""
    content = body["messages"][-1]["content"]
    return not isinstance(content, str) and any(block.get("type") == "tool_result" for block in content)


def text_in(content: list[Block]) -> str:
    """Return the text of content blocks."""
    return "".join(block["text"] for block in content if block["type"] == "text")


def merged(text: str, content: list[Block]) -> list[Block]:
    """Return the content of an answer whose beginning came before, as this text.

    The thinking of the rest is left out: it belongs to the request that asked for the rest.
    """
    if not text:
        return content
    rest = [block for block in content if block["type"] not in THINKING]
    if rest and rest[0]["type"] == "text":
        return [{**rest[0], "text": text + rest[0]["text"]}, *rest[1:]]
    return [{"type": "text", "text": text}, *rest]
