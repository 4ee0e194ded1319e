"""Small checks that say what a JSON value must look like, put together into tables.

A check is called with a value and returns nothing or raises `Misfit`. Containers add the key they were
looking at while the misfit passes through them, so a good request never pays for a path. Wording and paths
follow pydantic, as the API's do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = [
    "Check", "Misfit", "anything", "array", "boolean", "either", "integer", "literal", "mapping", "number",
    "optional", "record", "tagged", "text",
]  # fmt: skip

Check = Callable[[Any], None]


class Misfit(Exception):
    """A value that is not as it must be: the message, and the path to it, innermost key last."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.path = list(path)

    def within(self, key: str | int) -> Misfit:
        """Return this misfit, seen from one level further out."""
        self.path.insert(0, key)
        return self

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.message}" if self.path else self.message


def anything(value: Any) -> None:
    """Take every value."""


def text(value: Any) -> None:
    """Take a string."""
    if not isinstance(value, str):
        raise Misfit("Input should be a valid string")


def boolean(value: Any) -> None:
    """Take true or false."""
    if not isinstance(value, bool):
        raise Misfit("Input should be a valid boolean")


def number(value: Any) -> None:
    """Take a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit("Input should be a valid number")


def mapping(value: Any) -> None:
    """Take an object with any keys."""
    if not isinstance(value, dict):
        raise Misfit("Input should be a valid dictionary")


def integer(minimum: int | None = None) -> Check:
    """Take a whole number, not below `minimum`."""

    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Misfit("Input should be a valid integer")
        if minimum is not None and value < minimum:
            raise Misfit(f"Input should be greater than or equal to {minimum}")

    return check


def literal(*options: str) -> Check:
    """Take one of these strings."""
    quoted = [f"'{option}'" for option in options]
    wanted = f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]

    def check(value: Any) -> None:
        if value not in options:
            raise Misfit(f"Input should be {wanted}")

    return check


def optional(inner: Check) -> Check:
    """Take null as well."""

    def check(value: Any) -> None:
        if value is not None:
            inner(value)

    return check


def array(inner: Check, longest: int | None = None) -> Check:
    """Take a list whose every item passes `inner`."""

    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise Misfit("Input should be a valid list")
        if longest is not None and len(value) > longest:
            raise Misfit(f"List should have at most {longest} items after validation, not {len(value)}")
        for index, item in enumerate(value):
            try:
                inner(item)
            except Misfit as misfit:
                raise misfit.within(index) from None

    return check


def either(inner: Check) -> Check:
    """Take a string, or what `inner` takes."""

    def check(value: Any) -> None:
        if not isinstance(value, str):
            inner(value)

    return check


def record(required: Mapping[str, Check], extra: Mapping[str, Check] | None = None) -> Check:
    """Take an object with these keys and no others; an unknown key is found before a missing one."""
    known = {**required, **(extra or {})}

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise Misfit("Input should be a valid dictionary or object to extract fields from")
        for key in value:
            if key not in known:
                raise Misfit("Extra inputs are not permitted", key)
        for key in required:
            if key not in value:
                raise Misfit("Field required", key)
        for key, item in value.items():
            try:
                known[key](item)
            except Misfit as misfit:
                raise misfit.within(key) from None

    return check


def tagged(kinds: Mapping[str, Check], default: str | None = None) -> Check:
    """Take an object whose `type` picks the check and joins the path, as in `content.0.text.text`."""
    wanted = ", ".join(f"'{kind}'" for kind in kinds)

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise Misfit("Input should be a valid dictionary or object to extract fields from")
        kind = value.get("type") or default
        if kind is None:
            raise Misfit("Field required", "type")
        if not isinstance(kind, str) or kind not in kinds:
            raise Misfit(f"Input tag '{kind}' found using 'type' does not match any of the expected tags: {wanted}")
        try:
            kinds[kind](value)
        except Misfit as misfit:
            raise misfit.within(kind) from None

    return check
