"""What the SDK cannot send, in words that name it. Nothing was sent, and nothing is to be tried again."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clarion._errors import InvalidPromptError, InvalidSettingError, MissingCredentialsError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def named(body: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Tell a call that cannot be made by what is missing or wrong: the credentials, or a value of its `body`.

    Raises MissingCredentialsError; InvalidPromptError or InvalidSettingError for what JSON does not have.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        if "Could not resolve authentication method" in str(error):
            raise MissingCredentialsError from error
        flaw = next(flaws(body or {}), None)
        if flaw is None:
            raise
        kind = InvalidPromptError if flaw.startswith("messages") else InvalidSettingError
        raise kind(flaw) from error


def flaws(value: Any, where: str = "") -> Iterator[str]:
    """Yield a sentence for each value in a body that JSON, or UTF-8, does not have."""
    match value:
        case str():
            yield from _flaws_of_text(value, where)
        case float() if not math.isfinite(value):
            yield f"{where} is {value}, which JSON does not have: pass a finite number"
        case bytes() | bytearray() | memoryview():
            yield f"{where} is {type(value).__name__}, which JSON does not have: pass a text (base64 of it, for a file)"
        case Mapping():
            for key, item in value.items():
                yield from flaws(item, f"{where}.{key}" if where else str(key))
        case Sequence():
            for index, item in enumerate(value):
                yield from flaws(item, f"{where}.{index}")
        case None | bool() | int() | float():
            return
        case _ if not hasattr(value, "model_dump") and not hasattr(
            value, "isoformat"
        ):  # which the SDK does turn into JSON
            yield f"{where} is of type {type(value).__name__}, which JSON does not have: pass plain data"


def _flaws_of_text(text: str, where: str) -> Iterator[str]:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        yield (
            f"{where} has half a surrogate pair, {text[error.start]!r}, at character {error.start}, which cannot be "
            "sent: read it anew in the encoding it was written in, or pass text.encode('utf-8', 'replace').decode()"
        )
