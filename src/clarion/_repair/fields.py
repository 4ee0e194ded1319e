"""What a field can hold: small takers that return a value as the API takes it, or raise Unfit.

A taker is given the value, its place and the findings. It returns the same object where that is right already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from clarion._repair.plain import Plainness

if TYPE_CHECKING:
    from clarion._repair.report import Findings

Take = Callable[[Any, str, "Findings"], Any]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")  # of a tool


class Unfit(ValueError):
    """A value that no field of this kind can have."""


def text(value: Any, where: str, findings: Findings) -> str:
    """Take a text; a number becomes one."""
    match value:
        case str():
            return value
        case bool() | int() | float():
            return str(value)
    raise Unfit


def flag(value: Any, where: str, findings: Findings) -> bool:
    """Take true or false, also as others write them."""
    match value:
        case bool():
            return value
        case 0 | 1 | "true" | "false":
            return value in (1, "true")
    raise Unfit


def mapping(value: Any, where: str, findings: Findings) -> dict[str, Any]:
    """Take an object, also one that is written as JSON, as other APIs have it."""
    if isinstance(value, str):
        try:
            value = Plainness().of(orjson.loads(value))
        except orjson.JSONDecodeError:
            raise Unfit from None
    if not isinstance(value, dict):
        raise Unfit
    return value


def anything(value: Any, where: str, findings: Findings) -> Any:
    """Take every value."""
    return value


def filled(value: Any, where: str, findings: Findings) -> str:
    """Take a text that is not empty."""
    if value == "":
        raise Unfit
    return text(value, where, findings)


def optional(take: Take) -> Take:
    """Take null as well."""
    return lambda value, where, findings: None if value is None else take(value, where, findings)


def matching(pattern: re.Pattern[str]) -> Take:
    """Take a text of this pattern."""

    def take(value: Any, where: str, findings: Findings) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Unfit
        return value

    return take


def among(*values: str) -> Take:
    """Take one of these texts."""

    def take(value: Any, where: str, findings: Findings) -> str:
        if value not in values:
            raise Unfit
        return str(value)

    return take


def name(value: Any, where: str, findings: Findings) -> str:
    """Take the name of a tool; what the API does not take in one becomes an underscore."""
    if not isinstance(value, str) or not value:
        raise Unfit
    return value if NAME.fullmatch(value) else re.sub(r"[^a-zA-Z0-9_-]", "_", value)[:128]


def mark(value: Any, where: str, findings: Findings) -> Any:
    """Take a cache mark."""
    match value:
        case None:
            return None
        case {"type": "ephemeral", **rest} if rest.keys() <= {"ttl"} and rest.get("ttl", "5m") in ("5m", "1h"):
            return value
    raise Unfit


def tagged(*kinds: str) -> Take:
    """Take an object of one of these types, whatever else it holds."""

    def take(value: Any, where: str, findings: Findings) -> Any:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            raise Unfit
        return value

    return take


def listed(take: Take) -> Take:
    """Take a list; items that do not fit are left out."""

    def every(value: Any, where: str, findings: Findings) -> Any:
        if not isinstance(value, list):
            raise Unfit
        kept = []
        for index, item in enumerate(value):
            try:
                kept.append(take(item, f"{where}[{index}]", findings))
            except Unfit:
                findings.mend("bad-field", f"{where}[{index}]")
        return value if is_same(kept, value) else kept

    return every


def either(*takes: Take) -> Take:
    """Take what the first of these takes that takes it."""

    def first(value: Any, where: str, findings: Findings) -> Any:
        for take in takes:
            try:
                return take(value, where, findings)
            except Unfit:
                continue
        raise Unfit

    return first


def record(required: Mapping[str, Take], more: Mapping[str, Take] | None = None) -> Take:
    """Take an object with these fields; others are left out, and those of `more` that cannot be."""
    fields = {**required, **(more or {})}

    def take(value: Any, where: str, findings: Findings) -> Any:
        if not isinstance(value, dict) or not required.keys() <= value.keys():
            raise Unfit
        return completed(value, fields, required, {}, where, findings)

    return take


def encoded(value: Any, where: str, findings: Findings) -> str:
    """Take base64; a data URI loses its head, and white space goes."""
    if not isinstance(value, str):
        raise Unfit
    if value.startswith("data:"):
        value = value.partition(",")[2]
    return value if not re.search(r"\s", value) else re.sub(r"\s+", "", value)


def media_type(value: Any, where: str, findings: Findings) -> str:
    """Take any type of an image: what the image holds says which it is."""
    if not isinstance(value, str):
        raise Unfit
    return value


def fixed(value: str) -> Take:
    """Put one value, whatever is there."""
    return lambda given, where, findings: given if given == value else value


def by_type(**kinds: Take) -> Take:
    """Take an object that its type says how to take."""

    def take(value: Any, where: str, findings: Findings) -> Any:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            raise Unfit
        return kinds[kind](value, where, findings)

    return take


def completed(
    value: dict[str, Any],
    fields: Mapping[str, Take],
    required: Collection[str],
    defaults: Mapping[str, Any],
    where: str,
    findings: Findings,
) -> dict[str, Any]:
    """Return an object with its fields put right. Raises Unfit, with the name, for a required one that cannot be."""
    made: dict[str, Any] = {}
    defaulted: set[str] = set()
    for key, item in value.items():
        if key not in fields:
            continue
        before = len(findings.mended)
        try:
            made[key] = fields[key](item, f"{where}.{key}", findings)
        except Unfit:
            if key in required and key not in defaults:
                raise Unfit(key) from None
            if key in defaults:
                made[key] = defaults[key]
                defaulted.add(key)
        if key not in made or key in defaulted:
            findings.mend("bad-field", where, key)
        elif made[key] is not item and len(findings.mended) == before:
            findings.mend("loose-field", where, key)
    for key in required:
        if key not in made:
            if key not in defaults:
                raise Unfit(key)
            made[key] = defaults[key]
            findings.mend("bad-field", where, key)
    if strange := [key for key in value if key not in fields]:
        findings.mend("extra-field", where, ", ".join(strange))
    is_as_it_was = made.keys() == value.keys() and all(made[key] is value[key] for key in made)
    return value if is_as_it_was else made


def is_same(new: Sequence[Any], old: Sequence[Any]) -> bool:
    """Whether these are the very same items."""
    return len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True))
