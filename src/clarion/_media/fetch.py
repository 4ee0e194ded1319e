"""Files from the web, for a program that must not be led to its own network.

Every host, that of a redirect too, is resolved once; all its addresses are checked; and the connection goes to a
checked address, not to the name again, which could mean another one by then. Proxies of the environment are not used,
because they would resolve names by themselves.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx2

MAX_REDIRECTS = 5
MAX_WAIT = 10.0  # seconds without a byte
MAX_TIME = 60.0  # seconds for the whole body
REDIRECTS = (301, 302, 303, 307, 308)

NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet, also when an IPv4 address is wrapped into it."""
    inner = _unwrapped(address)
    return (
        inner.is_global
        and not inner.is_multicast
        and not inner.is_reserved
        and not (isinstance(inner, ipaddress.IPv6Address) and inner.is_site_local)
    )


def addresses(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, in whatever way it is spelled."""
    return tuple(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@dataclass(frozen=True, slots=True)
class Policy:
    """Which addresses may be connected to, and how a host becomes addresses."""

    allows: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], Sequence[str]] = addresses


PUBLIC = Policy()


def fetch(url: str, limit: int, *, policy: Policy = PUBLIC) -> bytes:
    """Return what is at a URL. Raises MediaError for a forbidden address, a failure, or more bytes than the limit."""
    import httpx2

    try:
        with httpx2.Client(trust_env=False, timeout=MAX_WAIT) as client:
            return _followed(client, httpx2.URL(url), limit, policy)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError, ValueError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"cannot fetch {url}: {str(error) or type(error).__name__}") from error


def _followed(client: httpx2.Client, url: httpx2.URL, limit: int, policy: Policy) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        answer = _answer(client, url, policy)
        try:
            location = answer.headers.get("location")
            if answer.status_code not in REDIRECTS or not location:
                return _body(answer, url, limit)
            url = url.join(location)
        finally:
            answer.close()
    raise MediaError(f"more than {MAX_REDIRECTS} redirects, the last one to {url}")


def _answer(client: httpx2.Client, url: httpx2.URL, policy: Policy) -> httpx2.Response:
    """Connect to the first address that can be reached, and return the answer, its body unread."""
    import httpx2

    host = url.raw_host.decode("ascii").strip("[]")
    *others, last = _checked(url, host, policy)
    for address in others:
        try:
            return _sent(client, url, host, address)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            continue
    return _sent(client, url, host, last)


def _checked(url: httpx2.URL, host: str, policy: Policy) -> Sequence[Address]:
    """Return the addresses of a URL. Raises MediaError if any of them is forbidden."""
    if url.scheme not in ("http", "https") or not host:
        raise MediaError(f"{url} cannot be fetched: only http:// and https:// URLs can")
    port = url.port or (443 if url.scheme == "https" else 80)
    found = [ipaddress.ip_address(address) for address in policy.resolve(host, port)]
    forbidden = next((address for address in found if not policy.allows(address)), None)
    if forbidden is not None:
        raise MediaError(f"{url} is not fetched: {host} is {forbidden}, no public address; pass the file itself")
    if not found:
        raise MediaError(f"{url} cannot be fetched: {host} has no address")
    return found


def _sent(client: httpx2.Client, url: httpx2.URL, host: str, address: Address) -> httpx2.Response:
    """Ask the host at this address; its certificate must be that of the host."""
    request = client.build_request(
        "GET",
        url.copy_with(host=str(address)),
        headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", "User-Agent": "clarion"},
        extensions={"sni_hostname": host},
    )
    return client.send(request, stream=True, follow_redirects=False)


def _body(answer: httpx2.Response, url: httpx2.URL, limit: int) -> bytes:
    if answer.status_code != 200:
        raise MediaError(f"cannot fetch {url}: the server answered {answer.status_code}")
    packed = answer.headers.get("content-encoding", "identity")
    if packed != "identity":  # a few bytes could unpack to any number
        raise MediaError(f"{url} is not fetched: it came packed ({packed}), which was not asked for")
    deadline = time.monotonic() + MAX_TIME
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > limit:
            raise MediaError(f"{url} is over {limit:,} bytes, the most that is read")
        if time.monotonic() > deadline:
            raise MediaError(f"{url} took over {MAX_TIME:.0f} seconds and was given up after {len(body):,} bytes")
    return bytes(body)


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
