"""Which strings of a program are names of models that it asks for.

A name in a comparison, as the key of a table, in a list of what is retired, or in running text asks for nothing.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from clarion.check.models import judged, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.python.module import Module

# Words of a name by which it holds, takes or gives a model, and those by which it is not one to be asked.
HOLDS = {
    "model",
    "models",
    "llm",
    "llms",
    "claude",
    "anthropic",
    "engine",
    "deployment",
    "opus",
    "sonnet",
    "haiku",
    "fallback",
    "fallbacks",
}
SPARED = {
    *(
        "retired",
        "deprecated",
        "legacy",
        "old",
        "older",
        "former",
        "removed",
        "obsolete",
        "dead",
        "unsupported",
        "sunset",
    ),
    *("price", "prices", "pricing", "cost", "costs", "rate", "rates", "is", "has", "supports", "was", "test", "from"),
    *("successor", "successors", "replace", "replacement", "replacements", "alias", "aliases", "migrate", "migration"),
}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def model_names(module: Module, facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every name of a retired model, or one that soon will be, that is asked for."""
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "claude-" in node.value:
            found = named(node.value, facts.catalog)
            if found is not None and is_asked_for(node, module):
                finding = judged(found, facts, module.text, *module.span(node))
                if finding is not None:
                    yield finding


def is_asked_for(node: ast.AST, module: Module) -> bool:
    """Whether an expression stands where the name of a model is taken."""
    child = node
    for parent in module.ancestors(node):
        match parent:
            case ast.IfExp(test=test) if test is not child:
                pass
            case ast.BoolOp() | ast.List() | ast.Tuple() | ast.Set() | ast.Starred() | ast.NamedExpr():
                pass
            case ast.Dict(keys=keys, values=values):
                if child in keys:
                    return False
                key = keys[values.index(child)]  # type: ignore[arg-type]  # it is a value, being no key
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and _words(key.value) & HOLDS:
                    return not _words(key.value) & SPARED and not _is_model(key.value)
            case ast.keyword(arg=str(name)):
                return _takes(name)
            case ast.Call(func=func, args=args):
                return child in args and (_takes(_last_name(func)) or _is_default(parent, child))
            case ast.Assign(targets=targets):
                return any(_takes(_last_name(target)) for target in targets)
            case ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
                return _takes(_last_name(target))
            case ast.arguments():
                return _takes(_parameter(parent, child))
            case ast.Return():
                function = next((each for each in module.ancestors(parent) if hasattr(each, "name")), None)
                return _takes(getattr(function, "name", ""))
            case _:
                return False
        child = parent
    return False


def _is_model(key: str) -> bool:
    return key.startswith("claude-") and any(char.isdigit() for char in key)


def _is_default(call: ast.Call, node: ast.AST) -> bool:
    """Whether an argument is what `os.environ.get("CLAUDE_MODEL", ...)` or its like falls back to."""
    if (
        len(call.args) != 2
        or call.args[1] is not node
        or _last_name(call.func) not in ("get", "getenv", "getattr", "pop", "setdefault")
    ):
        return False
    names = [each.value for each in call.args[:1] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return any(_takes(name) for name in names)


def _takes(name: str) -> bool:
    words = _words(name)
    return bool(words & HOLDS) and not words & SPARED


def _words(name: str) -> set[str]:
    return {word.lower() for word in WORD.findall(name)}


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
    return ""


def _parameter(arguments: ast.arguments, default: ast.AST) -> str:
    """Return the name of the parameter that a default is of."""
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)]
    pairs += [pair for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if pair[1]]  # type: ignore[misc]
    return next((argument.arg for argument, value in pairs if value is default), "")
