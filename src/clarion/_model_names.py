"""What a model is called: by the API, by gateways and by clouds, and which names are of one model.

Names are those of the catalogue (ids and aliases), with the prefixes of gateways ("anthropic/...", "anthropic:..."), of
Amazon Bedrock ("us.anthropic.claude-...-v1:0", ARNs too) and of Google Cloud ("claude-3-5-sonnet@20240620").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from clarion._catalog import Catalog, Model

Platform = Literal["Claude API", "Amazon Bedrock", "Google Cloud"]

GATEWAY = re.compile(r"anthropic[/:](?P<id>claude-[\w.-]+)")
BEDROCK = re.compile(
    r"""
    (?: bedrock/(?:converse/)? )?
    (?: arn:aws[\w-]*:bedrock:[\w-]*:\d*:(?:foundation-model|inference-profile)/ )?
    (?: [a-z]{2,6}(?:-[a-z]+)?\. )?
    anthropic\.(?P<id>claude-[a-z0-9-]+?)
    (?P<version>-v\d+)?(?P<minor>:\d+)?(?::\d+k)?
    """,
    re.VERBOSE,
)
GOOGLE = re.compile(
    r"(?:vertex_ai/)?(?:[\w/-]*publishers/anthropic/models/)?(?P<id>claude-[a-z0-9-]+?)(?:-v\d+)?@(?P<date>\d{8})"
)

DATE = re.compile(r"-\d{8}$")

# Names that Bedrock gave before the API dated its own.
OLD_BEDROCK = {
    "claude-v1": "claude-1.3",
    "claude-v2": "claude-2.0",
    "claude-v2:1": "claude-2.1",
    "claude-instant-v1": "claude-instant-1.2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a name tells: the model, where it is asked for, and the API's own id, if the name has that in it."""

    name: str
    model: Model
    platform: Platform
    id: str | None


def named(name: str, catalog: Catalog) -> Named | None:
    """Return the model that a whole string names; None if it is no model that the catalogue knows."""
    if "claude-" not in name:
        return None
    if (model := catalog.models.get(name)) is not None:
        return Named(name=name, model=model, platform="Claude API", id=name)
    if (found := GATEWAY.fullmatch(name)) and (model := catalog.models.get(found["id"])):
        return Named(name=name, model=model, platform="Claude API", id=found["id"])
    if (found := BEDROCK.fullmatch(name)) and (model := _of_bedrock(found, catalog)):
        return Named(name=name, model=model, platform="Amazon Bedrock", id=None)
    if (found := GOOGLE.fullmatch(name)) and (model := catalog.models.get(f"{found['id']}-{found['date']}")):
        return Named(name=name, model=model, platform="Google Cloud", id=None)
    return None


def are_one(name: str, other: str, catalog: Catalog) -> bool:
    """Whether two names are of one model: its id, an alias, its id with a date, or what a cloud calls it.

    Of a model that the catalogue does not know, that is the name with and without a date; two dates are two models.
    """
    if name == other:
        return True
    first, second = _id(name, catalog), _id(other, catalog)
    return first == second or DATE.sub("", first) == second or first == DATE.sub("", second)


def _id(name: str, catalog: Catalog) -> str:
    found = named(name, catalog)
    return found.model.id if found else name


def _of_bedrock(found: re.Match[str], catalog: Catalog) -> Model | None:
    name, version, minor = found["id"], found["version"] or "", found["minor"] or ""
    old = OLD_BEDROCK.get(f"{name}{version}{minor}") or OLD_BEDROCK.get(f"{name}{version}")
    return catalog.models.get(old or name)
