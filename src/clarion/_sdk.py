"""The one door to the official SDK: clients, calls that carry bytes, and the SDK's errors as values.

Nothing else in Clarion imports `anthropic`, whose import takes more than a second of CPU; here it happens inside
functions. Credentials, base URL, headers and API version are always the SDK client's. Calls go through its documented
low-level `post`, so that its retries, middleware and tracing hold, and bring back bytes, not objects.
"""

from __future__ import annotations

import contextlib
import email.utils
import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from clarion._errors import MissingCredentialsError, NotAMessageError, StreamInterrupted
from clarion._failure import Failure, Kind
from clarion._reply import Assembly, Event, Reply, read_message, read_token_count
from clarion._silence import Silence
from clarion._telemetry import Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    import httpx2
    from anthropic import Anthropic, AsyncAnthropic
    from anthropic._types import RequestOptions
    from anthropic.types import Message, RawMessageStreamEvent

    from clarion._steps import Count, Send
    from clarion.emulator import Emulator

MESSAGES = "/v1/messages"
COUNT_TOKENS = "/v1/messages/count_tokens"

SHOULD_RETRY = {"true": True, "false": False}

EMULATOR = "clarion-emulator"  # how the emulator names itself in the `server` header
EMULATOR_URL = "http://emulator.invalid"  # resolves nowhere: what is emulated cannot leave the process

Client = TypeVar("Client", "Anthropic", "AsyncAnthropic")


@dataclass(frozen=True, slots=True)
class Answer:
    """Whatever answered a call: its status, headers and body, how long it took, and when it came, both in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    at: float


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


def credentials_of(client: Anthropic) -> str:
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


class Door:
    """Calls through a synchronous SDK client."""

    def __init__(self, client: Anthropic) -> None:
        self.client = client

    def send(self, send: Send) -> Reply:
        """Make one call and return its whole reply, streamed underneath if `send.stream` says so."""
        if send.stream:
            with self.open(send) as stream:
                for _ in stream:
                    pass
                return stream.reply()
        start = time.monotonic()
        response = self._post(MESSAGES, send)
        message = read_message(response.content, _request_id(response))
        return _reply(message, response, start)

    @contextlib.contextmanager
    def open(self, send: Send) -> Iterator[EventStream]:
        """Open a stream; leaving the context closes the connection, even in the middle of an answer."""
        from anthropic import Stream

        start = time.monotonic()
        with _named_credentials_error():
            stream = self.client.post(
                MESSAGES,
                cast_to=object,
                body={**send.body, "stream": True},
                options=_options(send, self.client),
                stream=True,
                stream_cls=Stream[object],
            )
        try:
            yield EventStream(stream.response, start, send)
        finally:
            stream.response.close()

    def count(self, count: Count) -> int:
        """Ask the API how many input tokens a request has."""
        response = self._post(COUNT_TOKENS, count)
        return read_token_count(response.content, _request_id(response))

    def probe(self, method: str, path: str, body: bytes | None, *, timeout: float) -> Answer:
        """Make one call, once, and return whatever answers, errors of the API too."""
        from anthropic import APIResponse, APIStatusError

        options: RequestOptions = {"timeout": timeout, "max_retries": 0}
        start = time.monotonic()
        with _named_credentials_error():
            try:
                if body is None:
                    got = self.client.get(path, cast_to=APIResponse[object], options=options)
                else:
                    options["headers"] = {"content-type": "application/json"}
                    got = self.client.post(path, cast_to=APIResponse[object], content=body, options=options)
                response = got.http_response
            except APIStatusError as error:
                response = error.response
        return Answer(response.status_code, response.headers, response.content, time.monotonic() - start, time.time())

    def _post(self, path: str, call: Send | Count) -> httpx2.Response:
        from anthropic import APIResponse

        with _named_credentials_error():
            answer = self.client.post(
                path, cast_to=APIResponse[object], body=call.body, options=_options(call, self.client)
            )
        return answer.http_response


class AsyncDoor:
    """Calls through an asynchronous SDK client."""

    def __init__(self, client: AsyncAnthropic) -> None:
        self.client = client

    async def send(self, send: Send) -> Reply:
        """Make one call and return its whole reply, streamed underneath if `send.stream` says so."""
        if send.stream:
            async with self.open(send) as stream:
                async for _ in stream:
                    pass
                return stream.reply()
        start = time.monotonic()
        response = await self._post(MESSAGES, send)
        message = read_message(response.content, _request_id(response))
        return _reply(message, response, start)

    @contextlib.asynccontextmanager
    async def open(self, send: Send) -> AsyncIterator[AsyncEventStream]:
        """Open a stream; leaving the context closes the connection, even in the middle of an answer."""
        from anthropic import AsyncStream

        start = time.monotonic()
        with _named_credentials_error():
            stream = await self.client.post(
                MESSAGES,
                cast_to=object,
                body={**send.body, "stream": True},
                options=_options(send, self.client),
                stream=True,
                stream_cls=AsyncStream[object],
            )
        try:
            yield AsyncEventStream(stream.response, start, send)
        finally:
            await stream.response.aclose()

    async def count(self, count: Count) -> int:
        """Ask the API how many input tokens a request has."""
        response = await self._post(COUNT_TOKENS, count)
        return read_token_count(response.content, _request_id(response))

    async def fetch(self, path: str, *, query: Mapping[str, object] | None = None) -> bytes:
        """Return the body of an answer to `GET`."""
        from anthropic import AsyncAPIResponse

        with _named_credentials_error():
            answer = await self.client.get(
                path, cast_to=AsyncAPIResponse[object], options={"params": query or {}, "max_retries": 0}
            )
        return answer.http_response.content

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Post bytes of JSON, and return the body of the answer."""
        from anthropic import AsyncAPIResponse

        headers = {"content-type": "application/json", **headers}
        with _named_credentials_error():
            answer = await self.client.post(
                path, cast_to=AsyncAPIResponse[object], content=body, options={"headers": headers, "max_retries": 0}
            )
        return answer.http_response.content

    @contextlib.asynccontextmanager
    async def open_lines(self, path: str) -> AsyncIterator[Lines]:
        """Open an answer that is read line by line. Reading raises StreamInterrupted when the connection breaks."""
        from anthropic import AsyncStream

        with _named_credentials_error():
            stream = await self.client.get(
                path, cast_to=object, options={"max_retries": 0}, stream=True, stream_cls=AsyncStream[object]
            )
        try:
            yield Lines(stream.response)
        finally:
            await stream.response.aclose()

    async def _post(self, path: str, call: Send | Count) -> httpx2.Response:
        from anthropic import AsyncAPIResponse

        with _named_credentials_error():
            answer = await self.client.post(
                path, cast_to=AsyncAPIResponse[object], body=call.body, options=_options(call, self.client)
            )
        return answer.http_response


class Lines:
    """The lines of an open answer; `emulated` says that the emulator answers."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self.emulated = response.headers.get("server") == EMULATOR

    async def __aiter__(self) -> AsyncIterator[bytes]:
        rest: list[bytes] = []
        with _named_breaks(Assembly(_request_id(self._response))):
            async for chunk in self._response.aiter_bytes():
                first, *others = chunk.split(b"\n")
                rest.append(first)
                for other in others:
                    yield b"".join(rest)
                    rest = [other]
        yield b"".join(rest)


class _Events:
    """One open stream: its response, the message that grows from it, and when what came."""

    def __init__(self, response: httpx2.Response, start: float, send: Send) -> None:
        self.response = response
        self.assembly = Assembly(_request_id(response))
        self.start = start
        self.first_token: float | None = None
        self.silence = Silence(self.assembly, send.stall_timeout, None if send.left is None else start + send.left)

    def reply(self) -> Reply:
        """Return the whole reply. Raises StreamInterrupted or NotAMessageError if it never became whole."""
        return _reply(self.assembly.message(), self.response, self.start, self.first_token)

    def partial(self) -> Reply | None:
        """Return the reply as far as it came: what it used, without its content."""
        message = self.assembly.started
        if message is None:
            return None
        return _reply({**message, "content": []}, self.response, self.start, self.first_token)

    def _read(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that a chunk completes, pings left out."""
        for event in self.assembly.feed(chunk):
            kind = event["type"]
            if kind == "ping":
                self.silence.ping()
                continue
            if self.first_token is None and kind == "content_block_delta":
                self.first_token = time.monotonic() - self.start
            yield event
            self.silence.end()


class EventStream(_Events):
    """The events of one open stream, in order; after the last, `reply()` is the whole reply."""

    def __iter__(self) -> Iterator[Event]:
        self.silence.bound_reads(self.response)
        with _named_breaks(self.assembly):
            for chunk in self.response.iter_bytes():
                yield from self._read(chunk)


class AsyncEventStream(_Events):
    """The events of one open stream, in order; after the last, `reply()` is the whole reply."""

    async def __aiter__(self) -> AsyncIterator[Event]:
        with _named_breaks(self.assembly), self.silence.watch() as watch:
            async for chunk in self.response.aiter_bytes():
                watch.end()
                for event in self._read(chunk):
                    yield event
                watch.begin()


def as_event(event: Event) -> RawMessageStreamEvent | None:
    """Return an event of a stream as the SDK's own object; None for a kind that the SDK does not know."""
    kind = _event_types().get(event["type"])
    return None if kind is None else kind.construct(**event)


@functools.cache
def _event_types() -> dict[str, Any]:
    from anthropic.types import RawMessageStreamEvent

    members = get_args(get_args(RawMessageStreamEvent)[0])  # of Annotated[Union[...], ...]
    return {get_args(member.model_fields["type"].annotation)[0]: member for member in members}


def failure_of(error: Exception, started: float = 0.0, partial: Reply | None = None) -> Failure | None:
    """Return an error of the SDK, or of an answer that was none, as a value; None for an error of any other kind."""
    import anthropic

    when: dict[str, Any] = {"started": started, "ended": time.monotonic(), "error": error}
    match error:
        case StreamInterrupted():
            return Failure(
                kind="stream",
                message=str(error),
                type=error.error_type,
                request_id=error.request_id,
                text=error.text,
                partial=partial,
                **when,
            )
        case NotAMessageError():
            broken_off = not error.body.strip() or error.body.lstrip()[:1] == b"{"
            kind: Kind = "stream" if broken_off else "answer"
            return Failure(kind=kind, message=str(error), request_id=error.request_id, **when)
        case anthropic.APIStatusError():
            return Failure(
                kind="status",
                message=error.api_message or error.message,
                status=error.status_code,
                type=error.type,
                code=error.error_code,
                request_id=error.request_id,
                retry_after=retry_after_in(error.response.headers),
                should_retry=SHOULD_RETRY.get(error.response.headers.get("x-should-retry", "")),
                headers=error.response.headers,
                **when,
            )
        case anthropic.APITimeoutError():
            return Failure(kind="timeout", message="no answer in time", **when)
        case anthropic.APIConnectionError():
            where = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
            why = str(error.__cause__ or "") or error.message
            return Failure(kind="connection", message=f"cannot reach {where}: {why}", **when)
        case anthropic.AnthropicError():
            return Failure(kind="other", message=str(error), **when)
    return None


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Return what `retry-after` asks for, in seconds; None where it asks nothing that can be understood."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * scale)
        except (KeyError, ValueError):
            continue
    moment = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return None if moment is None else max(0.0, email.utils.mktime_tz(moment) - time.time())


def _options(call: Send | Count, client: Anthropic | AsyncAnthropic) -> RequestOptions:
    options: RequestOptions = {"headers": call.headers, "max_retries": 0}  # a turn has its own policy
    if call.timeout is not None:
        options["timeout"] = call.timeout
    if call.left is not None:
        options["timeout"] = _shorter(client.timeout if call.timeout is None else call.timeout, call.left)
    return options


def _shorter(timeout: float | httpx2.Timeout | None, left: float) -> float | httpx2.Timeout:
    """Return a timeout with nothing in it that is longer than what is left."""
    import httpx2

    bounds = httpx2.Timeout(timeout).as_dict()
    return httpx2.Timeout(**{name: left if bound is None else min(bound, left) for name, bound in bounds.items()})


@contextlib.contextmanager
def _named_credentials_error() -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        if "Could not resolve authentication method" not in str(error):
            raise
        raise MissingCredentialsError from error


@contextlib.contextmanager
def _named_breaks(assembly: Assembly) -> Iterator[None]:
    """Give a connection that breaks while a stream is read the name it has everywhere in Clarion."""
    import httpx2

    try:
        yield
    except httpx2.TimeoutException as error:
        raise assembly.interrupted("nothing more came before the timeout") from error
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        raise assembly.interrupted(f"the connection failed ({str(error) or type(error).__name__})") from error


def _reply(message: dict[str, Any], response: httpx2.Response, start: float, first_token: float | None = None) -> Reply:
    return Reply(
        message=message,
        request_id=_request_id(response),
        latency=time.monotonic() - start,
        time_to_first_token=first_token,
        emulated=response.headers.get("server") == EMULATOR,
        build=sdk_message,
        headers=response.headers,
    )


def _request_id(response: httpx2.Response) -> str | None:
    return response.headers.get("request-id")


def sdk_message(reply: Reply) -> Message:
    """Return the message of a reply as the SDK's own object."""
    from anthropic.types import Message

    message = Message.construct(**reply.message)
    message._request_id = reply.request_id  # noqa: SLF001 -- the SDK's own public name for it, underscore and all
    return message
