"""What the server reads: requests out of bytes, however they are cut, and a refusal of everything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.emulator.server.reader import Head, Reader
from clarion.emulator.wire import Refusal

TINY = 100  # bytes a body may have here

PLAIN = b"GET /v1/models?limit=1 HTTP/1.1\r\nhost: a\r\n\r\n"
SIZED = b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /v1/messages HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\ntrailer: x\r\n\r\n"
)
OLD = b"GET /old HTTP/1.0\r\n\r\n"
PIECES = {PLAIN: b"", SIZED: b"hello", CHUNKED: b"hello", OLD: b""}


def reader() -> Reader:
    return Reader(lambda path: TINY)


def read(*parts: bytes) -> list[tuple[Head, bytes]]:
    """Feed a reader part by part; return all requests."""
    one, found = reader(), []
    for part in parts:
        one.feed(part)
        while (request := one.next()) is not None:
            found.append(request)
    return found


def refused(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(data)
    return caught.value


@settings(deadline=None)
@given(st.lists(st.sampled_from(list(PIECES)), min_size=1, max_size=5), st.data())
def test_requests_are_the_same_however_their_bytes_are_cut(requests: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(requests)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)), max_size=12)))

    found = read(*(sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)))

    assert [body for _, body in found] == [PIECES[request] for request in requests]
    assert found == read(sent)


def test_a_request_may_come_byte_by_byte() -> None:
    sent = SIZED + CHUNKED + PLAIN

    assert read(*(sent[i : i + 1] for i in range(len(sent)))) == read(sent)


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from([*PIECES, b"\r\n", b" ", b":", b"0", b"chunked"]) | st.binary(max_size=20)))
def test_any_bytes_are_requests_or_are_refused(parts: list[bytes]) -> None:
    status = 200
    try:
        read(*parts)
    except Refusal as refusal:
        status = refusal.status

    assert status in {200, 400, 413, 417, 431, 501, 505}


def test_a_head_tells_method_target_and_headers() -> None:
    [(head, body)] = read(b"POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nX-One:  two \r\nx-one: three\r\n\r\n")

    assert (head.method, head.target, body) == ("POST", "/a%20b?c=d", b"")
    assert head.headers == {"host": "a", "x-one": "two, three"}
    assert head.is_modern
    assert head.is_kept


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        ("HTTP/1.1\r\nhost: a", True),
        ("HTTP/1.1\r\nhost: a\r\nconnection: Close", False),
        ("HTTP/1.0", False),
        ("HTTP/1.0\r\nconnection: Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_as_its_version_and_header_say(line: str, is_kept: bool) -> None:
    [(head, _)] = read(f"GET / {line}\r\n\r\n".encode())

    assert head.is_kept is is_kept


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://emulator:80/v1/models?a=b", "/v1/models?a=b"),
        ("HTTP://emulator", "/"),
        ("http://e?a", "/?a"),
        ("*", "*"),
    ],
)
def test_a_target_for_a_proxy_is_taken_for_ours(target: str, path: str) -> None:
    [(head, _)] = read(f"OPTIONS {target} HTTP/1.1\r\nhost: a\r\n\r\n".encode())

    assert head.target == path


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        (b"\x16\x03\x01\x02\x00\x01", 400, "is the client told to use https"),
        (b"hello\r\n", 400, "this is no HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\n", 505, "HTTP/1.1 and HTTP/1.0"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "host header"),
        (b"GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nhost : a\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nhost: a\nx: b\r\n\r\n", 400, "malformed"),
        (b"CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n", 400, "no path"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000, 431, "head"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", 400, "content-length '-1'"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400, "content-length '1, 2'"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 101\r\n\r\n", 413, "maximum size"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400, "does not go"),
        (b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n", 400, "does not go"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501, "gzip"),
        (b"POST / HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n", 417, "tea"),
        (CHUNKED.replace(b"3\r\nhel", b"0x3\r\nhel"), 400, "size"),
        (CHUNKED.replace(b"3\r\nhel", b"2\r\nhel"), 400, "longer than its size"),
        (CHUNKED.replace(b"3\r\nhel", b"65\r\nhel"), 413, "maximum size"),
        (CHUNKED.replace(b"3\r\nhel", b"3;" + b"y" * 5000), 400, "line"),
        (CHUNKED.replace(b"trailer: x", b"trailer: " + b"y" * 70_000), 400, "line"),
        (CHUNKED.replace(b"trailer: x\r\n", b"trailer: y\r\n" * 7_000), 431, "trailers"),
    ],
)  # fmt: skip
def test_what_is_no_good_request_is_refused(data: bytes, status: int, message: str) -> None:
    refusal = refused(data)

    assert refusal.status == status
    assert message in refusal.message


def test_a_chunk_that_makes_a_body_too_large_is_refused_before_it_comes() -> None:
    one = reader()
    one.feed(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n64\r\n" + b"x" * 100 + b"\r\n")
    assert one.next() is None

    one.feed(b"1\r\n")

    with pytest.raises(Refusal):
        one.next()


def test_the_limit_is_that_of_the_path_without_its_query() -> None:
    asked: list[str] = []

    def limit(path: str) -> int:
        asked.append(path)
        return TINY

    one = Reader(limit)
    one.feed(b"POST /v1/%66iles?a=b HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n")
    one.next()

    assert asked == ["/v1/files"]


def test_a_client_that_waits_for_leave_is_known_until_its_body_is_there() -> None:
    one = reader()
    one.feed(b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-Continue\r\ncontent-length: 2\r\n\r\n")
    assert one.next() is None
    assert one.expects_continue

    one.feed(b"hi")

    assert one.next() is not None
    assert not one.expects_continue
