"""What the Models API says of a model, as facts of the catalogue, and what of it is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarion._catalog import Catalog

THINKING = ("adaptive", "enabled", "disabled", "between_tools")
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that the API gives otherwise than the catalogue; `known` is None for what it did not know."""

    model: str
    fact: str
    known: object
    told: object

    def __str__(self) -> str:
        return f"{self.model}: {self.fact} is {_shown(self.told)}, was {_shown(self.known)}"


def facts_of(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts in one entry of the Models API (SDK 2.12, `ModelInfo`); what it leaves out is left out."""
    capabilities = info.get("capabilities") or {}
    thinking = (capabilities.get("thinking") or {}).get("types") or {}
    efforts = capabilities.get("effort") or {}
    told: dict[str, Any] = {
        "name": info.get("display_name"),
        "line": info.get("line"),
        "lifecycle": info.get("lifecycle"),
        "deprecated_on": _day(info.get("deprecated_at")),
        "retires_on": _day(info.get("retires_at")),
        "context_window": info.get("max_input_tokens"),
        "max_output": info.get("max_tokens"),
        "structured_outputs": (capabilities.get("structured_outputs") or {}).get("supported"),
        "thinking": _supported(thinking, THINKING),
        "efforts": _supported(efforts, EFFORTS),
    }
    return {fact: value for fact, value in told.items() if value is not None}


def differences(catalog: Catalog, infos: Iterable[Mapping[str, Any]]) -> list[Difference]:
    """Return what the API tells otherwise than the catalogue has it, model by model."""
    found = []
    for info in infos:
        model = catalog.models.get(info["id"])
        for fact, told in facts_of(info).items():
            known = None if model is None else getattr(model, fact)
            if told != known and not (isinstance(known, tuple) and set(known) == set(told)):
                found.append(Difference(info["id"], fact, known, told))
    return found


def _supported(flags: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...] | None:
    if not flags:
        return None
    return tuple(name for name in names if (flags.get(name) or {}).get("supported"))


def _day(moment: str | None) -> date | None:
    return date.fromisoformat(moment[:10]) if moment else None


def _shown(value: object) -> str:
    match value:
        case None:
            return "not known"
        case tuple():
            return ", ".join(map(str, value)) or "none"
    return str(value)
