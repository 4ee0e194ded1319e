"""Literal values with their places in a text: what JSON, YAML, TOML and the literals of a script have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Text(NamedTuple):
    """A string."""

    text: str
    start: int
    end: int


class Scalar(NamedTuple):
    """A number, true, false or null."""

    value: float | bool | None
    start: int
    end: int


class Name(NamedTuple):
    """What a script names instead of writing it out."""

    name: str
    start: int
    end: int


class Opaque(NamedTuple):
    """An expression that says nothing here."""

    start: int
    end: int


class Items(NamedTuple):
    """A list; `is_open` if more may be in it than is in sight."""

    items: tuple[Value, ...]
    is_open: bool
    start: int
    end: int


class Entry(NamedTuple):
    """A key of a table, where it begins, and its value."""

    key: str
    start: int
    value: Value


class Table(NamedTuple):
    """Keys and values; `is_open` if more may be in it than is in sight."""

    entries: tuple[Entry, ...]
    is_open: bool
    start: int
    end: int

    @property
    def by_key(self) -> dict[str, Entry]:
        """The entries by their keys; of two with one key the last, as all these languages have it."""
        return {entry.key: entry for entry in self.entries}


Value = Text | Scalar | Name | Opaque | Items | Table


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


def plain(value: Value, names: Mapping[str, Value]) -> object:
    """Return a value as plain data; UNKNOWN stands for what is not in sight, and entries that are it are left out."""
    match value:
        case Text(text=text):
            return text
        case Scalar(value=scalar):
            return scalar
        case Name(name=name) if name in names:
            return plain(names[name], {})
        case Items(items=items, is_open=False):
            return [plain(item, names) for item in items]
        case Table(entries=entries):
            pairs = ((entry.key, plain(entry.value, names)) for entry in entries)
            return {key: known for key, known in pairs if known is not UNKNOWN}
    return UNKNOWN


def tables(value: Value) -> Iterator[Table]:
    """Yield every table in a value, itself too, from the outside in."""
    match value:
        case Table(entries=entries):
            yield value
            for entry in entries:
                yield from tables(entry.value)
        case Items(items=items):
            for item in items:
                yield from tables(item)
