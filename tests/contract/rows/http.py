"""What is refused before anybody reads the body as a request: paths, methods, keys, versions, encodings, sizes."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass, field, replace

from contract.row import GOOD, NEW, TYPES, like

MB = 1024 * 1024
JSON = "application/json"
BODY = json.dumps(GOOD).encode()
KEY = {"authorization": "Bearer test"}
NOT_JSON = like("The request body is not valid JSON")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """A request as bytes, and what comes back. `has` are headers of the answer."""

    id: str
    method: str = "POST"
    path: str = "/v1/messages"
    headers: dict[str, str] = field(default_factory=lambda: {"anthropic-version": NEW, "content-type": JSON, **KEY})
    body: bytes = BODY
    status: int = 200
    message: str | re.Pattern[str] = re.compile("")
    code: str | None = None
    has: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id

    @property
    def type(self) -> str:
        """The type of the error."""
        return TYPES[self.status]

    def under(self, **headers: str | None) -> Bytes:
        """Return the same request with other headers; None takes one out."""
        changed = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={name: value for name, value in changed.items() if value is not None})


UNKNOWN = Bytes(id="an unknown path", path="/v1/nothing", status=404, has={"x-should-retry": "false"})
BROKEN = Bytes(id="", status=400, message=NOT_JSON)
NO_KEY = {"authorization": None}
ACCENTS = json.dumps(GOOD | {"messages": [{"role": "user", "content": "Grüße"}]}, ensure_ascii=False)
DEEP = b'{"a":' * 300 + b"1" + b"}" * 300

PATHS = (
    UNKNOWN,
    replace(UNKNOWN, id="a path with a slash too many", path="/v1/messages/"),
    replace(UNKNOWN, id="a path without a version", path="/messages"),
    replace(UNKNOWN, id="Text Completions", path="/v1/complete"),
    Bytes(id="a query string", path="/v1/messages?beta=true"),
    *(Bytes(id=f"{method} messages", method=method, body=b"", status=405, has={"allow": "POST"})
      for method in ("GET", "PUT", "DELETE", "PATCH")),
    Bytes(id="GET the count", method="GET", path="/v1/messages/count_tokens", body=b"", status=405),
    Bytes(id="POST to models", path="/v1/models", status=405, has={"allow": "GET"}),
    Bytes(id="the models", method="GET", path="/v1/models", body=b""),
    Bytes(id="one model", method="GET", path="/v1/models/claude-opus-5-5", body=b""),
    Bytes(id="an unknown model", method="GET", path="/v1/models/claude-9", body=b"", status=404,
          message="model: claude-9"),
    Bytes(id="an unknown batch", method="GET", path="/v1/messages/batches/msgbatch_1", body=b"", status=404),
    Bytes(id="an unknown file", method="GET", path="/v1/files/file_1", body=b"", status=404),
)  # fmt: skip
KEYS = (
    Bytes(id="no key", status=401, has={"x-should-retry": "false"}).under(**NO_KEY),
    Bytes(id="an empty key", status=401).under(x_api_key="", **NO_KEY),
    Bytes(id="a bad key", status=401, message="invalid x-api-key").under(x_api_key="wrong", **NO_KEY),
    Bytes(id="a bad bearer", status=401).under(authorization="Bearer wrong"),
    Bytes(id="another scheme", status=401).under(authorization="Basic dGVzdA=="),
    Bytes(id="a key of the old kind").under(x_api_key="test", **NO_KEY),
    Bytes(id="the key counts when a bearer is there too").under(x_api_key="test", authorization="Bearer wrong"),
    Bytes(id="a bad key counts when a bearer is there too", status=401).under(x_api_key="wrong"),
)
VERSIONS = (
    Bytes(id="no version", status=400, message="anthropic-version: header is required").under(anthropic_version=None),
    Bytes(id="the old version").under(anthropic_version="2023-06-01"),
    Bytes(id="the oldest version", status=400, message=like("anthropic-version")).under(anthropic_version="2023-01-01"),
    Bytes(id="a version to come", status=400, message=like("anthropic-version")).under(anthropic_version="2027-01-01"),
)
SHAPES = (
    replace(BROKEN, id="an empty body", body=b""),
    replace(BROKEN, id="half a body", body=BODY[:-5]),
    replace(BROKEN, id="words", body=b"Hello"),
    replace(BROKEN, id="a form", body=b"model=claude"),
    replace(BROKEN, id="bytes that are no text", body=b'{"model": "\xff"}'),
    *(replace(BROKEN, id=f"JSON that is no object: {body!r}", body=body, message=like("Input should be a valid dict"))
      for body in (b"[]", b"null", b'"x"', b"7")),
    replace(BROKEN, id="a body nested too deeply", body=DEEP, message=like("The request body is nested too deeply")),
    replace(BROKEN, id="100,001 messages", message=like("messages: List should have at most 100000 items"),
            body=json.dumps(GOOD | {"messages": GOOD["messages"] * 100_001}).encode()),
    Bytes(id="32 MB", body=BODY + b" " * (32 * MB - len(BODY))),
    Bytes(id="a byte more than 32 MB", body=BODY + b" " * (32 * MB - len(BODY) + 1), status=413),
    Bytes(id="a byte more than 32 MB to count", path="/v1/messages/count_tokens", status=413,
          body=b" " * (32 * MB + 1)),
    replace(BROKEN, id="33 MB for a batch", path="/v1/messages/batches", body=b" " * (33 * MB)),
)  # fmt: skip
ENCODINGS = (
    Bytes(id="JSON in UTF-8").under(content_type=f"{JSON}; charset=utf-8"),
    Bytes(id="JSON in capitals").under(content_type="Application/JSON; Charset=UTF-8"),
    Bytes(id="JSON in US-ASCII").under(content_type=f"{JSON}; charset=us-ascii"),
    Bytes(id="JSON in ISO-8859-1", body=ACCENTS.encode("latin-1")).under(content_type=f"{JSON}; charset=ISO-8859-1"),
    Bytes(id="JSON in UTF-16", body=BODY.decode().encode("utf-16"), status=400, message=like(""),
          code="unsupported_charset").under(content_type=f"{JSON}; charset=utf-16"),
    Bytes(id="no content type").under(content_type=None),
    Bytes(id="a form by its type", status=400, message=like("content-type")).under(
        content_type="application/x-www-form-urlencoded"),
    Bytes(id="plain text", status=400, message=like("content-type")).under(content_type="text/plain"),
    Bytes(id="gzip", body=gzip.compress(BODY)).under(content_encoding="gzip"),
    Bytes(id="deflate", body=zlib.compress(BODY)).under(content_encoding="deflate"),
    Bytes(id="no encoding").under(content_encoding="identity"),
    Bytes(id="gzip that is none", status=400, code="request_body_encoding_invalid").under(content_encoding="gzip"),
    Bytes(id="gzip cut short", body=gzip.compress(BODY)[:-8], status=400,
          code="request_body_encoding_invalid").under(content_encoding="gzip"),
    Bytes(id="an unknown encoding", status=400, code="request_body_encoding_unsupported").under(
        content_encoding="rot13"),
    Bytes(id="a bomb", body=gzip.compress(b" " * (33 * MB)), status=413,
          code="request_body_too_large_after_decoding").under(content_encoding="gzip"),
)  # fmt: skip

ROWS = (*PATHS, *KEYS, *VERSIONS, *SHAPES, *ENCODINGS)
