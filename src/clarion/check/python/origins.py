"""Where a value comes from, as a path from an import: `client.messages` may be "anthropic.Anthropic().messages".

A call is "()", what a loop takes from an iterable "[]", and what is not known "?". Names are followed through
assignments, annotations, `with`, `self`, local classes and functions, as long as there is one answer.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from clarion.check.python.scopes import FUNCTIONS, Binding, Function, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clarion.check.python.module import Module

UNKNOWN = "?"
CLIENT = re.compile(r"anthropic\.(?:[\w.]+\.)?(?:Async)?(?:Anthropic\w*|Client)\(\)")
CHANGED = re.compile(r"\.(?:with_options|copy|with_middleware|__enter__)\(\)$")
OPTIONAL = ("typing.Optional", "typing.Annotated", "typing.Final", "typing.ClassVar")
LOCAL = "<local>."


class Origins:
    """Answers for one module. Every answer is found once."""

    def __init__(self, module: Module, make: Callable[[ast.Call, str], str | None] = lambda _call, _path: None) -> None:
        self.module = module
        self._make = make
        self._known: dict[ast.AST, str] = {}
        self._classes: dict[str, Scope] = {}

    def of(self, node: ast.AST | None) -> str:
        """Return the path of an expression's value."""
        if node is None:
            return UNKNOWN
        if node not in self._known:
            self._known[node] = UNKNOWN  # what depends on itself is not known
            self._known[node] = self._find(node)
        return self._known[node]

    def _find(self, node: ast.AST) -> str:
        match node:
            case ast.Name(id=name):
                return self._named(name, self.module.scopes[node])
            case ast.Attribute(value=value, attr=attribute):
                return self._attribute(value, attribute)
            case ast.Call():
                return self._called(node)
            case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self.of(value)
            case ast.Subscript(value=value, slice=index):
                key = str(index.value) if isinstance(index, ast.Constant) else ""
                return f"{self.of(value)}[{key}]"
            case ast.IfExp(body=body, orelse=orelse):
                return agreed(self.of(each) for each in (body, orelse) if not _is_none(each))
            case ast.BoolOp(values=values):
                return agreed(found for each in values if not (found := self.of(each)).startswith(UNKNOWN))
        return UNKNOWN

    def _named(self, name: str, scope: Scope) -> str:
        found = scope.lookup(name)
        if found is None:
            return f"builtins.{name}"
        owner, bindings = found
        return agreed(self._bound(binding, owner) for binding in _telling(bindings))

    def _bound(self, binding: Binding, owner: Scope) -> str:
        if binding.annotation is not None and (declared := self.declared(binding.annotation)) != UNKNOWN:
            return declared
        match binding.kind:
            case "import":
                return binding.name
            case "value":
                return self.of(binding.node)
            case "entered":
                path = self.of(binding.node)
                return path if CLIENT.fullmatch(path) else f"{path}.__enter__()"
            case "element":
                return f"{self.of(binding.node)}[]"
            case "definition" if isinstance(binding.node, ast.ClassDef):
                return self._class(binding.node)
            case "parameter":
                return self._fixture(binding, owner)
        return UNKNOWN

    def _class(self, node: ast.ClassDef) -> str:
        path = f"{LOCAL}{node.name}@{node.lineno}"
        self._classes[path] = self.module.opened[node]
        return path

    def _fixture(self, binding: Binding, owner: Scope) -> str:
        """Return what a pytest fixture of this module gives, where a test or a fixture takes it as a parameter."""
        function = owner.node
        if not isinstance(function, FUNCTIONS) or not isinstance(binding.node, ast.arg):
            return UNKNOWN
        if not function.name.startswith("test") and not self._is_fixture(function):
            return UNKNOWN
        for given in self.module.root.bindings.get(binding.node.arg, ()):
            if isinstance(given.node, FUNCTIONS) and self._is_fixture(given.node):
                return self.result(given.node)
        return UNKNOWN

    def _is_fixture(self, function: Function) -> bool:
        return any(self.of(each).removesuffix("()") == "pytest.fixture" for each in function.decorator_list)

    def declared(self, annotation: ast.expr) -> str:
        """Return the path of an instance of what an annotation names."""
        match annotation:
            case ast.Constant(value=str(text)):
                return self._declared_in_words(text, annotation)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return agreed(self.declared(each) for each in (left, right) if not _is_none(each))
            case ast.Subscript(value=value, slice=inner) if self.of(value) in OPTIONAL:
                return self.declared(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
            case ast.Name() | ast.Attribute():
                path = self.of(annotation)
                return UNKNOWN if path.startswith(("builtins.", "typing.")) or path == UNKNOWN else f"{path}()"
        return UNKNOWN

    def _declared_in_words(self, text: str, annotation: ast.expr) -> str:
        try:
            parsed = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError):
            return UNKNOWN
        for node in ast.walk(parsed):
            self.module.scopes[node] = self.module.scopes[annotation]
        return self.declared(parsed)

    def _attribute(self, value: ast.expr, attribute: str) -> str:
        if isinstance(value, ast.Name):
            owner = self.module.scopes[value].own_class(value.id)
            if owner is not None:
                return self._member(owner, attribute)
        path = self.of(value)
        if path.endswith("()") and path[:-2] in self._classes:
            return self._member(self._classes[path[:-2]], attribute)
        if path in self._classes:
            return agreed(
                self._bound(each, self._classes[path]) for each in self._classes[path].bindings.get(attribute, ())
            )
        return f"{path}.{attribute}"

    def _member(self, owner: Scope, name: str) -> str:
        bindings = self._member_bindings(owner, name)
        if not bindings:
            return f"{UNKNOWN}.{name}"
        return agreed(self._member_path(each, owner) for each in _telling(bindings))

    def _member_path(self, binding: Binding, owner: Scope) -> str:
        if isinstance(binding.node, FUNCTIONS):
            decorators = {self.of(each) for each in binding.node.decorator_list}
            if decorators & {"builtins.property", "functools.cached_property"}:
                return self.result(binding.node)
            return UNKNOWN
        return self._bound(binding, owner)

    def _member_bindings(self, owner: Scope, name: str, depth: int = 0) -> list[Binding]:
        found = [*owner.attributes.get(name, ()), *owner.bindings.get(name, ())]
        if found or depth > 5 or not isinstance(owner.node, ast.ClassDef):
            return found
        for base in owner.node.bases:
            if (path := self.of(base)) in self._classes and (
                found := self._member_bindings(self._classes[path], name, depth + 1)
            ):
                return found
        return []

    def _called(self, call: ast.Call) -> str:
        if (function := self.function(call.func)) is not None:
            return self.result(function)
        path = self.of(call.func)
        if path in ("typing.cast", "typing_extensions.cast") and call.args:
            return self.declared(call.args[0])
        called = self._make(call, path) or f"{path}()"
        if (changed := CHANGED.search(called)) and CLIENT.fullmatch(called, 0, changed.start()):
            return called[: changed.start()]
        return called

    def function(self, func: ast.AST) -> Function | None:
        """Return the function of this module that is called by an expression; None if it is none, or not known."""
        match func:
            case ast.Name(id=name):
                found = self.module.scopes[func].lookup(name)
                bindings = found[1] if found else []
            case ast.Attribute(value=value, attr=name):
                owner = self.module.scopes[value].own_class(value.id) if isinstance(value, ast.Name) else None
                if owner is None:
                    path = self.of(value)
                    owner = self._classes.get(path.removesuffix("()"))
                bindings = self._member_bindings(owner, name) if owner else []
            case _:
                return None
        nodes = [binding.node for binding in bindings]
        return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], FUNCTIONS) else None

    def result(self, function: Function) -> str:
        """Return the path of what a function of this module returns."""
        if function.returns is not None and (declared := self.declared(function.returns)) != UNKNOWN:
            return declared
        return agreed(self.of(value) for value in returned(function) if not _is_none(value))

    def maker(self, node: ast.expr | None) -> ast.expr | None:
        """Return the expression by which what a name stands for was made, through `with` too."""
        value = self.value(node)
        if isinstance(value, ast.Name) and (found := self.module.scopes[value].lookup(value.id)):
            bindings = found[1]
            if len(bindings) == 1 and bindings[0].kind == "entered" and isinstance(bindings[0].node, ast.expr):
                return self.value(bindings[0].node)
        return value

    def value(self, node: ast.expr | None) -> ast.expr | None:
        """Return the expression that a name stands for, if it is bound once; anything else is itself."""
        for _ in range(10):
            match node:
                case ast.Name(id=name):
                    found = self.module.scopes[node].lookup(name)
                    bindings = found[1] if found else []
                case ast.Attribute(value=ast.Name(id=owner_name) as owner, attr=name):
                    scope = self.module.scopes[owner].own_class(owner_name) or self._classes.get(self.of(owner))
                    bindings = self._member_bindings(scope, name) if scope else []
                case ast.NamedExpr(value=inner):
                    node = inner
                    continue
                case _:
                    return node
            if len(bindings) != 1 or bindings[0].kind != "value" or not isinstance(bindings[0].node, ast.expr):
                return node
            node = bindings[0].node
        return node


def agreed(paths: Iterable[str]) -> str:
    """Return the one path that there is; UNKNOWN if there are several, or none."""
    found = set(paths)
    return found.pop() if len(found) == 1 else UNKNOWN


def returned(function: Function) -> Iterator[ast.expr]:
    """Yield what a function returns or, as a generator of one value, yields; not what functions within it do."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                yield value
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue
        stack.extend(ast.iter_child_nodes(node))


def _telling(bindings: list[Binding]) -> list[Binding]:
    """Return the bindings without those to None, by which a name is only made known before it is used."""
    return [each for each in bindings if not _is_none(each.node) or each.annotation is not None]


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
