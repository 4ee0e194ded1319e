"""Clients of the SDK: with the credentials that it finds itself, or on the emulator."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

from clarion._errors import MissingCredentialsError
from clarion._sdk.replies import EMULATOR
from clarion._telemetry import Peer

if TYPE_CHECKING:
    from anthropic import Anthropic, AsyncAnthropic

    from clarion.emulator import Emulator

EMULATOR_URL = "http://emulator.invalid"  # resolves nowhere: what is emulated cannot leave the process

Client = TypeVar("Client", "Anthropic", "AsyncAnthropic")


def client(*, api_key: str | None, base_url: str | None, emulate: bool | Emulator) -> Anthropic:
    """Return an SDK client. Raises MissingCredentialsError if the SDK's own chain finds none."""
    from anthropic import Anthropic

    if not emulate:
        return _with_credentials(Anthropic(api_key=api_key, base_url=base_url))
    import httpx2

    from clarion.emulator import EmulatorTransport

    http = httpx2.Client(transport=EmulatorTransport(_emulator(emulate)))
    return Anthropic(api_key=EMULATOR, base_url=EMULATOR_URL, http_client=http)


def async_client(*, api_key: str | None, base_url: str | None, emulate: bool | Emulator) -> AsyncAnthropic:
    """Return an SDK client of the other colour, over aiohttp. Raises MissingCredentialsError likewise."""
    from anthropic import AsyncAnthropic, DefaultAioHttpClient

    if not emulate:
        http = DefaultAioHttpClient()
        return _with_credentials(AsyncAnthropic(api_key=api_key, base_url=base_url, http_client=http))
    import httpx2

    from clarion.emulator import AsyncEmulatorTransport

    http = httpx2.AsyncClient(transport=AsyncEmulatorTransport(_emulator(emulate)))
    return AsyncAnthropic(api_key=EMULATOR, base_url=EMULATOR_URL, http_client=http)


def is_emulated(client: Anthropic | AsyncAnthropic) -> bool:
    """Whether the emulator in this process answers the calls of a client."""
    return str(client.base_url).rstrip("/") == EMULATOR_URL


def peer_of(client: Anthropic | AsyncAnthropic) -> Peer:
    """Return whom a client calls, and what it says of OpenTelemetry."""
    said, url = client.open_telemetry, client.base_url
    return Peer(
        provider=client._gen_ai_provider_name,  # noqa: SLF001 -- there is no other name for it
        address=url.host,
        port=url.port or (80 if url.scheme == "http" else 443),
        tracer_provider=said.get("tracer_provider"),
        traces=said["traces"]["enabled"],
        content=said["traces"]["content_mode"] == "content",
        propagates=said["propagation"],
    )


def account_of(client: Anthropic | AsyncAnthropic) -> str | None:
    """Return what stands for the account whose limits the calls of a client use, and tells nothing of its key.

    None for a client that the emulator in this process answers.
    """
    if is_emulated(client):
        return None
    headers = {name.lower(): value for name, value in client.default_headers.items()}
    key = headers.get("x-api-key") or headers.get("authorization") or credentials_of(client)
    return hashlib.sha256(f"{client.base_url}\n{key}".encode()).hexdigest()


def credentials_of(client: Anthropic | AsyncAnthropic) -> str:
    """Return where the credentials of a client are from, a variable or what else the SDK found; not what they are."""
    headers = {name.lower() for name in client.default_headers}
    if client.credentials is not None:
        profile = getattr(client.credentials, "profile", None)
        return f"the profile {profile!r}" if profile else "workload identity, by the environment"
    if client.api_key:
        return "ANTHROPIC_API_KEY"
    return "ANTHROPIC_AUTH_TOKEN" if client.auth_token or "authorization" not in headers else "ANTHROPIC_CUSTOM_HEADERS"


def _emulator(emulate: bool | Emulator) -> Emulator:
    from clarion.emulator import Emulator

    return Emulator() if isinstance(emulate, bool) else emulate


def _with_credentials(client: Client) -> Client:
    sources = (client.api_key, client.auth_token, client.credentials)
    headers = {name.lower() for name in client.default_headers}
    if not any(sources) and not headers & {"authorization", "x-api-key"}:
        raise MissingCredentialsError
    return client
