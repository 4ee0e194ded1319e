"""Plain posts over connections that are kept: an answer is whole, or an error."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from clarion._errors import InvalidSettingError
from clarion._http import Address, Answer, is_enough_for

ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRequest-Id: req_1\r\n\r\nhi"


class Peer:
    """A server that answers each request on a connection with the next of some bytes, then closes it."""

    def __init__(self, *answers: bytes, hold: bool = False) -> None:
        self.answers = answers
        self.hold = hold
        self.connections = 0
        self.asked: list[bytes] = []
        self.talks: list[asyncio.Future[None]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.talks.append(asyncio.ensure_future(self._talk(reader, writer)))
        await self.talks[-1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            for answer in self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                for piece in (answer[:20], answer[20:]):
                    writer.write(piece)
                    await asyncio.sleep(0)
            if self.hold:
                await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def address(peer: Peer, tls: ssl.SSLContext | None = None, *, idle: float = 60.0) -> AsyncIterator[Address]:
    server = await asyncio.start_server(peer, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()
    found = Address(f"{'https' if tls else 'http'}://{host}:{port}/v1/messages", {"X-Key": "k"}, connect=5.0, idle=idle)
    try:
        yield found
    finally:
        found.close()
        server.close()
        await asyncio.gather(*peer.talks)


async def posted(peer: Peer, *, read: float = 5.0) -> Answer:
    async with address(peer) as to:
        return await to.post(b"{}", {}, read=read)


def test_an_answer_comes_whole_with_names_of_headers_in_lower_case() -> None:
    assert asyncio.run(posted(Peer(OK))) == Answer(200, {"content-length": "2", "request-id": "req_1"}, b"hi")


def test_what_is_sent_is_a_post_with_the_headers_of_all_and_of_this_one() -> None:
    async def ask() -> None:
        async with address(peer) as to:
            await to.post(b'{"a": 1}', {"x-key": "other", "anthropic-beta": "b"}, read=5.0)

    peer = Peer(OK)
    asyncio.run(ask())

    head, _, body = peer.asked[0].partition(b"\r\n\r\n")
    line, host, *headers = head.split(b"\r\n")
    assert line == b"POST /v1/messages HTTP/1.1"
    assert host.startswith(b"host: 127.0.0.1:")
    assert headers == [b"x-key: other", b"anthropic-beta: b", b"content-length: 8"]
    assert body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n4\r\n you\r\n0\r\n\r\n", b"hi you"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<p>until the end", b"<p>until the end"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, b"hi"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(b"hello"))
            + gzip.compress(b"hello"),
            b"hello",
        ),
    ],
    ids=["chunked", "no length", "early hints", "gzip"],
)
def test_a_body_is_read_to_its_end(answer: bytes, body: bytes) -> None:
    assert asyncio.run(posted(Peer(answer))).body == body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nConte",
        b"no HTTP at all, is it?\r\n",
    ],
    ids=["nothing", "half a body", "half a head", "something else"],
)
def test_what_is_not_a_whole_answer_is_a_connection_error(answer: bytes) -> None:
    with pytest.raises(ConnectionError):
        asyncio.run(posted(Peer(answer)))


def test_a_broken_compression_is_a_connection_error() -> None:
    with pytest.raises(ConnectionError):
        asyncio.run(posted(Peer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi")))


def test_an_answer_that_unpacks_to_more_than_any_has_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion._http.MAX_ANSWER", 10_000)
    bomb = gzip.compress(bytes(10**6))
    assert len(bomb) < 10_000

    with pytest.raises(ConnectionError, match=r"cannot be unpacked \(there are more than 10,000 bytes in it\)"):
        asyncio.run(posted(Peer(ZIPPED % len(bomb) + bomb)))


def test_half_of_a_packed_answer_is_a_connection_error() -> None:
    half = gzip.compress(b"hello" * 100)[:-10]

    with pytest.raises(ConnectionError, match="ends too early"):
        asyncio.run(posted(Peer(ZIPPED % len(half) + half)))


def test_an_answer_without_end_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion._http.MAX_ANSWER", 10_000)

    with pytest.raises(ConnectionError, match="more came than 10,000 bytes"):
        asyncio.run(posted(Peer(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(20_000))))


def test_a_silent_server_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(posted(Peer(OK[:-1], hold=True), read=0.05))


def test_a_connection_is_kept_for_the_next_post() -> None:
    async def ask() -> None:
        async with address(peer) as to:
            for _ in range(3):
                await to.post(b"{}", {}, read=5.0)

    peer = Peer(OK, OK, OK)
    asyncio.run(ask())

    assert peer.connections == 1


@pytest.mark.parametrize(
    "first",
    [OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), OK + OK, OK[:-1]],
    ids=["to be closed", "one answer too many", "an answer that did not come"],
)
def test_a_connection_that_may_not_be_sound_is_not_kept(first: bytes) -> None:
    async def ask() -> None:
        async with address(peer) as to:
            for _ in range(2):
                try:
                    await to.post(b"{}", {}, read=0.1)
                except TimeoutError:
                    assert first == OK[:-1]

    peer = Peer(first, OK, hold=True)
    asyncio.run(ask())

    assert peer.connections == 2


def test_a_connection_that_was_idle_for_too_long_is_not_used() -> None:
    async def ask() -> None:
        async with address(peer, idle=0.0) as to:
            for _ in range(2):
                await to.post(b"{}", {}, read=5.0)

    peer = Peer(OK, OK)
    asyncio.run(ask())

    assert peer.connections == 2


def test_posts_go_over_uvloop_as_well() -> None:
    with asyncio.Runner(loop_factory=pytest.importorskip("uvloop").new_event_loop) as runner:
        assert runner.run(posted(Peer(OK))).body == b"hi"


def test_a_post_that_is_cancelled_leaves_no_connection_behind() -> None:
    async def ask() -> None:
        async with address(peer) as to:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await to.post(b"{}", {}, read=5.0)
            assert not to._idle

    peer = Peer(OK[:-1], hold=True)
    asyncio.run(ask())


def test_a_header_cannot_smuggle_in_another() -> None:
    with pytest.raises(InvalidSettingError, match="x-note"):
        Address("http://localhost", {"x-note": "a\r\nx-key: stolen"}, connect=1.0, idle=1.0)


def test_nobody_listening_is_a_connection_error() -> None:
    async def ask() -> None:
        async with address(Peer()) as to:
            pass
        await to.post(b"{}", {}, read=1.0)

    with pytest.raises(ConnectionError):
        asyncio.run(ask())


def test_a_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    async def ask() -> Answer:
        async with address(Peer(OK), tls) as to:
            return await to.post(b"{}", {}, read=5.0)

    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(ask())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asyncio.run(ask()).body == b"hi"


@pytest.mark.parametrize("url", ["ftp://a/b", "https://user:password@a/b", "https://a/b?c=d"])
def test_an_unusual_address_goes_another_way(url: str) -> None:
    assert not is_enough_for(url)


def test_a_proxy_goes_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_enough_for("https://a/b")
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
    assert not is_enough_for("https://a/b")


def self_signed(folder: Path) -> Path:
    """A certificate of 127.0.0.1 and its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "clarion")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return path
