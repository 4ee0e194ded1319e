"""What the values of a scenario's document may be: each function reads an item, or raises what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion.emulator import durations
from clarion.emulator.scenario.document import Problem
from clarion.emulator.scenario.lane import check_lane
from clarion.emulator.script.condition import Numbers

if TYPE_CHECKING:
    from clarion.emulator.scenario.document import Item

__all__ = [
    "Kind",
    "chance",
    "flag",
    "integer",
    "items",
    "lane",
    "mapping",
    "mappings",
    "number",
    "numbers",
    "one_of",
    "path",
    "pattern",
    "per_second",
    "seconds",
    "text",
    "text_or_flag",
    "texts",
]

Kind = Callable[["Item"], Any]


def integer(item: Item) -> int:
    """Read a whole number."""
    if isinstance(item.value, int) and not isinstance(item.value, bool):
        return item.value
    raise item.problem(f"this must be a whole number, not {item.shown}")


def number(item: Item) -> float:
    """Read a number."""
    if _is_number(item):
        return float(item.value)
    raise item.problem(f"this must be a number, not {item.shown}")


def chance(item: Item) -> float:
    """Read a share between 0 and 1, as a number or as `{p: 0.2}`."""
    if isinstance(item.value, dict) and set(item.value) == {"p"}:
        return chance(item.value["p"])
    if _is_number(item) and 0 < item.value <= 1:
        return float(item.value)
    raise item.problem(f"this must be a chance above 0 and at most 1, not {item.shown}")


def seconds(item: Item) -> float:
    """Read a time: `250ms`, `2s`, `1.5m`, `2h`, `1d`, or a number of seconds."""
    try:
        return durations.seconds(item.value)
    except ValueError:
        raise item.problem(f"this must be a time, such as 250ms, 2s, 1.5m or 1d, not {item.shown}") from None


def per_second(item: Item) -> float:
    """Read a number of something a second."""
    return number(item)


def text(item: Item) -> str:
    """Read text."""
    if isinstance(item.value, str):
        return item.value
    raise item.problem(f"this must be text, not {item.shown}; put it in quotes")


def path(item: Item) -> str:
    """Read the path of a file."""
    return text(item)


def flag(item: Item) -> bool:
    """Read true or false."""
    if isinstance(item.value, bool):
        return item.value
    raise item.problem(f"this must be true or false, not {item.shown}")


def text_or_flag(item: Item) -> str | bool:
    """Read text, or true or false."""
    return item.value if isinstance(item.value, bool) else text(item)


def texts(item: Item) -> dict[str, str]:
    """Read a mapping of texts; numbers are taken as they are written."""
    return {key: str(value) for key, value in mapping(item).items()}


def mapping(item: Item) -> dict[str, Any]:
    """Read a mapping of any data."""
    if isinstance(item.value, dict):
        found: dict[str, Any] = item.plain
        return found
    raise item.problem(f"this must be a mapping, not {item.shown}")


def mappings(item: Item) -> list[dict[str, Any]]:
    """Read a list of mappings of any data."""
    return [mapping(each) for each in items(item)]


def items(item: Item) -> list[Item]:
    """Read a list."""
    if isinstance(item.value, list):
        found: list[Item] = item.value
        return found
    raise item.problem(f"this must be a list, not {item.shown}")


def one_of(*names: str) -> Callable[[Item], str]:
    """Return what reads one of some words."""

    def read(item: Item) -> str:
        if item.value in names:
            return text(item)
        raise Problem(item.place, f"this must be one of {', '.join(names)}, not {item.shown}")

    return read


def numbers(item: Item) -> int | str:
    """Read a number or a range of numbers, such as `2-5`."""
    try:
        Numbers.of(item.value)
    except ValueError as error:
        raise item.problem(str(error)) from None
    found: int | str = item.value
    return found


def pattern(item: Item) -> str:
    """Read a regular expression."""
    try:
        return re.compile(text(item)).pattern
    except re.error as error:
        raise item.problem(f"this is no regular expression: {error}") from None


def lane(item: Item) -> str:
    """Read a kind of lane: a name, or `{header: NAME}`."""
    kind = item.value
    if isinstance(kind, dict) and list(kind) == ["header"]:
        kind = f"header:{text(kind['header'])}"
    try:
        return check_lane(kind if isinstance(kind, str) else text(item))
    except ValueError as error:
        raise item.problem(str(error)) from None


def _is_number(item: Item) -> bool:
    return isinstance(item.value, int | float) and not isinstance(item.value, bool) and math.isfinite(item.value)
