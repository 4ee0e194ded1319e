"""The web as the emulator knows it: pages it makes up about whatever is looked for, at addresses that lead nowhere."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clarion.emulator.answer.citing import Passage

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["address", "cited", "fetched", "found"]

Tool = dict[str, Any]

DOMAINS = ("example.com", "example.org", "example.net")
URL = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
SLUG = re.compile(r"[^a-z0-9]+")
KINDS = ("An introduction to", "Questions about", "Notes on")


def address(words: str) -> str | None:
    """Return the first web address in a text."""
    match = URL.search(words)
    return match.group() if match else None


def found(tool: Tool, query: str) -> list[dict[str, Any]]:
    """Return the content of a search's result: one page a domain the tool may look at."""
    return [
        {
            "type": "web_search_result",
            "title": title,
            "url": url,
            "encrypted_content": _opaque(url + text, 240),
            "page_age": None,
        }
        for title, url, text in _pages(tool, query)
    ]


def _pages(tool: Tool, query: str) -> list[tuple[str, str, str]]:
    """Return title, address and text of the pages a search finds."""
    slug = SLUG.sub("-", query.lower()).strip("-")[:40] or "page"
    titles = [f"{kind} {query[:60].strip()}" for kind in KINDS]
    blocked = tool.get("blocked_domains") or ()
    domains = tool.get("allowed_domains") or [domain for domain in DOMAINS if domain not in blocked]
    return [
        (title, f"https://{domain.rstrip('/*')}/{slug}", f"“{title}” is a page of the emulator; nobody wrote it.")
        for title, domain in zip(titles, domains, strict=False)
    ]


def cited(tool: Tool, query: str) -> list[Passage]:
    """Return what an answer cites of the pages a search found."""
    return [
        Passage(title, text, {
            "type": "web_search_result_location",
            "cited_text": text,
            "encrypted_index": _opaque(url, 60),
            "title": title,
            "url": url,
        })
        for title, url, text in _pages(tool, query)[:2]
    ]  # fmt: skip


def fetched(tool: Tool, url: str, words: str, now: datetime) -> dict[str, Any]:
    """Return the content of a fetch's result: a page of text, or the error of an address that may not be read."""
    error = _error(tool, url, words)
    if error:
        return {"type": "web_fetch_tool_result_error", "error_code": error}
    text = f"This page stands for {url}. The emulator fetches nothing."
    document = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": text},
        "title": f"A page of {urlsplit(url).hostname}",
        "citations": {"enabled": bool((tool.get("citations") or {}).get("enabled"))},
    }
    return {
        "type": "web_fetch_result",
        "url": url,
        "content": document,
        "retrieved_at": now.isoformat(timespec="seconds"),
    }


def _error(tool: Tool, url: str, words: str) -> str | None:
    allowed, blocked = tool.get("allowed_domains"), tool.get("blocked_domains") or ()
    if url not in words:
        return "url_not_in_prior_context"
    if (allowed and not any(_covers(each, url) for each in allowed)) or any(_covers(each, url) for each in blocked):
        return "url_not_allowed"
    return None


def _covers(domain: str, url: str) -> bool:
    host, _, path = domain.partition("/")
    parts = urlsplit(url)
    hostname = parts.hostname or ""
    is_host = hostname == host or hostname.endswith(f".{host}")
    return is_host and parts.path.startswith(f"/{path.rstrip('*')}" if path else "")


def _opaque(text: str, size: int) -> str:
    return b64encode(hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(size)).decode()
