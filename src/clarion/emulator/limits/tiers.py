"""What organisations may ask for: the tiers of the API as data, and limits of one's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

__all__ = ["Group", "Limits", "Pool", "Tier", "TierName", "group_of", "groups", "tier"]

TierName = Literal["start", "build", "scale"]
Pool = Literal["messages", "count_tokens", "batches", "files"]  # what is limited apart from the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent on the messages of a group of models in a minute; what is None is as in the tier."""

    requests: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could ever be asked."""
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and value < 1:
                raise ValueError(f"Limits({one.name}={value}) would let nothing pass; give a positive number or None")


@dataclass(frozen=True, slots=True)
class Group:
    """Models that share their limits: what the group is called, and their ids."""

    name: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One tier; `tiers.toml` explains the fields. `groups` are requests, input and output tokens a minute."""

    groups: dict[str, tuple[int, int, int]]
    spend_limit: int
    batches: int
    batch_queue: int
    count_tokens: int
    files: int


def tier(name: TierName) -> Tier:
    """Return a tier by its name.

    Raises:
        ValueError: There is no such tier.

    """
    if name not in get_args(TierName):
        raise ValueError(f"there is no tier {name!r}; tiers: {', '.join(get_args(TierName))}")
    return _tiers()[name]


def group_of(model: str) -> str:
    """Return the group of models whose buckets a model shares, by its id."""
    return _groups().get(model, "opus-5-5")


@cache
def groups() -> dict[str, Group]:
    """Return the groups of models, by the name that tiers use."""
    return {key: Group(row["name"], tuple(row["models"])) for key, row in _data()["group"].items()}


@cache
def _tiers() -> dict[str, Tier]:
    data = _data()
    return {
        name: Tier(groups={group: tuple(row[name]) for group, row in data["group"].items()}, **rest)
        for name, rest in data["tier"].items()
    }


@cache
def _groups() -> dict[str, str]:
    return {model: key for key, group in groups().items() for model in group.models}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("clarion.emulator.limits").joinpath("tiers.toml").read_text("utf-8"))
