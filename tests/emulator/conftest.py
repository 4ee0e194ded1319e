"""What the emulator's tests share: an emulator, a way to ask it, and the official SDK's clients on top of it."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import pytest
from PIL import Image

from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOON = 1_795_435_200.0  # 2026-11-23 12:00 UTC


@dataclass
class Api:
    """Asks an emulator without HTTP. `version` and `betas` go into the headers."""

    emulator: Emulator = field(default_factory=lambda: Emulator(clock=lambda: NOON))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        sent = {"x-api-key": "test", "anthropic-version": "2026-10-21"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.emulator.respond(method, path, sent, data)

    def ask(self, path: str = "/v1/messages", /, **fields: Any) -> tuple[int, Any]:
        """Send a small valid request changed by `fields` (None takes one out); return status and parsed body."""
        version = fields.pop("version", "2026-10-21")
        betas = fields.pop("betas", "")
        base = {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello"}]}
        body = {key: value for key, value in (base | fields).items() if value is not None}
        response = self.send("POST", path, body, anthropic_version=version, anthropic_beta=betas)
        assert isinstance(response.body, bytes)
        return response.status, json.loads(response.body)

    def refused(self, **fields: Any) -> str:
        """Return the message of the 400 that a request gets."""
        status, body = self.ask(**fields)
        assert status == 400, body
        assert body["error"]["type"] == "invalid_request_error"
        message: str = body["error"]["message"]
        return message


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def client(api: Api) -> Iterator[anthropic.Anthropic]:
    with httpx2.Client(transport=EmulatorTransport(api.emulator)) as http:
        yield anthropic.Anthropic(api_key="test", http_client=http, max_retries=0, _strict_response_validation=True)


@pytest.fixture
def async_client(api: Api) -> anthropic.AsyncAnthropic:
    http = httpx2.AsyncClient(transport=AsyncEmulatorTransport(api.emulator))
    return anthropic.AsyncAnthropic(api_key="test", http_client=http, max_retries=0, _strict_response_validation=True)


@pytest.fixture
def image() -> Callable[..., dict[str, Any]]:
    """Return a maker of image blocks."""

    def make(
        width: int = 64, height: int = 48, colour: str = "navy", kind: str = "PNG", claimed: str = ""
    ) -> dict[str, Any]:
        buffer = io.BytesIO()
        Image.new("RGB", (width, height), colour).save(buffer, kind)
        data = base64.b64encode(buffer.getvalue()).decode()
        media_type = claimed or f"image/{kind.lower()}"
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}

    return make


@pytest.fixture
def pdf() -> Callable[..., dict[str, Any]]:
    """Return a maker of PDF document blocks with blank pages."""
    import pypdf

    def make(pages: int = 1, password: str = "") -> dict[str, Any]:
        writer = pypdf.PdfWriter()
        for _ in range(pages):
            writer.add_blank_page(200, 200)
        if password:
            writer.encrypt(password, algorithm="RC4-128")
        buffer = io.BytesIO()
        writer.write(buffer)
        data = base64.b64encode(buffer.getvalue()).decode()
        source = {"type": "base64", "media_type": "application/pdf", "data": data}
        return {"type": "document", "source": source, "title": "Report"}

    return make
