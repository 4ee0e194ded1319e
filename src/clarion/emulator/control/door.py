"""Who may use the console: programs, and the console's own page; no page of another site.

The console asks for no key. A browser sends requests for any page that it shows, so the page of a stranger could read
the log or move the clock, by asking across sites or by giving its own name our address (DNS rebinding). Browsers say
which site asks, and what name it went by.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clarion.emulator.wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check"]

OURS = (".localhost", ".internal")  # nobody can register names below these, nor one without a dot
SAME = frozenset({"same-origin", "none"})


def check(method: str, headers: Mapping[str, str]) -> None:
    """Refuse what the page of another site may have asked for; names of headers are in lower case."""
    host = headers.get("host", "localhost")
    if not _is_local(host):
        raise Refusal(
            403, f"{host} is no name of this server; use its IP address or localhost", kind="permission_error"
        )
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise Refusal(403, f"{origin} is another site, and may not ask", kind="permission_error")
    if headers.get("sec-fetch-site", "none") not in SAME:
        raise Refusal(403, "another site may not ask", kind="permission_error")
    if method == "POST" and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "the content type must be application/json", kind="invalid_request_error")


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(OURS)
    return True
