"""How a value with many fields shows itself: by those that are not as they are by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NAMES_ONLY = {"shown": "names"}  # metadata of a field: a mapping whose values may be keys


def brief(value: DataclassInstance) -> str:
    """Return the `repr` of a dataclass without the fields that have their defaults, and without what may be a key."""
    told = [f"{f.name}={_shown(f, got)}" for f in fields(value) if (got := getattr(value, f.name)) != _default(f)]
    return f"{type(value).__name__}({', '.join(told)})"


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _shown(field: Field[Any], value: Any) -> str:
    if field.metadata == NAMES_ONLY and isinstance(value, Mapping):
        return f"{{{', '.join(f'{name!r}: ...' for name in value)}}}"
    return repr(value)
