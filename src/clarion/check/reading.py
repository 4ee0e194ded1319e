"""Files as text, or the reason why not. Nothing that is on a disk makes this fail."""

from __future__ import annotations

import codecs
import io
import stat
import tokenize
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

HUGE = 20 * 1024 * 1024
TELLING = (b"claude", b"anthropic")  # lower case; a file without any has nothing to be found
HEAD = 8192


class Source(NamedTuple):
    """The text of a file, and the encoding by which it becomes the same bytes again."""

    text: str
    encoding: str

    def encode(self, text: str) -> bytes:
        """Return another text as bytes, in the encoding of this one."""
        return text.encode(self.encoding, "surrogateescape")


class Unread(NamedTuple):
    """Why a file was not looked into."""

    why: str


def read(path: Path, *, is_python: bool, huge: int = HUGE) -> Source | Unread | None:
    """Return the text of a file, why there is none, or None if nothing in it can concern Claude."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Unread("is no regular file")
        with path.open("rb") as file:
            data = file.read(huge + 1)
    except OSError as error:
        return Unread(f"cannot be read: {error.strerror or error}")
    if len(data) > huge:
        return Unread(f"is larger than {huge // 1024 // 1024} MB")
    if not is_telling(data):
        return None
    if b"\0" in data[:HEAD]:
        return Unread("is binary")
    return decoded(data, is_python=is_python)


def is_telling(data: bytes) -> bool:
    """Whether bytes have a word that a finding cannot do without."""
    lower = data.lower()
    return any(word in lower for word in TELLING)


def decoded(data: bytes, *, is_python: bool = False) -> Source | Unread:
    """Return bytes as text: Python's by its own declaration, any other as UTF-8, keeping what is not."""
    if not is_python:
        encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
        return Source(data.decode(encoding, "surrogateescape"), encoding)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return Source(data.decode(encoding), encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        return Unread(f"is not in the encoding it should be: {error}")
