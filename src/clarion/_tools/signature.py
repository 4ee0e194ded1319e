"""The parameters of a function, read from its signature and its annotations."""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from clarion._tools.errors import ToolDefinitionError
from clarion._tools.inputs import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import TypeAdapter

KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def parameters_of(
    function: Callable[..., Any], *, told: Mapping[str, str], names: Mapping[str, Any] | None, is_method: bool
) -> Parameters:
    """Return the parameters of a function, without its first if it is a method.

    `told` has what its docstring says of them, `names` the local names that its annotations may use. Raises
    ToolDefinitionError, which names the function and the argument.
    """
    label = label_of(function)
    hints = _hints(function, names, label)
    parameters = _listed(function, label)[is_method:]
    for parameter in parameters:
        _refuse(parameter, hints, label)
    single = [parameter for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    types = {p.name: _adapter(_annotation(p, hints), f"{label}, argument {p.name!r}") for p in single}
    rest = [p for p in parameters if p.kind is p.VAR_KEYWORD]
    return Parameters(
        types=types,
        descriptions={**told, **{p.name: text for p in single if (text := _text(hints[p.name]))}},
        defaults=_written({p.name: p.default for p in single if _has_plain_default(p)}),
        required=frozenset(p.name for p in single if _is_required(p, types[p.name])),
        others=_adapter(hints.get(rest[0].name, Any), f"{label}, **{rest[0].name}") if rest else None,
    )


def is_method(function: Callable[..., Any]) -> bool:
    """Whether a function, as it is seen by a decorator, was written in a class to get the instance or the class."""
    place = getattr(function, "__qualname__", "").rpartition(".")[0]
    if not place or place.endswith("<locals>"):
        return False
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return first is not None and (first.annotation is first.empty or first.name in ("self", "cls"))


def annotated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that has the annotations and the docstring: of a partial, or of an object that is called."""
    if isinstance(function, functools.partial):
        return annotated(function.func)
    return function if inspect.isroutine(function) else type(function).__call__


def label_of(function: Callable[..., Any]) -> str:
    """Return what a function is called in messages."""
    name: str = getattr(function, "__qualname__", None) or repr(function)
    return name.replace("<locals>.", "")


def _listed(function: Callable[..., Any], label: str) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError as error:
        raise ToolDefinitionError(
            f"{label} has no signature that can be read: wrap it in a function of yours"
        ) from error


def _hints(function: Callable[..., Any], names: Mapping[str, Any] | None, label: str) -> dict[str, Any]:
    try:
        return get_type_hints(annotated(function), localns=dict(names or {}), include_extras=True)
    except NameError as error:
        raise ToolDefinitionError(
            f"{label} is annotated with {error.name!r}, which cannot be found from its module: "
            "define or import it there, outside of `if TYPE_CHECKING`"
        ) from error


def _refuse(parameter: inspect.Parameter, hints: Mapping[str, Any], label: str) -> None:
    name = parameter.name
    if parameter.kind is parameter.VAR_POSITIONAL:
        raise ToolDefinitionError(f"{label} takes *{name}, but a model names its arguments: take a list instead")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise ToolDefinitionError(
            f"{label} takes {name!r} by position only, but a model names its arguments: drop the /"
        )
    if parameter.kind is parameter.VAR_KEYWORD:
        return
    if name not in hints:
        raise ToolDefinitionError(
            f"{label}: the argument {name!r} has no annotation, so its type is not known: add one"
        )
    if not KEY.fullmatch(name):
        raise ToolDefinitionError(f"{label}: the API takes no argument called {name!r}; it must match {KEY.pattern}")


def _annotation(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Any:
    """Return the annotation, with the `Field` in it that pydantic's users write as a default."""
    from pydantic.fields import FieldInfo

    hint = hints[parameter.name]
    return Annotated[hint, parameter.default] if isinstance(parameter.default, FieldInfo) else hint


def _adapter(annotation: Any, where: str) -> TypeAdapter[Any]:
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic_core import SchemaError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        adapter.json_schema()
    except (PydanticUserError, SchemaError) as error:
        why = " ".join(line.strip() for line in str(error).split("\n") if "further information" not in line)
        raise ToolDefinitionError(f"{where}: {_name(annotation)} has no JSON Schema: {why}") from error
    return adapter


def _name(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _text(annotation: Any) -> str | None:
    """Return the description in `Annotated[type, "description"]`."""
    if get_origin(annotation) is not Annotated:
        return None
    return next((part for part in get_args(annotation)[1:] if isinstance(part, str)), None)


def _is_required(parameter: inspect.Parameter, adapter: TypeAdapter[Any]) -> bool:
    return not _has_plain_default(parameter) and adapter.get_default_value() is None


def _has_plain_default(parameter: inspect.Parameter) -> bool:
    from pydantic.fields import FieldInfo

    return parameter.default is not parameter.empty and not isinstance(parameter.default, FieldInfo)


def _written(defaults: Mapping[str, object]) -> dict[str, Any]:
    """Return the defaults that JSON has a way to write; the others are not shown."""
    from pydantic_core import to_jsonable_python

    written = {}
    for name, default in defaults.items():
        with contextlib.suppress(ValueError):
            written[name] = to_jsonable_python(default)
    return written
