"""The calls of a program that go to the Messages API through the SDK, and what they are given.

A call is known by where its client comes from or, if that cannot be known, by its shape: no other library has
`....messages.create(model=..., messages=..., max_tokens=...)`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.python.origins import CLIENT, Origins

if TYPE_CHECKING:
    from clarion.check.python.module import Module
    from clarion.check.python.scopes import Scope

RAW = re.compile(r"\.with_(?:raw|streaming)_response(?=\.)")
METHOD = re.compile(r"(?:\.beta)?\.messages\.(?P<method>create|stream|parse|count_tokens|batches\.create)")
UNKNOWN_ROOT = re.compile(r"(?:\?|builtins\.\w+)(?:\.\w+)*?(?=(?:\.beta)?\.messages\.)")
PASSING = ("functools.partial", "asyncio.to_thread", "anyio.to_thread.run_sync")  # call what they are given
SHAPE = {"model", "messages"}


class Argument(NamedTuple):
    """What a call is given for a name, and the keyword, the entry of a dictionary or the statement that gives it.

    `holder` is the call or the dictionary that `giver` is in; None for a statement.
    """

    value: ast.expr
    giver: ast.AST
    holder: ast.AST | None


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of the Messages API: its method, and its arguments by name, as far as they can be known."""

    node: ast.Call
    method: str
    arguments: dict[str, Argument]

    def value(self, name: str) -> ast.expr | None:
        """Return what is given for a name."""
        found = self.arguments.get(name)
        return found.value if found else None


class Program:
    """A module, where its values come from, and its calls of the API."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.origins = Origins(module, self._made)

    @cached_property
    def calls(self) -> tuple[ApiCall, ...]:
        """Every call of the Messages API."""
        found = ((node, self.method(node)) for node in self.module.every(ast.Call))
        return tuple(ApiCall(node, method, self.arguments(node)) for node, method in found if method)

    def method(self, call: ast.Call) -> str | None:
        """Return which method of the Messages API is called; None if it is none."""
        if call.args and self.origins.of(call.func) in PASSING:
            return self._method(call, self.origins.of(call.args[0]))
        return self._method(call, self.origins.of(call.func)) if isinstance(call.func, ast.Attribute) else None

    def _method(self, call: ast.Call, path: str) -> str | None:
        path = RAW.sub("", path)
        root = CLIENT.match(path)
        if root is None and ((root := UNKNOWN_ROOT.match(path)) is None or not self.has_shape(call)):
            return None
        found = METHOD.fullmatch(path, root.end())
        return found["method"] if found else None

    def client_options(self, call: ast.Call) -> set[str] | None:
        """Return the names of what the client of a call was made with; None if that is not in sight."""
        client: ast.expr | None = call.func
        while isinstance(client, ast.Attribute) and not CLIENT.fullmatch(self.origins.of(client)):
            client = client.value
        options: set[str] = set()
        seen: set[ast.AST] = set()
        while isinstance(client := self.origins.maker(client), ast.Call) and client not in seen:
            seen.add(client)  # one that is made of itself is not in sight
            given = {keyword.arg for keyword in client.keywords}
            if None in given:
                return None
            options |= {name for name in given if name}
            if not isinstance(client.func, ast.Attribute) or client.func.attr not in ("with_options", "copy"):
                return options
            client = client.func.value
        return None

    def _made(self, call: ast.Call, path: str) -> str | None:
        method = self._method(call, path) if ".messages." in path else None
        return f"anthropic.Anthropic().messages.{method}()" if method and not RAW.search(path) else None

    def has_shape(self, call: ast.Call) -> bool:
        """Whether a call is given what only the Messages API takes."""
        given = {keyword.arg for keyword in call.keywords}
        return given >= SHAPE or (None in given and set(self.arguments(call)) >= SHAPE)

    def arguments(self, call: ast.Call) -> dict[str, Argument]:
        """Return what a call is given by name, through `**` too where that is a dictionary in sight."""
        found: dict[str, Argument] = {}
        for keyword in call.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = Argument(keyword.value, keyword, call)
            else:
                found |= self.entries(keyword.value)
        return found

    def entries(self, node: ast.expr | None) -> dict[str, Argument]:
        """Return the entries of a dictionary in sight: `{...}`, `dict(...)`, and what is set later."""
        literal = self.origins.value(node)
        match literal:
            case ast.Dict(keys=keys, values=values):
                found: dict[str, Argument] = {}
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        found |= self.entries(value)
                    elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                        found[key.value] = Argument(value, key, literal)
            case ast.Call(func=func, args=[]) if self._makes_dict(func):
                found = self.arguments(literal)
            case _:
                return {}
        if isinstance(node, ast.Name):
            self._set_later(node, found)
        return found

    def _makes_dict(self, func: ast.expr) -> bool:
        path = self.origins.of(func)
        return path == "builtins.dict" or (path.startswith("anthropic.types.") and not path.endswith(")"))

    def _set_later(self, name: ast.Name, found: dict[str, Argument]) -> None:
        """Apply what happens to a dictionary by its name: `d[k] = v`, `d.pop(k)`, `del d[k]`, `d.update(...)`."""
        scope = self._scope(name)
        for use in self.uses.get(name.id, ()):
            parent = self.module.parents[use]
            if self._scope(use) is not scope:
                continue
            match parent, self.module.parents.get(parent):
                case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=ast.Store()), ast.Assign(
                    value=value
                ) as statement:
                    found[key] = Argument(value, statement, None)
                case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=ast.Del()), _:
                    found.pop(key, None)
                case ast.Attribute(attr="pop"), ast.Call(args=[ast.Constant(value=str(key)), *_]):
                    found.pop(key, None)
                case ast.Attribute(attr="update" | "clear" | "popitem"), ast.Call():
                    found.clear()

    def _scope(self, name: ast.Name) -> Scope | None:
        found = self.module.scopes[name].lookup(name.id)
        return found[0] if found else None

    @cached_property
    def uses(self) -> dict[str, list[ast.Name]]:
        """Every name where it is read, in the order of the text."""
        found: dict[str, list[ast.Name]] = {}
        for node in self.module.every(ast.Name):
            if isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append(node)
        return found

    @cached_property
    def imports_sdk(self) -> bool:
        """Whether the module imports anything of the SDK."""
        return any(
            (isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == "anthropic" for alias in node.names))
            or (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").partition(".")[0] == "anthropic"
                and not node.level
            )
            for node in self.module.every(ast.Import, ast.ImportFrom)
        )

    def is_used_once(self, holder: ast.AST) -> bool:
        """Whether what holds an argument is a call of the API, or a dictionary that is used in one place."""
        if isinstance(holder, ast.Call) and self.method(holder):
            return True
        parent = self.module.parents.get(holder)
        if not isinstance(parent, ast.Assign | ast.AnnAssign):
            return True
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return all(isinstance(each, ast.Name) and len(self.uses.get(each.id, ())) <= 1 for each in targets)
