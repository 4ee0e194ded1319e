"""A parsed module: every node with its parent and its scope, and where it stands in the text."""

from __future__ import annotations

import ast
import sys
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from clarion.check.lines import Lines
from clarion.check.python.scopes import BINDING, OPENING, Scope, bind, inner_scope
from clarion.check.unparsable import Unparsable

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
Node = TypeVar("Node", bound=ast.AST)


class Module:
    """The syntax tree of a Python text. Raises Unparsable if it is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = _parsed(text)
        self.lines = Lines(text)
        self.root = Scope(self.tree, None)
        self._by_type: dict[type[ast.AST], list[Any]] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.opened: dict[ast.AST, Scope] = {}
        self._index()

    def _index(self) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(self.tree, self.root)]
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            self._by_type.setdefault(kind, []).append(node)
            self.scopes[node] = scope
            if kind in BINDING:
                bind(node, scope)
            inner = inner_scope(node, scope) if kind in OPENING else None
            if inner:
                self.opened[node] = inner.opened
            children = list(ast.iter_child_nodes(node))
            for child in reversed(children):
                self.parents[child] = node
                stack.append((child, inner.scope_of(child, scope) if inner else scope))

    def every(self, *kinds: type[Node]) -> list[Node]:
        """Return the nodes of some kinds, kind by kind in the order of the text."""
        return [node for kind in kinds for node in self._by_type.get(kind, ())]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where an expression or a statement begins and ends, in characters."""
        start = self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # only such are asked for
        return start, self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def _offset(self, line: int, column: int) -> int:
        start, text = self.lines.starts[line - 1], self.lines.line(line)
        return start + (column if text.isascii() else len(text.encode()[:column].decode()))

    def segment(self, node: ast.AST) -> str:
        """Return the text of an expression or a statement."""
        start, end = self.span(node)
        return self.text[start:end]

    @cached_property
    def f_strings(self) -> list[tuple[int, int]]:
        """Where each f-string that is not within another begins and ends."""
        every = self.every(ast.JoinedStr)
        return [
            self.span(each) for each in every if not any(isinstance(it, ast.JoinedStr) for it in self.ancestors(each))
        ]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node stands in, from the inside out."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise Unparsable(f"is not valid {PYTHON}: {error.msg} (line {error.lineno})") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unparsable(f"is not valid {PYTHON}: {error}") from error
