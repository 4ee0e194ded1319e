"""What is known of each model of the Claude API: lifecycle, limits, capabilities, price multipliers.

Capabilities are data (catalog.toml): code asks a Model what it takes and never branches on its name. What is not known
is None.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clarion._errors import InvalidSettingError
from clarion._shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from os import PathLike

Lifecycle = Literal["active", "deprecated", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model, by the facts of catalog.toml, where each field is explained. None is: not known, or not offered."""

    id: str
    line: str
    name: str
    lifecycle: Lifecycle
    aliases: tuple[str, ...] = ()
    released: date | None = None
    deprecated_on: date | None = None
    retires_on: date | None = None
    not_before: date | None = None
    replacement: str | None = None
    restricted: bool = False
    context_window: int | None = None
    max_output: int | None = None
    tokenizer: Literal["new", "old"] | None = None
    thinking: tuple[str, ...] | None = None
    thinks: Literal["always", "on", "off"] | None = None
    display: Literal["omitted", "summarized"] | None = None
    efforts: tuple[str, ...] | None = None
    effort: str | None = None
    unthinking_effort: str | None = None
    sampling: str | None = None
    prefill: bool | None = None
    forced_tools: bool | None = None
    structured_outputs: bool | None = None
    system_messages: bool | None = None
    bound_thinking: bool | None = None
    images: int | None = None
    pdf_pages: int | None = None
    image_tier: Literal["high", "standard"] | None = None
    min_cacheable: int | None = None
    batch: Decimal | None = None
    fast: Decimal | None = None
    us: Decimal | None = None
    priced_as: str | None = None
    fast_beta: str | None = None
    fast_until: date | None = None
    tool_prompt: tuple[int, int] | None = None
    cutoff: str | None = None

    @property
    def is_retired(self) -> bool:
        """Whether the API answers a request to it with 404."""
        return self.lifecycle == "retired"


FIELDS = frozenset(f.name for f in fields(Model)) - {"id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All models that are known, and the presets by which one is chosen without naming it."""

    models: Mapping[str, Model]
    presets: Mapping[str, str]
    as_of: date

    @classmethod
    def load(cls, own: str | PathLike[str] | None = None) -> Catalog:
        """Return the catalogue that comes with Clarion, with a file of the user's own over it.

        Raises InvalidSettingError that names the file and the entry.
        """
        return _builtin() if own is None else _builtin().with_file(Path(own))

    def find(self, name: str) -> Model | None:
        """Return the model of an id, an alias, a preset ("smart") or a line ("opus"); None if there is none."""
        return self.models.get(self.presets.get(name, name))

    def serving(self, name: str) -> Model | None:
        """Return the model that answers to a name: the one of that name, or the successor of a retired one."""
        model = self.find(name)
        if model is None or not model.is_retired or model.replacement is None:
            return model
        return self.models[model.replacement]

    def resolve(self, name: str) -> str:
        """Return the id that is sent for a name: that of a preset; anything else, an unknown id too, stays."""
        return self.presets.get(name, name)

    def near(self, name: str) -> list[str]:
        """Return the names nearest to one that is not known, for a message."""
        import difflib

        return difflib.get_close_matches(name, [*self.presets, *self.models], n=3)

    def sheets(self) -> list[Model]:
        """Return every model once, in the order of the file."""
        return list(dict.fromkeys(self.models.values()))

    def with_file(self, path: Path) -> Catalog:
        """Return this catalogue with a file over it: new models, and other facts about known ones."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidSettingError(f"cannot read the catalogue {path}: {error}") from error
        try:
            return self.with_facts(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidSettingError(f"the catalogue {path} has an entry that cannot be: {error}") from error

    def with_facts(self, data: Mapping[str, Any]) -> Catalog:
        """Return this catalogue with facts over it, as a catalogue file has them."""
        models = dict(self.models)
        for id, facts in data.get("models", {}).items():
            traits = dict(data.get("traits", {}).get(facts.get("traits"), {}))
            model = _model(models.get(id), id, {**traits, **facts})
            models |= dict.fromkeys((id, *model.aliases), model)
        presets = {**self.presets, **data.get("presets", {})}
        for preset, id in presets.items():
            if id not in models:
                raise ValueError(f"preset {preset!r} names {id!r}, which is no model")
        return Catalog(models=models, presets=presets, as_of=data.get("as_of", self.as_of))


@cache
def _builtin() -> Catalog:
    data = tomllib.loads(shipped("catalog.toml").decode())
    return Catalog(models={}, presets={}, as_of=data["as_of"]).with_facts(data)


def _model(known: Model | None, id: str, facts: dict[str, Any]) -> Model:
    facts.pop("traits", None)
    unknown = facts.pop("unknown", ())
    if strange := facts.keys() - FIELDS:
        raise ValueError(f"{id}: no fact is named {', '.join(sorted(strange))}")
    values: dict[str, Any] = {name: _value(name, value) for name, value in facts.items()} | dict.fromkeys(unknown)
    if known is not None:
        return replace(known, **values)
    least: dict[str, Any] = {"line": "claude", "name": id, "lifecycle": "active"}
    return Model(id=id, **least | values)


def _value(name: str, value: Any) -> Any:
    """Return a value of the file as a Model has it."""
    match value:
        case list():
            return tuple(value)
        case str() if name in ("batch", "fast", "us"):
            return Decimal(value)
    return value
