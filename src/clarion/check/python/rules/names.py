"""Which strings of a program are names of models that it asks for.

A name in a comparison, as the key of a table, in a list of what is retired, or in running text asks for nothing.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from clarion._model_names import named
from clarion.check.models import judged
from clarion.check.python.scopes import FUNCTIONS
from clarion.check.wording import holds_model, is_spared, speaks_of_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion._model_names import Named
    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.python.calls import Program
    from clarion.check.python.module import Module

FEW = 8  # names of models in a list; more of them are a table of what there is
FIELDS = ("Field", "field", "Option", "Argument", "Query")  # what gives a field or a parameter its default
ANSWERS = ("Message", "Response", "Completion", "Result", "Usage", "Event", "Delta")


def retiring_models(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every name of a retired model, or one that soon will be, that is asked for."""
    given = {program.origins.value(call.value("model")) for call in program.calls}
    fitted = {*_given_to_clarion(program)}
    for node in program.module.every(ast.Constant):
        if isinstance(node.value, str) and "claude-" in node.value:
            found = named(node.value, facts.catalog)
            if found is not None and (node in given or node in fitted or is_asked_for(node, program)):
                finding = judged(found, facts, program.module.text, *program.module.span(node))
                if finding is not None:
                    yield _as_note(finding, found, facts) if node in fitted else finding


def _given_to_clarion(program: Program) -> Iterator[ast.AST]:
    """Yield what is given to Clarion, which asks the successor of a retired model: in its calls, and by names."""
    for node in program.module.every(ast.Call):
        if program.origins.of(node.func).startswith("clarion."):
            yield from ast.walk(node)
            model = program.arguments(node).get("model")
            if model is not None and (value := program.origins.value(model.value)) is not None:
                yield value


def _as_note(finding: Finding, found: Named, facts: Facts) -> Finding:
    serving = facts.catalog.serving(found.model.id)
    message = f"{finding.message}; Clarion asks {serving.id if serving else found.name}"
    return replace(finding, severity="note", message=message)


def is_asked_for(node: ast.AST, program: Program) -> bool:
    """Whether an expression stands where the name of a model is taken."""
    child = node
    for parent in program.module.ancestors(node):
        match parent:
            case ast.IfExp(test=test) if test is not child:
                pass
            case ast.BoolOp() | ast.Starred():
                pass
            case ast.List(elts=elements) | ast.Tuple(elts=elements) if len(elements) <= FEW:
                pass
            case ast.Dict(keys=keys, values=values):
                if child in keys or _is_answer(parent):
                    return False
                key = keys[values.index(child)]  # type: ignore[arg-type]  # it is a value, being no key
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and speaks_of_models(key.value):
                    return (
                        holds_model(key.value) and not _is_model(key.value) and not _is_compared(parent, program.module)
                    )
            case ast.keyword(arg="default"):
                pass
            case ast.keyword(arg=str(name)):
                return holds_model(name) and not _is_given_to_an_answer(parent, program.module)
            case ast.Call(func=func):
                if _is_argument(parent, child, program):
                    return True
                if _last_name(func) not in FIELDS:
                    return False
            case ast.Assign(targets=targets):
                names = (*targets, *_enclosing_class(parent, program.module))
                return any(holds_model(_last_name(each)) and not _is_searched(each, program) for each in names)
            case ast.NamedExpr(target=target):
                if holds_model(_last_name(target)):
                    return True
            case ast.AnnAssign(target=target):
                return holds_model(_last_name(target)) and not _is_searched(target, program)
            case ast.arguments():
                return holds_model(_parameter(parent, child))
            case ast.Return():
                function = next(
                    (each for each in program.module.ancestors(parent) if isinstance(each, FUNCTIONS)), None
                )
                return function is not None and holds_model(function.name)
            case _:
                return False
        child = parent
    return False


def _is_answer(node: ast.Dict) -> bool:
    """Whether a dictionary is an answer of the API, as tests make them up."""
    return any(isinstance(key, ast.Constant) and key.value in ("stop_reason", "usage") for key in node.keys)


def _is_compared(node: ast.AST, module: Module) -> bool:
    """Whether an expression is compared with what came."""
    for outer in module.ancestors(node):
        if isinstance(outer, ast.Compare):
            return True
        if isinstance(outer, ast.stmt):
            break
    return False


def _is_given_to_an_answer(keyword: ast.AST, module: Module) -> bool:
    """Whether what a keyword is given to is an answer, as tests make them up: it tells of the model that was asked."""
    call = module.parents[keyword]
    return isinstance(call, ast.Call) and _last_name(call.func).endswith(ANSWERS)


def _is_searched(target: ast.AST, program: Program) -> bool:
    """Whether a name is one of a list that others are looked up in."""
    uses = program.uses.get(target.id, ()) if isinstance(target, ast.Name) else ()
    for use in uses:
        match program.module.parents[use]:
            case ast.Compare(comparators=others) if use in others:
                return True
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith")):
                return True
    return False


def _is_model(key: str) -> bool:
    return key.startswith("claude-") and any(char.isdigit() for char in key)


def _is_argument(call: ast.Call, node: ast.AST, program: Program) -> bool:
    """Whether a model is taken in this place, by the name of what is called, of its parameter or of an option."""
    if isinstance(node, ast.keyword):  # default=..., as argparse and click have it
        return any(holds_model(name) for name in _strings(call.args))
    if node not in call.args:
        return False
    if holds_model(_last_name(call.func)) or _is_default(call, node):
        return True
    function = program.origins.function(call.func)
    if function is None or is_spared(function.name) or any(isinstance(each, ast.Starred) for each in call.args):
        return False
    parameters = [*function.args.posonlyargs, *function.args.args]
    if isinstance(call.func, ast.Attribute):
        parameters = parameters[1:]
    at = call.args.index(node)
    return at < len(parameters) and holds_model(parameters[at].arg)


def _enclosing_class(statement: ast.AST, module: Module) -> list[ast.AST]:
    parent = module.parents.get(statement)
    return [parent] if isinstance(parent, ast.ClassDef) else []


def _strings(nodes: list[ast.expr]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _is_default(call: ast.Call, node: ast.AST) -> bool:
    """Whether an argument is what `os.environ.get("CLAUDE_MODEL", ...)` or its like falls back to."""
    if (
        len(call.args) != 2
        or call.args[1] is not node
        or _last_name(call.func) not in ("get", "getenv", "getattr", "pop", "setdefault")
    ):
        return False
    return any(holds_model(name) for name in _strings(call.args[:1]))


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.ClassDef(name=name):
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
