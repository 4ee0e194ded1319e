"""A tool: a function the model may call, what it is told of it, and how its input becomes arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MethodType
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack, overload

from clarion._tools.casing import recased
from clarion._tools.docs import Docs, docs_of
from clarion._tools.errors import ToolDefinitionError, ToolInputError, UnsupportedSchemaError
from clarion._tools.inputs import Arguments, Misfit, Model, Raw, Read
from clarion._tools.shapes import refuse_malformed
from clarion._tools.signature import annotated, is_method, label_of, parameters_of
from clarion._tools.subset import constrained

if TYPE_CHECKING:
    from pydantic import BaseModel

    from clarion._tools.schema import Schema

F = TypeVar("F", bound=Callable[..., Any])

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MARK = "__clarion_tool__"


class Fixed(TypedDict, total=False):
    """What may be said of a tool that has a name and a description."""

    strict: bool | None
    timeout: float | None
    extra: Mapping[str, Any]


class Options(Fixed, total=False):
    """What may be said of a tool, over what its function says."""

    name: str | None
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function the model may call.

    `timeout` is in seconds; None waits for as long as the function takes. `extra` goes into the definition as it is:
    `cache_control`, `defer_loading`, `input_examples`, ... A strict tool gets no input outside its schema.
    """

    name: str
    description: str
    input_schema: Schema
    function: Callable[..., Any]
    read: Read = field(repr=False)
    strict: bool | None = None
    timeout: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    is_async: bool = False
    is_unbound: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ToolDefinitionError(f"a tool cannot be called {self.name!r}: its name must match ^{NAME.pattern}$")
        if self.timeout is not None and self.timeout <= 0:
            raise ToolDefinitionError(f"the timeout of {self.name} must be positive, in seconds, not {self.timeout}")

    @staticmethod
    def of(source: Tool | Callable[..., Any]) -> Tool:
        """Return the tool that a function is, decorated or not; a method is bound to its instance or class."""
        if isinstance(source, Tool):
            return source
        made: Tool | None = getattr(source, MARK, None)
        if made is None:
            return Tool.from_function(source)
        if isinstance(source, MethodType):
            return replace(made, function=source, is_unbound=False)
        if made.is_unbound:
            raise ToolDefinitionError(
                f"the method {label_of(source)} has no instance to be called on: take it from one, as in shop.find"
            )
        return made

    @staticmethod
    def from_function(function: Callable[..., Any], **options: Unpack[Options]) -> Tool:
        """Return a tool made of a function's signature, annotations and docstring.

        Raises ToolDefinitionError, which names the function and the argument.
        """
        if inspect.isclass(function):
            raise ToolDefinitionError(f"{function!r} is no function; for a pydantic model there is Tool.from_model")
        return _from_function(function, options, names=_names_around(), is_unbound=False)

    @staticmethod
    def from_schema(
        name: str,
        description: str,
        schema: Mapping[str, Any],
        function: Callable[..., Any],
        **options: Unpack[Fixed],
    ) -> Tool:
        """Return a tool with a JSON Schema of your own.

        Its input is passed as keyword arguments, or as one dict to a function whose only parameter is no
        property of the schema. Raises ToolDefinitionError for what is no schema of an object.
        """
        if schema.get("type") != "object":
            raise ToolDefinitionError(f"the schema of {name} must have the type 'object', not {schema.get('type')!r}")
        whole = dict(schema)
        try:
            refuse_malformed(whole)
        except UnsupportedSchemaError as error:
            raise ToolDefinitionError(f"the schema of {name} is none: {error}") from error
        raw = Raw(described=whole, as_dict=_takes_dict(function, whole))
        named: Options = {**options, "name": name, "description": description}
        return _made(function, named, input_schema=whole, read=raw.read)

    @staticmethod
    def from_model(model: type[BaseModel], function: Callable[..., Any], **options: Unpack[Options]) -> Tool:
        """Return a tool whose whole input is a pydantic model: the function gets the instance."""
        whole = Model.of(model)
        schema = whole.schema()
        if schema.get("type") != "object":
            raise ToolDefinitionError(f"{model.__name__} cannot be the input of a tool: it is not a flat object")
        options["description"] = (
            options.get("description") or _docs(function).description or schema.pop("description", "")
        )
        return _made(function, options, input_schema=schema, read=whole.read)

    def definition(self) -> dict[str, Any]:
        """Return the tool as the API's `tools` takes it."""
        told = {"description": self.description} if self.description else {}
        strict = {} if self.strict is None else {"strict": self.strict}
        return {"name": self.name, **told, "input_schema": self.input_schema, **strict, **self.extra}


def validate(tool: Tool, given: object) -> Arguments:
    """Return the arguments that an input stands for. Raises ToolInputError, whose text is fit for the model."""
    if not isinstance(given, dict):
        raise ToolInputError(tool.name, [f"it must be an object with named fields, not a {type(given).__name__}"])
    match tool.read(given):
        case Arguments() as arguments:
            return arguments
        case Misfit(problems):
            again = tool.read(recased(given, tool.input_schema))
            if isinstance(again, Arguments):
                return again
            raise ToolInputError(tool.name, problems)


@overload
def tool(function: F, /) -> F: ...
@overload
def tool(**options: Unpack[Options]) -> Callable[[F], F]: ...
def tool(function: F | None = None, /, **options: Unpack[Options]) -> F | Callable[[F], F]:
    """Make a tool of a function, a method, a static or a class method, async or not, which stays what it was.

    The model is told what the signature, the annotations and the docstring say. Raises ToolDefinitionError.
    """

    def mark(function: F) -> F:
        bare = function.__func__ if isinstance(function, staticmethod | classmethod) else function
        unbound = not isinstance(function, staticmethod) and is_method(bare)
        setattr(bare, MARK, _from_function(bare, options, names=_names_around(), is_unbound=unbound))
        return function

    return mark if function is None else mark(function)


def _from_function(
    function: Callable[..., Any], options: Options, *, names: Mapping[str, Any], is_unbound: bool
) -> Tool:
    docs = _docs(function)
    parameters = parameters_of(function, told=docs.arguments, names=names, is_method=is_unbound)
    told: Options = {**options, "description": options.get("description") or docs.description}
    return replace(_made(function, told, input_schema=parameters.schema(), read=parameters.read), is_unbound=is_unbound)


def _docs(function: Callable[..., Any]) -> Docs:
    return docs_of(annotated(function).__doc__)


def _made(function: Callable[..., Any], options: Options, *, input_schema: Schema, read: Read) -> Tool:
    name = options.get("name")
    name = getattr(function, "__name__", None) if name is None else name
    if name is None:
        raise ToolDefinitionError(f"{label_of(function)} has no name of its own: give the tool one with name=")
    if options.get("strict"):
        try:
            input_schema = constrained(input_schema)
        except UnsupportedSchemaError as error:
            raise ToolDefinitionError(f"{name} cannot be strict: {error}") from error
    return Tool(
        name=name,
        description=options.get("description") or "",
        input_schema=input_schema,
        function=function,
        read=read,
        strict=options.get("strict"),
        timeout=options.get("timeout"),
        extra=options.get("extra") or {},
        is_async=is_async(function),
    )


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling a function gives something to await, as far as it was declared."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _takes_dict(function: Callable[..., Any], schema: Schema) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) != 1 or parameters[0].kind in (parameters[0].VAR_KEYWORD, parameters[0].KEYWORD_ONLY):
        return False
    return parameters[0].name not in schema.get("properties", {})


def _names_around() -> Mapping[str, Any]:
    """Return the local names of the code that called into Clarion, which the annotations of a tool may use."""
    frame = inspect.currentframe()
    while frame and str(frame.f_globals.get("__name__")).startswith("clarion."):
        frame = frame.f_back
    return frame.f_locals if frame else {}
