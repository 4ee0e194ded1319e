"""The fast path of bulk: calls with the SDK client's own credentials, headers and address, but without it.

The SDK spends more than a millisecond of CPU on building a request; what a bulk job needs of it is the same for every
call. So the headers and the address are taken from the client once, and bytes go out and come in: as plain HTTP where
that will do, over aiohttp where a proxy stands in between, or an answer is so long that it must be streamed. That
holds for a client whose key is plain text and that has no middleware; for any other, calls go through the SDK.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import orjson

from clarion._errors import AnswerError
from clarion._failure import Failure
from clarion._http import Address, is_enough_for
from clarion._reply import Assembly, Reply, read_message
from clarion._sdk import EMULATOR, MESSAGES, SHOULD_RETRY, failure_of, is_emulated, retry_after_in, sdk_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anthropic import AsyncAnthropic

    from clarion._http import Answer
    from clarion._steps import Send

CONNECT = 30.0  # seconds to establish a connection
READ = 600.0  # seconds without a byte, unless a call says otherwise: the SDK's own default
IDLE = 60.0  # seconds that an idle connection is kept
OK = 200
HEAD = 4096  # bytes of an error page that are kept


def is_possible(client: AsyncAnthropic) -> bool:
    """Whether the calls of a client that Clarion made can be made without it.

    It has a plain key, nobody stands in between, and it calls an address, not the emulator in this process.
    """
    has_key = bool(client.api_key or client.auth_token) and not client.credentials
    return has_key and not client.middleware and not is_emulated(client)


class DirectDoor:
    """Calls of one SDK client, past it. As a context manager it closes its connections."""

    def __init__(self, client: AsyncAnthropic) -> None:
        self._url = str(client.base_url).rstrip("/") + MESSAGES
        self._shown = f"{client.base_url.scheme}://{client.base_url.netloc.decode()}"  # without a password
        self._headers = {
            name: str(value)
            for name, value in client.default_headers.items()
            if isinstance(value, str) and name.lower() != "accept-encoding"
        }
        self._session: aiohttp.ClientSession | None = None
        self._address: Address | None = None

    async def __aenter__(self) -> Self:
        if is_enough_for(self._url):
            self._address = Address(self._url, self._headers, connect=CONNECT, idle=IDLE)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE),
            headers=self._headers,
            trust_env=bool(urllib.request.getproxies()),  # looked up for every call, so only where there is a proxy
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._address is not None:
            self._address.close()
        if self._session is not None:
            await self._session.close()

    async def send(self, send: Send) -> Reply | Failure:
        """Make one call and return its whole reply, or why there is none. Nothing is raised but what is a mistake."""
        started = time.monotonic()
        try:
            return await self._sent(send, started)
        except AnswerError as error:
            failure = failure_of(error, started)
            assert failure is not None  # an AnswerError always has a name  # noqa: S101
            return failure
        except TimeoutError as error:
            return Failure(kind="timeout", message="no answer in time", **_when(started, error))
        except (aiohttp.ClientError, OSError) as error:
            message = f"cannot reach {self._shown}: {str(error) or type(error).__name__}"
            return Failure(kind="connection", message=message, **_when(started, error))

    async def _sent(self, send: Send, started: float) -> Reply | Failure:
        assert self._session is not None, "enter the door before sending"  # noqa: S101
        if self._address is not None and not send.stream:
            answer = await _posted(self._address, send)
            return _answered(answer.status, answer.headers, answer.body, started)
        body = orjson.dumps({**send.body, "stream": True} if send.stream else send.body)
        async with self._session.post(self._url, data=body, headers=send.headers, timeout=_timeout(send)) as response:
            if send.stream and response.status == OK:
                return await self._streamed(response, started)
            return _answered(response.status, response.headers, await response.read(), started)

    async def _streamed(self, response: aiohttp.ClientResponse, started: float) -> Reply:
        assembly = Assembly(response.headers.get("request-id"))
        first_token: float | None = None
        try:
            async for chunk in response.content.iter_any():
                for event in assembly.feed(chunk):
                    if first_token is None and event["type"] == "content_block_delta":
                        first_token = time.monotonic() - started
        except TimeoutError as error:
            raise assembly.interrupted("nothing more came before the timeout") from error
        except aiohttp.ClientError as error:
            raise assembly.interrupted(f"the connection failed ({str(error) or type(error).__name__})") from error
        return _reply(assembly.message(), response.headers, started, first_token)


async def _posted(address: Address, send: Send) -> Answer:
    read = READ if send.timeout is None else send.timeout
    posting = address.post(orjson.dumps(send.body), send.headers, read=read)
    if send.left is None:
        return await posting
    async with asyncio.timeout(send.left):
        return await posting


def _timeout(send: Send) -> aiohttp.ClientTimeout:
    read = READ if send.timeout is None else send.timeout
    if send.stream and send.stall_timeout is not None:
        read = min(read, send.stall_timeout)
    return aiohttp.ClientTimeout(total=send.left, sock_connect=CONNECT, sock_read=read)


def _answered(status: int, headers: Mapping[str, str], body: bytes, started: float) -> Reply | Failure:
    if status != OK:
        return _refused(status, headers, body, started)
    return _reply(read_message(body, headers.get("request-id")), headers, started)


def _reply(
    message: dict[str, Any], headers: Mapping[str, str], started: float, first_token: float | None = None
) -> Reply:
    return Reply(
        message=message,
        request_id=headers.get("request-id"),
        latency=time.monotonic() - started,
        time_to_first_token=first_token,
        emulated=headers.get("server") == EMULATOR,
        build=sdk_message,
        headers=headers,
    )


def _refused(status: int, headers: Mapping[str, str], body: bytes, started: float) -> Failure:
    """Return what the API says in the body of an error, as far as it is the API that says it."""
    said = _error_in(body)
    message = said.get("message") or f"status {status}: {body[:HEAD].decode('utf-8', 'replace').strip()}"
    request_id = headers.get("request-id")
    return Failure(
        kind="status",
        message=message,
        status=status,
        type=said.get("type"),
        code=(said.get("details") or {}).get("error_code"),
        request_id=request_id,
        retry_after=retry_after_in(headers),
        should_retry=SHOULD_RETRY.get(headers.get("x-should-retry", "")),
        headers=headers,
        **_when(started, AnswerError(f"status {status}: {message}", request_id=request_id)),
    )


def _error_in(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)["error"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}
    return said if isinstance(said, dict) else {}


def _when(started: float, error: Exception) -> dict[str, Any]:
    return {"started": started, "ended": time.monotonic(), "error": error}
