"""Small checks that say what a JSON value must look like, put together into tables.

A check is called with a value and the betas of the request, and returns nothing or raises `Misfit`. Containers
add the key they were looking at while the misfit passes through them, so a good request never pays for a path.
What a beta opens is wrapped in `beta` and does not exist without it. Wording and paths follow pydantic, as the
API's do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Betas", "Check", "Misfit", "anything", "array", "beta", "boolean", "either", "filled", "integer", "literal",
    "mapping", "matching", "number", "one_of", "optional", "record", "table", "tagged", "text",
]  # fmt: skip

Betas = frozenset[str]
Check = Callable[[Any, Betas], None]


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


@dataclass(frozen=True, slots=True)
class _Beta:
    """A check of something that is there only under a beta whose name begins with one of these."""

    check: Check
    names: tuple[str, ...]

    def __call__(self, value: Any, betas: Betas) -> None:
        self.check(value, betas)


def beta(check: Check, *names: str) -> Check:
    """Open a field or a kind by any beta whose name begins so."""
    return _Beta(check, names)


def _is_open(check: Check, betas: Betas) -> bool:
    return not isinstance(check, _Beta) or any(name.startswith(check.names) for name in betas)


def anything(value: Any, betas: Betas) -> None:
    """Take every value."""


def text(value: Any, betas: Betas) -> None:
    """Take a string."""
    if not isinstance(value, str):
        raise Misfit("Input should be a valid string")


def filled(value: Any, betas: Betas) -> None:
    """Take a string that is not empty."""
    text(value, betas)
    if not value:
        raise Misfit("String should have at least 1 character")


def boolean(value: Any, betas: Betas) -> None:
    """Take true or false."""
    if not isinstance(value, bool):
        raise Misfit("Input should be a valid boolean")


def number(value: Any, betas: Betas) -> None:
    """Take a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit("Input should be a valid number")


def mapping(value: Any, betas: Betas) -> None:
    """Take an object with any keys."""
    if not isinstance(value, dict):
        raise Misfit("Input should be a valid dictionary")


def integer(minimum: int | None = None) -> Check:
    """Take a whole number, not below `minimum`."""

    def check(value: Any, betas: Betas) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Misfit("Input should be a valid integer")
        if minimum is not None and value < minimum:
            raise Misfit(f"Input should be greater than or equal to {minimum}")

    return check


def literal(*options: str, opened: Mapping[str, str] | None = None) -> Check:
    """Take one of these strings, or one that a beta opened: `opened` has how the beta's name begins."""
    later = opened or {}

    def check(value: Any, betas: Betas) -> None:
        known = [*options, *(option for option, name in later.items() if any(one.startswith(name) for one in betas))]
        if value not in known:
            quoted = [f"'{option}'" for option in known]
            wanted = f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]
            raise Misfit(f"Input should be {wanted}")

    return check


def matching(pattern: str) -> Check:
    """Take a string that a pattern finds something in."""
    compiled = re.compile(pattern)

    def check(value: Any, betas: Betas) -> None:
        text(value, betas)
        if not compiled.search(value):
            raise Misfit(f"String should match pattern '{pattern}'")

    return check


def optional(inner: Check) -> Check:
    """Take null as well."""

    def check(value: Any, betas: Betas) -> None:
        if value is not None:
            inner(value, betas)

    return check


def array(inner: Check, longest: int | None = None) -> Check:
    """Take a list whose every item passes `inner`."""

    def check(value: Any, betas: Betas) -> None:
        if not isinstance(value, list):
            raise Misfit("Input should be a valid list")
        if longest is not None and len(value) > longest:
            raise Misfit(f"List should have at most {longest} items after validation, not {len(value)}")
        for index, item in enumerate(value):
            try:
                inner(item, betas)
            except Misfit as misfit:
                raise misfit.within(index) from None

    return check


def either(inner: Check) -> Check:
    """Take a string, or what `inner` takes."""

    def check(value: Any, betas: Betas) -> None:
        if not isinstance(value, str):
            inner(value, betas)

    return check


def one_of(listed: Check, single: Check) -> Check:
    """Take a list that passes `listed`, or anything else that passes `single`."""

    def check(value: Any, betas: Betas) -> None:
        (listed if isinstance(value, list) else single)(value, betas)

    return check


def table(inner: Check) -> Check:
    """Take an object with any keys, whose every value passes `inner`."""

    def check(value: Any, betas: Betas) -> None:
        mapping(value, betas)
        for key, item in value.items():
            try:
                inner(item, betas)
            except Misfit as misfit:
                raise misfit.within(key) from None

    return check


def record(required: Mapping[str, Check], extra: Mapping[str, Check] | None = None) -> Check:
    """Take an object with these keys and no others; an unknown key is found before a missing one."""
    known = {**required, **(extra or {})}

    def check(value: Any, betas: Betas) -> None:
        if not isinstance(value, dict):
            raise Misfit("Input should be a valid dictionary or object to extract fields from")
        for key in value:
            if key not in known or not _is_open(known[key], betas):
                raise Misfit("Extra inputs are not permitted", key)
        for key in required:
            if key not in value:
                raise Misfit("Field required", key)
        for key, item in value.items():
            try:
                known[key](item, betas)
            except Misfit as misfit:
                raise misfit.within(key) from None

    return check


def tagged(kinds: Mapping[str, Check], default: str | None = None) -> Check:
    """Take an object whose `type` picks the check and joins the path, as in `content.0.text.text`."""

    def check(value: Any, betas: Betas) -> None:
        if not isinstance(value, dict):
            raise Misfit("Input should be a valid dictionary or object to extract fields from")
        kind = value.get("type")
        if kind is None:
            kind = default
        if kind is None:
            raise Misfit("Field required", "type")
        if not isinstance(kind, str) or kind not in kinds or not _is_open(kinds[kind], betas):
            known = ", ".join(f"'{one}'" for one, inner in kinds.items() if _is_open(inner, betas))
            raise Misfit(f"Input tag '{kind}' found using 'type' does not match any of the expected tags: {known}")
        try:
            kinds[kind](value, betas)
        except Misfit as misfit:
            raise misfit.within(kind) from None

    return check
