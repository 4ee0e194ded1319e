"""One rule of the Messages API as a row: a request, and what the API answers.

A row changes a small good request: a field given takes the place of the good one, `None` takes it out. What is
expected is an answer, or a refusal with its status, type, message and code. A message that is a plain string is the
API's own, word for word; a pattern is one whose wording is not published, so that only what it must name is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

NEW, OLD = "2026-10-21", "2023-06-01"
GOOD: dict[str, Any] = {
    "model": "claude-haiku-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hello"}],
}
PATHS = {"messages": "/v1/messages", "count_tokens": "/v1/messages/count_tokens"}
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A request and its outcome. `about` is the topic, `details` go with the error beside its code."""

    id: str
    about: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    to: str = "messages"
    version: str = NEW
    betas: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    message: str | re.Pattern[str] = ""
    code: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id

    @property
    def body(self) -> dict[str, Any]:
        """The request as it is sent."""
        good = GOOD | {"max_tokens": None} if self.to == "count_tokens" else GOOD
        return {key: value for key, value in (good | self.fields).items() if value is not None}

    @property
    def is_accepted(self) -> bool:
        """True when an answer is expected."""
        return self.status == 200

    @property
    def type(self) -> str:
        """The type of the error."""
        return TYPES[self.status]

    def expects(self, message: str) -> bool:
        """Say whether this is the message of the error."""
        if isinstance(self.message, str):
            return message == self.message
        return self.message.search(message) is not None


def ok(id: str, *, to: str = "messages", version: str = NEW, betas: str = "", **fields: Any) -> Row:
    """Return a row that is answered."""
    headers = fields.pop("headers", {})
    return Row(id=id, fields=fields, to=to, version=version, betas=betas, headers=headers)


def refused(
    id: str,
    message: str | re.Pattern[str],
    *,
    status: int = 400,
    code: str | None = None,
    details: dict[str, Any] | None = None,
    **fields: Any,
) -> Row:
    """Return a row that is refused."""
    row = ok(id, **fields)
    return replace(row, status=status, message=message, code=code, details=details or {})


def about(topic: str, *rows: Row) -> tuple[Row, ...]:
    """Put rows under a topic."""
    return tuple(replace(row, about=topic) for row in rows)


def like(*words: str) -> re.Pattern[str]:
    """Match a message of unknown wording that begins with the first of the words and holds the others in order."""
    return re.compile("^" + ".*".join(re.escape(word) for word in words), re.DOTALL)


def user(*content: Any) -> dict[str, Any]:
    """Return a turn of the user: a string, or blocks."""
    return {"role": "user", "content": _content(content)}


def assistant(*content: Any) -> dict[str, Any]:
    """Return a turn of the assistant."""
    return {"role": "assistant", "content": _content(content)}


def system(*content: Any, **fields: Any) -> dict[str, Any]:
    """Return a turn of the system."""
    return {"role": "system", **({"content": _content(content)} if content else {}), **fields}


def _content(content: tuple[Any, ...]) -> Any:
    return content[0] if len(content) == 1 and isinstance(content[0], str) else list(content)


def text(words: str, **fields: Any) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words, **fields}


def call(number: int = 1, name: str = "get_weather", **fields: Any) -> dict[str, Any]:
    """Return a call of a client tool."""
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}, **fields}


def result(number: int = 1, content: Any = "sunny", **fields: Any) -> dict[str, Any]:
    """Return the result of that call."""
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": content, **fields}


def tool(name: str = "get_weather", **fields: Any) -> dict[str, Any]:
    """Return a tool of the user's own."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return {"name": name, "input_schema": schema, **fields}


def shaped(properties: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return the schema of a closed object, every property required unless said otherwise."""
    found = properties or {}
    closed = {"type": "object", "properties": found, "required": list(found), "additionalProperties": False}
    return closed | fields


def formatted(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the field that asks for an answer of this schema."""
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
