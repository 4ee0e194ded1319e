"""The ways an input becomes the arguments of a function: one by one, as a model, or as it is.

Each has a schema for the model and a `read`, which returns the arguments or says what is wrong with the input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._tools.conform import problems_with
from clarion._tools.problems import read_value
from clarion._tools.schema import Schema, schema_of, schemas_of, with_definitions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, TypeAdapter


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function is called with."""

    positional: tuple[Any, ...]
    named: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with an input, a line for each field."""

    problems: tuple[str, ...]


Read = Callable[[dict[str, Any]], Arguments | Misfit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The parameters of a function: their types, which are required, and the type of all others, if it takes others."""

    types: Mapping[str, TypeAdapter[Any]]
    descriptions: Mapping[str, str]
    defaults: Mapping[str, Any]
    required: frozenset[str]
    others: TypeAdapter[Any] | None

    def schema(self) -> Schema:
        """Return the schema of the input: an object with a property for each parameter."""
        others = {"": self.others} if self.others else {}  # no parameter has this name
        made, definitions = schemas_of({**self.types, **others})
        properties = {name: self._property(name, made[name]) for name in self.types}
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": made.get("", False)}
        required = [name for name in self.types if name in self.required]
        return with_definitions(schema | ({"required": required} if required else {}), definitions)

    def read(self, given: dict[str, Any]) -> Arguments | Misfit:
        """Return the arguments; a parameter that is not given is left to the function's own default."""
        problems = [f"{name}: required, but missing" for name in self.types if name in self.required - given.keys()]
        named: dict[str, Any] = {}
        for name, value in given.items():
            adapter = self.types.get(name, self.others)
            if adapter is None:
                problems.append(f"{name}: there is no such argument; arguments: {', '.join(self.types) or 'none'}")
                continue
            named[name], wrong = read_value(adapter, value, name)
            problems += wrong
        return Misfit(tuple(problems)) if problems else Arguments((), {**self._missing(given), **named})

    def _property(self, name: str, schema: Schema) -> Schema:
        described = {"description": self.descriptions[name]} if name in self.descriptions else {}
        default = {"default": self.defaults[name]} if name in self.defaults else {}
        return {**described, **schema, **default}

    def _missing(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the defaults that only pydantic knows, from `Annotated[..., Field(default=...)]`."""
        left = self.types.keys() - self.required - given.keys() - self.defaults.keys()
        found = {name: self.types[name].get_default_value() for name in left}
        return {name: default.value for name, default in found.items() if default is not None}


@dataclass(frozen=True, slots=True)
class Model:
    """A pydantic model, or any type that is an object, as the whole input: the function gets the instance."""

    adapter: TypeAdapter[Any]

    @staticmethod
    def of(model: type[BaseModel]) -> Model:
        """Return the input that is this model."""
        from pydantic import TypeAdapter

        return Model(TypeAdapter(model))

    def schema(self) -> Schema:
        """Return the schema of the model."""
        return schema_of(self.adapter)

    def read(self, given: dict[str, Any]) -> Arguments | Misfit:
        """Return the instance as the only argument."""
        value, problems = read_value(self.adapter, given)
        return Misfit(tuple(problems)) if problems else Arguments((value,), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """An input described by a JSON Schema, passed on as keyword arguments or as one dict."""

    described: Schema
    as_dict: bool

    def read(self, given: dict[str, Any]) -> Arguments | Misfit:
        """Return what was given, if it is what the schema describes."""
        problems = problems_with(given, self.described)
        if problems:
            return Misfit(tuple(problems))
        return Arguments((given,), {}) if self.as_dict else Arguments((), dict(given))
