"""What a model refuses of a request: judged by the rules of `_fit`, which mend it at run time. For every language.

A scanner gives what is in sight of a request; what is not is left out, so that nothing is said of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clarion._config import is_well_formed
from clarion._errors import UnfitRequestError
from clarion._fit import fit
from clarion._fit.draft import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._model_names import Named
    from clarion.check.facts import Facts

USER = {"role": "user", "content": "?"}
TOOL = {"name": "?", "input_schema": {"type": "object"}}
TEXTS = ("speed", "inference_geo")
FORMED = ("max_tokens", "thinking", "output_config", "tool_choice")


class Unfit(NamedTuple):
    """A rule of fitting as a finding: its code, the argument it is about, a sentence, the arguments a fit writes."""

    code: str
    about: str
    text: str
    writes: tuple[str, ...] = ()


UNFIT: Mapping[str, Unfit] = {
    "thinking-budget": Unfit(
        "CLA211",
        "thinking",
        "takes no thinking budget (400): ask for adaptive thinking, with an effort",
        ("thinking", "output_config"),
    ),
    "adaptive-thinking": Unfit(
        "CLA212", "thinking", "knows no adaptive thinking (400): give it a budget", ("thinking",)
    ),
    "thinking-off": Unfit(
        "CLA212", "thinking", "always thinks (400): a low effort keeps it short", ("thinking", "output_config")
    ),
    "thinking-between-tools": Unfit("CLA212", "thinking", "knows no thinking between tools (400)", ("thinking",)),
    "budget-bounds": Unfit("CLA213", "thinking", "takes budgets from 1,024 to below max_tokens (400)", ("thinking",)),
    "effort": Unfit("CLA214", "output_config", "does not offer this effort (400)", ("output_config",)),
    "effort-without-thinking": Unfit(
        "CLA214", "output_config", "does not take this effort without thinking (400)", ("output_config",)
    ),
    "forced-tool": Unfit(
        "CLA221", "tool_choice", "cannot be made to call a tool (400): ask for it in the system prompt"
    ),
    "forced-tool-while-thinking": Unfit(
        "CLA221", "tool_choice", "cannot be made to call a tool while it thinks by a budget (400)"
    ),
    "prefill": Unfit(
        "CLA222", "messages", "takes no prefilled answer (400): ask for its beginning, or for an output format"
    ),
    "max-tokens": Unfit("CLA223", "max_tokens", "gives no answer that long (400)", ("max_tokens",)),
    "fast-mode": Unfit("CLA225", "speed", "has no fast mode", ("speed",)),
    "geography": Unfit("CLA225", "inference_geo", "does not let you choose where it runs", ("inference_geo",)),
}


class Refusal(NamedTuple):
    """One thing that a model refuses: its code, the argument it is about, a sentence, and what would be taken instead.

    `instead` has the value that each argument should have, None where it should be dropped; it is empty where that is
    not for a machine to decide.
    """

    code: str
    about: str
    message: str
    instead: Mapping[str, Any]


def refusals(found: Named, request: Mapping[str, Any], facts: Facts) -> list[Refusal]:
    """Return what the model of a request refuses of it, or the successor of a retired model would.

    `request` has what is in sight of `max_tokens`, `speed`, `inference_geo`, `thinking`, `output_config`, `tool_choice`
    and, as `prefill`, the text of a last message of the assistant.
    """
    if found.platform != "Claude API" and found.model.is_retired:
        return []
    body = _body(found.model.id, request)
    try:
        fitted = fit(body, facts.catalog, facts.today)
    except UnfitRequestError:  # by a schema that nothing can mend
        return []
    if fitted.model is None:
        return []
    who = fitted.model.id if fitted.model is found.model else f"{fitted.model.id}, which follows {found.name},"
    rules = [rule for adjustment in fitted.adjustments if (rule := UNFIT.get(adjustment.rule))]
    return [
        Refusal(
            rule.code,
            rule.about,
            f"{who} {rule.text}",
            {name: fitted.body.get(name) for name in rule.writes if fitted.body.get(name) != body.get(name)},
        )
        for rule in rules
    ]


def _body(model: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in sight as a body that can be fitted."""
    body: dict[str, Any] = {"model": model, "messages": [USER], "system": "?"}
    body |= {name: request[name] for name in TEXTS if isinstance(request.get(name), str)}
    body |= {name: request[name] for name in FORMED if name in request and is_well_formed(name, request[name])}
    for name in ("thinking", "tool_choice"):
        if name in body and not isinstance(mapping(body[name]).get("type"), str):
            del body[name]
    if "tool_choice" in body:
        body["tools"] = [TOOL]
    if isinstance(text := request.get("prefill"), str) and text.strip():
        body["messages"] = [USER, {"role": "assistant", "content": text}]
    return body
