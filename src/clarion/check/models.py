"""A model by its name, however it is spelled: what it is, whether it is retired or soon will be, and what follows it.

Every language asks here. Names are those of the catalogue (ids and aliases), with the prefixes of gateways
("anthropic/...", "anthropic:..."), of Amazon Bedrock ("us.anthropic.claude-...-v1:0", ARNs too) and of Google Cloud
("claude-3-5-sonnet@20240620"). Bedrock and Google Cloud retire models by schedules of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from clarion.check.finding import Edit, Finding

if TYPE_CHECKING:
    from clarion._catalog import Catalog, Model
    from clarion.check.facts import Facts

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


def _of_bedrock(found: re.Match[str], catalog: Catalog) -> Model | None:
    name, version, minor = found["id"], found["version"] or "", found["minor"] or ""
    old = OLD_BEDROCK.get(f"{name}{version}{minor}") or OLD_BEDROCK.get(f"{name}{version}")
    return catalog.models.get(old or name)


def judged(found: Named, facts: Facts, text: str, start: int, end: int) -> Finding | None:
    """Return what is to be said of a model that characters `start` to `end` of a text name; None if nothing is.

    Where the API's id stands there as it is, the finding of a retired model has the edit to its successor's.
    """
    when = _when(found.model, facts)
    if when is None:
        return None
    if found.platform != "Claude API":
        return Finding(code="CLA103", start=start, end=end, message=_elsewhere(found, when))
    if not _is_gone(found.model, facts):
        message = f"{found.name} {when}; its successor is {found.model.replacement}"
        return Finding(code="CLA102", start=start, end=end, message=message)
    successor = found.model.replacement
    message = f"{found.name} {when}" + (f"; its successor is {successor}" if successor else "")
    return Finding(code="CLA101", start=start, end=end, message=message, edits=_edits(found, text, start, end))


def _is_gone(model: Model, facts: Facts) -> bool:
    return model.is_retired or (model.retires_on is not None and model.retires_on <= facts.today)


def _when(model: Model, facts: Facts) -> str | None:
    """Return the half of a sentence that says when a model retires; None if that is not near."""
    if model.is_retired:
        return f"was retired on {model.retires_on}"
    if model.retires_on is None:
        return None
    days = (model.retires_on - facts.today).days
    if days <= 0:
        return f"was to retire on {model.retires_on}"
    return f"retires on {model.retires_on}, in {days} day{'s' * (days != 1)}" if days <= facts.horizon else None


def _elsewhere(found: Named, when: str) -> str:
    return (
        f"{found.name} is {found.model.name}, which {when} on the Claude API; "
        f"{found.platform} has a schedule of its own. Its successor is {found.model.replacement}"
    )


def _edits(found: Named, text: str, start: int, end: int) -> tuple[Edit, ...]:
    successor = found.model.replacement
    if successor is None or found.id is None or text.count(found.id, start, end) != 1:
        return ()
    at = text.index(found.id, start, end)
    return (Edit(at, at + len(found.id), successor),)
