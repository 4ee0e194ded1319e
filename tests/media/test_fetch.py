from __future__ import annotations

import gzip
import ipaddress
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clarion import Document, Image, MediaError
from clarion._media.fetch import MAX_REDIRECTS, Address, Policy, fetch, is_public
from media.pictures import flag, saved

PNG = saved(flag(), "PNG")
LOOPBACK = ipaddress.ip_address("127.0.0.1")
LOCAL = Policy(allows=lambda address: address == LOOPBACK)


class Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(f"{self.headers['Host']} {self.path}")
        kind, _, rest = self.path.strip("/").partition("/")
        match kind:
            case "to":
                self.answer(302, location=f"http://{rest}")
            case "round":
                self.answer(307, location=f"/round/{int(rest) - 1}" if int(rest) else "/flag")
            case "flag":
                self.answer(200, PNG)
            case "packed":
                self.answer(200, gzip.compress(bytes(10**6)), encoding="gzip")
            case "endless":
                self.endless()
            case _:
                self.answer(404)

    def answer(self, status: int, body: bytes = b"", *, location: str = "", encoding: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        self.wfile.write(body)

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(10_000))
        except OSError:
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def host(asked: list[str]) -> Iterator[str]:
    class Here(Handler):
        pass

    Here.asked = asked
    with ThreadingHTTPServer(("127.0.0.1", 0), Here) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_is_fetched(host: str) -> None:
    assert fetch(f"http://{host}/flag", 10_000, policy=LOCAL) == PNG


def test_redirects_are_followed_up_to_five(host: str) -> None:
    assert fetch(f"http://{host}/round/{MAX_REDIRECTS - 1}", 10_000, policy=LOCAL) == PNG
    with pytest.raises(MediaError, match="more than 5 redirects"):
        fetch(f"http://{host}/round/{MAX_REDIRECTS}", 10_000, policy=LOCAL)


@pytest.mark.parametrize("target", ["10.0.0.1/", "169.254.169.254/latest/meta-data", "[::1]:80/", "2130706434/"])
def test_a_redirect_to_a_forbidden_address_is_not_followed(host: str, target: str) -> None:
    with pytest.raises(MediaError, match="no public address"):
        fetch(f"http://{host}/to/{target}", 10_000, policy=LOCAL)


def test_a_redirect_to_another_scheme_is_not_followed(host: str) -> None:
    class ToFile(Handler):
        asked: list[str] = []  # noqa: RUF012 -- never read

        def do_GET(self) -> None:
            self.answer(302, location="file:///etc/passwd")

    with ThreadingHTTPServer(("127.0.0.1", 0), ToFile) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(MediaError, match="only http:// and https://"):
            fetch(f"http://127.0.0.1:{server.server_port}/", 10_000, policy=LOCAL)


def test_a_host_is_resolved_once_and_the_checked_address_is_connected_to(host: str, asked: list[str]) -> None:
    port = host.partition(":")[2]
    resolved: list[str] = []

    def resolve(name: str, _port: int) -> Sequence[str]:
        resolved.append(name)
        return ["127.0.0.1"] if len(resolved) == 1 else ["10.0.0.1"]

    policy = Policy(allows=LOCAL.allows, resolve=resolve)

    assert fetch(f"http://pictures.example:{port}/flag", 10_000, policy=policy) == PNG
    assert resolved == ["pictures.example"]
    assert asked == [f"pictures.example:{port} /flag"]


def test_one_forbidden_address_forbids_the_host() -> None:
    policy = Policy(resolve=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])

    with pytest.raises(MediaError, match=r"pictures\.example is 10\.0\.0\.1, no public address"):
        fetch("http://pictures.example/", 10_000, policy=policy)


def test_the_next_address_is_tried_when_one_cannot_be_reached(host: str) -> None:
    def allows(address: Address) -> bool:
        return address.is_loopback

    policy = Policy(allows=allows, resolve=lambda _host, _port: ["::1", "127.0.0.1"])

    assert fetch(f"http://pictures.example:{host.partition(':')[2]}/flag", 10_000, policy=policy) == PNG


def test_a_body_without_end_is_given_up_at_the_limit(host: str) -> None:
    start = time.monotonic()

    with pytest.raises(MediaError, match="over 100,000 bytes"):
        fetch(f"http://{host}/endless", 100_000, policy=LOCAL)

    assert time.monotonic() - start < 30


def test_what_comes_packed_is_not_unpacked(host: str) -> None:
    with pytest.raises(MediaError, match=r"/packed is not fetched: it came packed \(gzip\)"):
        fetch(f"http://{host}/packed", 10**7, policy=LOCAL)


def test_an_error_of_the_server_is_told(host: str) -> None:
    with pytest.raises(MediaError, match=r"/nothing: the server answered 404"):
        fetch(f"http://{host}/nothing", 10_000, policy=LOCAL)


@pytest.mark.parametrize("url", ["http://pictures.example:1/", "http://127.0.0.1:1/"])
def test_a_server_that_cannot_be_reached_is_told(url: str) -> None:
    policy = Policy(allows=LOCAL.allows, resolve=lambda _host, _port: ["127.0.0.1"])

    with pytest.raises(MediaError, match="cannot fetch http"):
        fetch(url, 10_000, policy=policy)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::]",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
    ],
)
def test_by_default_no_address_of_a_private_network_is_asked(host: str) -> None:
    for kind in (Image, Document):
        with pytest.raises(MediaError, match=r"no public address|cannot fetch"):
            kind(f"http://{host}:9/a.png", fetch=True).block()


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/a", "http:///a", "http://[::1", "//x"])
def test_only_whole_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(MediaError, match=r"cannot be fetched|cannot fetch"):
        fetch(url, 10_000)
