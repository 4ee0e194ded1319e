"""Names and what they are bound to, scope by scope.

A name that is bound more than once has several bindings; who asks decides whether they agree.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["import", "value", "entered", "element", "parameter", "definition", "opaque"]
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS: tuple[type[ast.AST], ...] = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

# The nodes that `bind` and `inner_scope` do something for.
BINDING = frozenset(
    {
        *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.arg, ast.Global),
        *(ast.Nonlocal, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.Assign, ast.AnnAssign, ast.NamedExpr),
        *(ast.AugAssign, ast.For, ast.AsyncFor, ast.comprehension, ast.withitem, ast.Delete),
    }
)
OPENING = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *COMPREHENSIONS})


@dataclass(frozen=True, slots=True)
class Binding:
    """One way in which a name gets its value.

    `node` is the value's expression ("value"), the context manager's ("entered"), the iterable's ("element"), the
    parameter or the definition itself; `name` the full name of what is imported; `annotation` what is declared.
    """

    kind: Kind
    node: ast.AST | None = None
    name: str = ""
    annotation: ast.expr | None = None


class Scope:
    """A module, class, function, lambda or comprehension, and the names bound in it."""

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.attributes: dict[str, list[Binding]] = {}  # of `self`, where this is a class
        self.outer: dict[str, Scope] = {}  # names declared global or nonlocal

    @property
    def is_class(self) -> bool:
        """Whether names of this scope are not seen from functions within it."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def first_parameter(self) -> str | None:
        """The name of a function's first parameter."""
        if not isinstance(self.node, FUNCTIONS):
            return None
        arguments = [*self.node.args.posonlyargs, *self.node.args.args]
        return arguments[0].arg if arguments else None

    def add(self, name: str, binding: Binding) -> None:
        """Bind a name."""
        scope = self.outer.get(name, self)
        scope.bindings.setdefault(name, []).append(binding)

    def lookup(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the bindings that a name has here, and the scope they are of; None if it is bound nowhere."""
        scope: Scope | None = self
        while scope is not None:
            if (scope is self or not scope.is_class) and name in scope.bindings:
                return scope, scope.bindings[name]
            scope = scope.parent
        return None

    def function(self) -> Scope | None:
        """Return the innermost function that this scope is, or is in."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, FUNCTIONS):
            scope = scope.parent
        return scope

    def own_class(self, name: str) -> Scope | None:
        """Return the class of whose methods `name` is the first parameter here."""
        scope = self.function()
        while scope is not None:
            if scope.parent is not None and scope.parent.is_class and scope.first_parameter == name:
                return scope.parent
            if name in scope.bindings:
                return None
            scope = scope.parent.function() if scope.parent else None
        return None


@dataclass(frozen=True, slots=True)
class Inner:
    """The scope that a node opens, for those of its children that are in it."""

    opened: Scope
    outside: frozenset[ast.AST]

    def scope_of(self, child: ast.AST, scope: Scope) -> Scope:
        """Return the scope of a child, `scope` being that of the node."""
        return scope if child in self.outside else self.opened


def inner_scope(node: ast.AST, scope: Scope) -> Inner | None:
    """Return the scope that a node opens, if it opens one."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return Inner(Scope(node, scope), frozenset(node.decorator_list))
        case ast.ClassDef():
            return Inner(Scope(node, scope), frozenset([*node.decorator_list, *node.bases, *node.keywords]))
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return Inner(Scope(node, scope), frozenset())
    return None


def bind(node: ast.AST, scope: Scope) -> None:
    """Record what a node binds in its scope."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                full = alias.name if alias.asname else alias.name.partition(".")[0]
                scope.add(alias.asname or full, Binding("import", node, full))
        case ast.ImportFrom(names=names):
            module = "." * node.level + (node.module or "")
            for alias in names:
                scope.add(alias.asname or alias.name, Binding("import", node, f"{module}.{alias.name}"))
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            scope.add(name, Binding("definition", node))
        case ast.arg(arg=name):
            scope.add(name, Binding("parameter", node, annotation=node.annotation))
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            for name in names:
                scope.outer[name] = _outer(scope, name, is_global=isinstance(node, ast.Global))
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            scope.add(name, Binding("opaque"))
        case _:
            for target, binding in _assigned(node):
                _assign(target, binding, scope)


def _outer(scope: Scope, name: str, *, is_global: bool) -> Scope:
    outer = scope
    while outer.parent is not None:
        outer = outer.parent
        if not is_global and not outer.is_class and name in outer.bindings:
            return outer
    return outer


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, Binding]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpacked(target, value)
        case ast.AnnAssign(target=target, value=value, annotation=annotation):
            yield target, Binding("value", value, annotation=annotation)
        case ast.NamedExpr(target=target, value=value):
            yield target, Binding("value", value)
        case ast.AugAssign(target=target):
            yield target, Binding("opaque")
        case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
            yield target, Binding("element", iterable)
        case ast.comprehension(target=target, iter=iterable):
            yield target, Binding("element", iterable)
        case ast.withitem(optional_vars=ast.expr() as target, context_expr=manager):
            yield target, Binding("entered", manager)
        case ast.Delete(targets=targets):
            for target in targets:
                yield target, Binding("opaque")


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, Binding]]:
    match target, value:
        case ast.Tuple(elts=targets) | ast.List(elts=targets), ast.Tuple(elts=values) | ast.List(elts=values) if len(
            targets
        ) == len(values) and not any(isinstance(each, ast.Starred) for each in (*targets, *values)):
            for each, its in zip(targets, values, strict=True):
                yield from _unpacked(each, its)
        case _:
            yield target, Binding("value", value)


def _assign(target: ast.expr, binding: Binding, scope: Scope) -> None:
    match target:
        case ast.Name(id=name):
            _plain(scope, isinstance(binding.node, ast.AST) and binding.kind == "value").add(name, binding)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            if (owner := scope.own_class(name)) is not None:
                owner.attributes.setdefault(attribute, []).append(binding)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                _assign(part, Binding("opaque"), scope)
        case ast.Starred(value=part):
            _assign(part, Binding("opaque"), scope)


def _plain(scope: Scope, is_value: bool) -> Scope:
    """Return where a name is bound: a walrus within a comprehension binds outside of it."""
    while is_value and isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    return scope
