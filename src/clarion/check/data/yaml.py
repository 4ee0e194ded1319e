"""YAML documents. What is under an alias is read where its anchor is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from clarion.check.unparsable import Unparsable
from clarion.check.values import Entry, Items, Opaque, Scalar, Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.values import Value

Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TYPE = "tag:yaml.org,2002:"
WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read(text: str) -> Iterator[Value]:
    """Yield the documents of a text. Raises Unparsable if it is no YAML, such as the template of some."""
    try:
        for document in yaml.compose_all(text, Loader=Loader):
            yield _value(document, set())
    except (yaml.YAMLError, UnicodeEncodeError, RecursionError) as error:
        raise Unparsable(f"is not valid YAML: {str(error).splitlines()[0]}") from error


def _value(node: yaml.Node, seen: set[int]) -> Value:
    start, end = node.start_mark.index, node.end_mark.index
    if id(node) in seen:
        return Opaque(start, end)
    seen.add(id(node))
    match node:
        case yaml.MappingNode(value=pairs):
            entries = (_entry(key, value, seen) for key, value in pairs)
            return Table(tuple(entries), any(key.value == "<<" for key, _ in pairs), start, end)
        case yaml.SequenceNode(value=items):
            return Items(tuple(_value(item, seen) for item in items), False, start, end)
    return _scalar(str(node.value), node.tag.removeprefix(TYPE), start, end)


def _entry(key: yaml.Node, value: yaml.Node, seen: set[int]) -> Entry:
    name, end = str(key.value) if isinstance(key, yaml.ScalarNode) else "", key.end_mark.index
    return Entry(name, key.start_mark.index, Opaque(end, end) if id(value) in seen else _value(value, seen))


def _scalar(written: str, type: str, start: int, end: int) -> Value:
    match type:
        case "bool":
            return Scalar(WORDS.get(written.lower()), start, end)
        case "null":
            return Scalar(None, start, end)
        case "int" | "float":
            try:
                number = int(written, 0) if type == "int" else float(written)
            except ValueError:
                return Opaque(start, end)
            return Scalar(number, start, end)
    return Text(written, start, end)
