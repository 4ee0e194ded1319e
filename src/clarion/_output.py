"""Structured output: a Python type as the schema an answer must have, and the answer as a value of the type.

The API holds an answer to the part of JSON Schema that constrained decoding follows; everything else that the type
says is checked here. What is no object is sent inside one, as `{"value": ...}`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from clarion._errors import ClarionError
from clarion._tools.casing import recased
from clarion._tools.errors import UnsupportedSchemaError
from clarion._tools.problems import problems_of
from clarion._tools.schema import schema_of
from clarion._tools.subset import constrained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import TypeAdapter, ValidationError

    from clarion._completion import Completion

T = TypeVar("T")
Made = TypeVar("Made")

VALUE = "value"


class OutputError(ClarionError, ValueError):
    """An answer that is not what `output_type` describes.

    `text` is the answer, `problems` has one line a field; `repair_prompt()` asks the model to mend it. `completion` is
    the turn it came from: what was paid for is not lost.

    Way out: raise `repair_rounds` or `max_tokens`, or send `repair_prompt()` yourself.
    """

    def __init__(self, text: str, problems: Sequence[str]) -> None:
        super().__init__("the answer is not what output_type describes: " + "; ".join(problems))
        self.text = text
        self.problems = tuple(problems)
        self.completion = cast("Completion", None)  # the turn that raises it says which

    def repair_prompt(self) -> str:
        """Return the message to send after the answer, to get it mended."""
        lines = "\n".join(f"- {problem}" for problem in self.problems)
        return f"Your answer does not fit:\n{lines}\nGive the whole answer again with these corrected."


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Generic[T]):
    """What an answer must be: a pydantic model, a dataclass, a TypedDict, a list, a Literal, an Enum, a union, ..."""

    annotation: Any
    schema: dict[str, Any]
    is_wrapped: bool
    adapter: TypeAdapter[Any] = field(repr=False)

    @overload
    @staticmethod
    def of(type_: type[Made]) -> Output[Made]: ...
    @overload
    @staticmethod
    def of(type_: object) -> Output[Any]: ...
    @staticmethod
    def of(type_: Any) -> Output[Any]:
        """Return the output that is this type. Raises UnsupportedSchemaError for one the API cannot be held to."""
        try:
            hash(type_)
        except TypeError:  # of what stands in an Annotated
            return _made(type_)
        return _known(type_)

    @property
    def format(self) -> dict[str, Any]:
        """What `output_config.format` takes."""
        return {"type": "json_schema", "schema": self.schema}

    def parse(self, text: str) -> T:
        """Return the value that an answer stands for. Raises OutputError, which names what does not fit."""
        from pydantic import ValidationError

        try:
            value: Any = self.adapter.validate_json(text)
        except ValidationError as error:
            value = self._mended(text, error)
        if not self.is_wrapped:
            return value  # type: ignore[no-any-return]  # the adapter made it of T
        if VALUE not in value:
            raise OutputError(text, [f"{VALUE}: required, but missing"])
        return value[VALUE]  # type: ignore[no-any-return]  # the adapter made it of T

    def partial(self, text: str) -> Any | None:
        """Return what can be read of an answer that is still coming, as plain data; None while there is nothing.

        It is not validated: fields may be missing, and the last text in it may be cut.
        """
        data = _data(text)
        if not self.is_wrapped:
            return data
        return data.get(VALUE) if isinstance(data, dict) else None

    def _mended(self, text: str, error: ValidationError) -> Any:
        """Return the value if only the case of names of a closed set was wrong."""
        from pydantic_core import from_json, to_json

        try:
            return self.adapter.validate_json(to_json(recased(from_json(text), self.schema)))
        except ValueError:  # of which pydantic's ValidationError is one
            raise OutputError(text, problems_of(error, _data(text))) from error


def _made(type_: Any) -> Output[Any]:
    from pydantic import PydanticUserError, TypeAdapter

    try:
        schema = constrained(schema_of(TypeAdapter(type_)))
    except (PydanticUserError, UnsupportedSchemaError) as error:
        name = type_.__name__ if isinstance(type_, type) else str(type_)
        why = str(error).split("\n")[0]
        raise UnsupportedSchemaError(f"{name} cannot be an output_type: {why}") from error
    if schema.get("type") == "object":
        return Output(annotation=type_, schema=schema, is_wrapped=False, adapter=TypeAdapter(type_))
    return Output(annotation=type_, schema=_wrapped(schema), is_wrapped=True, adapter=TypeAdapter(dict[str, type_]))


_known = lru_cache(maxsize=256)(_made)


def _data(text: str) -> Any | None:
    from pydantic_core import from_json

    try:
        return from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return None


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    wrapper = {"type": "object", "properties": {VALUE: inner}, "required": [VALUE], "additionalProperties": False}
    return {**wrapper, **definitions}
