"""YAML as items that know their line and column, so that whatever is wrong in a file can be pointed at.

Only plain data is taken: no tags of other kinds, no key twice, no endless nesting. JSON is YAML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Item", "Place", "Problem", "ScenarioError", "parse", "unknown"]

DEEPEST = 60
MOST_ITEMS = 100_000
PLAIN = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))
TIMESTAMP = "tag:yaml.org,2002:timestamp"  # a day is the text that was written


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line and a column, from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(eq=False, slots=True)
class Problem(Exception):
    """Something that is wrong at a place of a document."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class ScenarioError(ValueError):
    """A scenario cannot be had: there is none, or its document is wrong. `problems` holds every one with its place."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems

    @classmethod
    def of(cls, origin: str, problems: Iterable[Problem]) -> ScenarioError:
        """Return the error for the problems of one document, in their order in it."""
        ordered = tuple(sorted(problems, key=lambda problem: problem.place))
        return cls("\n".join(f"{origin}:{problem}" for problem in ordered), ordered)


@dataclass(frozen=True, slots=True)
class Item:
    """A scalar, a list of items, or a mapping whose keys have places too."""

    value: Any
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)

    @property
    def plain(self) -> Any:
        """The data without places."""
        match self.value:
            case dict():
                return {key: item.plain for key, item in self.value.items()}
            case list():
                return [item.plain for item in self.value]
            case scalar:
                return scalar

    @property
    def shown(self) -> str:
        """The value as an error shows it."""
        match self.value:
            case dict():
                return "a mapping"
            case list():
                return "a list"
            case None:
                return "nothing"
            case scalar:
                return repr(scalar)

    def problem(self, text: str) -> Problem:
        """Return a problem with this item."""
        return Problem(self.place, text)


def parse(text: str) -> Item:
    """Read a document.

    Raises:
        Problem: It is not YAML of plain data.

    """
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise Problem(Place(1, 1), "the document is empty")
        return _Reader(loader).item(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Problem(_place(mark), f"this is not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise Problem(Place(1, 1), f"this is not YAML: {' '.join(str(error).split())}") from None


def unknown(name: object, known: Iterable[str], what: str) -> str:
    """Return the words for a name that there is not, and the one that may have been meant."""
    names = sorted(known)
    close = get_close_matches(str(name), names, 1, cutoff=0.6)
    if close:
        return f"there is no {what} {name!r}; did you mean {close[0]!r}?"
    return f"there is no {what} {name!r}; there are {', '.join(names)}"


class _Reader:
    """Makes items of nodes. Anchors may be used again, within bounds."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._items = 0

    def item(self, node: yaml.Node, depth: int = 0) -> Item:
        place = _place(node.start_mark)
        self._items += 1
        if depth > DEEPEST or self._items > MOST_ITEMS:
            raise Problem(place, "the document is nested too deeply, or refers to itself")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, place, depth)
            case yaml.SequenceNode():
                return Item([self.item(each, depth + 1) for each in node.value], place)
            case _ if node.tag in PLAIN:
                return Item(self._loader.construct_object(node), place)
            case _ if node.tag == TIMESTAMP:
                return Item(node.value, place)
            case _:
                raise Problem(place, f"this is no plain data: {node.tag}")

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Item:
        values: dict[str, Item] = {}
        keys: dict[str, Place] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None:
                raise Problem(_place(key.start_mark), "a key is a word")
            if name in values:
                raise Problem(_place(key.start_mark), f"the key {name!r} is there twice, first at {keys[name]}")
            keys[name] = _place(key.start_mark)
            values[name] = self.item(value, depth + 1)
        return Item(values, place, keys)


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)
