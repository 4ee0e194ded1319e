"""The normal form of a request: what two requests have in common that should get the same answer.

Left out are headers, the order of keys, fields that are null, `metadata`, cache marks, signatures, and `beta=true`.
A string is the same as one text block with it. Ids of messages and tool calls are numbered as they turn up. Base64 of
some length is its digest, and so is a body that is no JSON, without the boundary of a multipart one. What a pattern to
be ignored matches is `...`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from clarion.emulator.recording.secrets import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion.emulator.asked import Asked

__all__ = ["Normal", "differences", "readable"]

LEFT_OUT = frozenset({"metadata", "cache_control"})
SEALS = frozenset({"signature", "encrypted_content", "encrypted_index"})
ID = re.compile(r"(msg|req|toolu|srvtoolu|mcptoolu)_\w+")
BOUNDARY = re.compile(r'boundary="?([^";]+)')
LONG = 1024  # characters of base64 that are kept as they are
SHOWN = 60  # characters of a value in a difference


def readable(asked: Asked) -> Any:
    """Return a request's body as a tape keeps it: JSON without secrets and with long base64 shortened, or a digest."""
    body = scrubbed(asked.body)
    if not body:
        return None
    try:
        return _shortened(orjson.loads(body))
    except orjson.JSONDecodeError:
        kind = {name.lower(): value for name, value in asked.headers.items()}.get("content-type", "")
        if boundary := BOUNDARY.search(kind):
            body = body.replace(boundary[1].encode(), b"boundary")
        return _digest(body, "bytes")


@dataclass(frozen=True, slots=True)
class Normal:
    """A request in normal form. Requests that are equal in it have the same `key`."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: Any
    key: str = field(init=False, default="")

    def __post_init__(self) -> None:
        form = [self.method, self.path, self.query, self.body]
        digest = hashlib.blake2b(orjson.dumps(form, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()
        object.__setattr__(self, "key", digest)

    @classmethod
    def of(cls, method: str, target: str, body: Any, ignore: Sequence[re.Pattern[str]] = ()) -> Normal:
        """Return the normal form of a request whose body has been made readable."""
        path, _, query = target.partition("?")
        asked = sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if pair != ("beta", "true"))
        return cls(method, path, tuple(asked), _Reader(ignore).read(body))


class _Reader:
    """Brings data into normal form; knows the ids it has met."""

    def __init__(self, ignore: Sequence[re.Pattern[str]]) -> None:
        self._ignore = ignore
        self._ids: dict[str, str] = {}

    def read(self, value: Any, name: str = "") -> Any:
        match value:
            case dict():
                kept = {key: each for key, each in sorted(value.items()) if each is not None and key not in LEFT_OUT}
                return {key: "..." if key in SEALS else self.read(each, key) for key, each in kept.items()}
            case list():
                return [self.read(each) for each in value]
            case str() if name in {"content", "system"}:
                return [{"text": self._text(value), "type": "text"}]
            case str():
                return self._text(value)
        return value

    def _text(self, text: str) -> str:
        if found := ID.fullmatch(text):
            return self._ids.setdefault(text, f"{found[1]}_{len(self._ids) + 1}")
        for pattern in self._ignore:
            text = pattern.sub("...", text)
        return text


def differences(recorded: Normal, asked: Normal) -> list[str]:
    """Return what differs between two requests, a line for each place."""
    ours, theirs = dict(_leaves(recorded)), dict(_leaves(asked))
    places = [place for place in {**ours, **theirs} if ours.get(place, _MISSING) != theirs.get(place, _MISSING)]
    return [_difference(place, ours.get(place, _MISSING), theirs.get(place, _MISSING)) for place in places]


_MISSING = object()


def _difference(place: str, recorded: object, asked: object) -> str:
    if recorded is _MISSING:
        return f"{place}: {_shown(asked)} was asked, and is not in the recording"
    if asked is _MISSING:
        return f"{place}: {_shown(recorded)} is recorded, and was not asked"
    return f"{place}: {_shown(recorded, asked)} is recorded, {_shown(asked, recorded)} was asked"


def _shown(value: object, other: object = None) -> str:
    """Return a value as it is written, of a long text the part where it begins to differ from the other."""
    if not isinstance(value, str) or len(value) <= SHOWN:
        return repr(value)
    start = 0
    if isinstance(other, str):
        same = next((i for i, pair in enumerate(zip(value, other, strict=False)) if pair[0] != pair[1]), len(other))
        start = max(0, min(same, len(value)) - SHOWN // 3)
    piece = value[start : start + SHOWN]
    return f"{'...' if start else ''}{piece!r}{'...' if start + SHOWN < len(value) else ''}"


def _leaves(normal: Normal) -> Iterator[tuple[str, object]]:
    yield "method", normal.method
    yield "path", normal.path
    for name, value in normal.query:
        yield f"query {name}", value
    yield from _walk("body", normal.body)


def _walk(place: str, value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _walk(f"{place}.{key}", each)
    elif isinstance(value, list) and value:
        for index, each in enumerate(value):
            yield from _walk(f"{place}.{index}", each)
    else:
        yield place, value


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        is_base64 = value.get("type") == "base64"
        return {
            key: _digest(each.encode(), "characters")
            if is_base64 and key == "data" and isinstance(each, str) and len(each) > LONG
            else _shortened(each)
            for key, each in value.items()
        }
    return [_shortened(each) for each in value] if isinstance(value, list) else value


def _digest(data: bytes, unit: str) -> str:
    return f"{len(data)} {unit}, sha256 {hashlib.sha256(data).hexdigest()[:32]}"
