"""What is wrong with a value, in words that a model can act on: where, what, and what came instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

MAX_SHOWN = 100  # characters of a value that is quoted


def read_value(adapter: TypeAdapter[Any], value: object, path: str = "") -> tuple[Any, list[str]]:
    """Return the Python value that a JSON value stands for, and what was wrong with it: one of the two is empty.

    It is read as JSON, not as Python, so that a strict model takes a date, which JSON can only write as text.
    """
    from pydantic import ValidationError
    from pydantic_core import to_json

    try:
        data = to_json(value)
    except ValueError as error:
        return None, [f"{path or 'the value'}: cannot be written as JSON ({error})"]
    try:
        return adapter.validate_json(data), []
    except ValidationError as error:
        return None, problems_of(error, value, path)


def problems_of(error: ValidationError, value: object, path: str = "") -> list[str]:
    """Return a line for each place where a value does not fit; alternatives of a union share one."""
    whys: dict[str, list[str]] = {}
    came: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False):
        place, found = _place(problem["loc"], value, is_missing=problem["type"] == "missing", path=path)
        why = problem["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
        if why not in whys.setdefault(place, []):
            whys[place].append("required, but missing" if problem["type"] == "missing" else why)
        came[place] = "" if problem["type"] in ("missing", "json_invalid") else f"; got {shown(found)}"
    return [f"{place or 'the value'}: {', or: '.join(why)}{came[place]}" for place, why in whys.items()]


def shown(value: object) -> str:
    """Return a value as short JSON."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def _place(loc: tuple[int | str, ...], value: Any, *, is_missing: bool, path: str) -> tuple[str, Any]:
    """Follow a location into a value. Steps that are not in it are names of Python types and are left out."""
    steps = [path] if path else []
    for number, step in enumerate(loc):
        if is_missing and number == len(loc) - 1:
            return ".".join([*steps, str(step)]), None
        if _has(value, step):
            value = value[step]
            steps.append(str(step))
    return ".".join(steps), value


def _has(value: object, step: int | str) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value
