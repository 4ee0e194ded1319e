"""The table of rules and how it is applied.

Order matters: first which model it is, then how long and how it thinks, then what depends on whether it thinks. A rule
asks for capabilities, never for a name; what is not known of a model is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clarion._errors import UnfitRequestError
from clarion._fit import answer_schema, choice, lifecycle, marks, sampling, strict, thinking, turns
from clarion._fit.draft import Adjustment, Draft, Fitted, Kind, longer_system

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any

    from clarion._catalog import Catalog


class Rule(NamedTuple):
    """A name, the condition under which it applies, the change, which returns its sentence, and what kind it is."""

    name: str
    applies: Callable[[Draft], bool]
    change: Callable[[Draft], str]
    kind: Kind = "changed"


RULES: tuple[Rule, ...] = (
    Rule("retired-model", lifecycle.is_retired, lifecycle.replace_model),
    Rule("deprecated-model", lifecycle.is_deprecated, lifecycle.warn_of_retirement, "warned"),
    Rule("aging-model", lifecycle.is_past_its_promise, lifecycle.note_the_promise, "noted"),
    Rule("geography", lifecycle.has_geography_in_vain, lifecycle.drop_geography),
    Rule("fast-mode", lifecycle.is_fast_in_vain, lifecycle.drop_speed),
    Rule("fast-mode-beta", lifecycle.lacks_fast_beta, lifecycle.add_fast_beta),
    Rule("max-tokens", thinking.is_too_long, thinking.shorten),
    Rule("thinking-budget", thinking.has_budget_in_vain, thinking.budget_to_effort),
    Rule("adaptive-thinking", thinking.is_adaptive_in_vain, thinking.effort_to_budget),
    Rule("thinking-off", thinking.is_off_in_vain, thinking.think_little),
    Rule("thinking-between-tools", thinking.is_between_in_vain, thinking.think_not_between),
    Rule("effort", thinking.is_effort_unknown, thinking.offer_effort),
    Rule("effort-without-thinking", thinking.is_effort_too_high, thinking.lower_effort),
    Rule("budget-bounds", thinking.is_budget_out_of_bounds, thinking.bound_budget),
    Rule("thinking-display", thinking.is_display_in_vain, thinking.drop_display),
    Rule("forced-tool-while-thinking", choice.is_forced_while_thinking, choice.force_without_thinking),
    Rule("forced-tool", choice.is_forced_in_vain, choice.ask_for_tool),
    Rule(answer_schema.RULE, answer_schema.is_unfollowed, answer_schema.follow),
    Rule("strict-tools", strict.is_too_strict, strict.loosen_tools),
    Rule("style", sampling.has_style, sampling.apply_style, "noted"),
    Rule("sampling", sampling.is_refused, sampling.drop),
    Rule("sampling-while-thinking", sampling.is_refused_while_thinking, sampling.drop_while_thinking),
    Rule("sampling-version", sampling.needs_old_version, sampling.keep_by_old_version),
    Rule("system-first", turns.opens_with_system, turns.move_system_up),
    Rule("system-turns", turns.has_system_turns_in_vain, turns.system_turns_to_user),
    Rule("foreign-thinking", turns.has_foreign_thinking, turns.drop_foreign_thinking),
    Rule("prefill", turns.is_prefilled, turns.ask_for_prefill),
    Rule("prefill-space", turns.has_loose_prefill, turns.trim_prefill),
    Rule("citations-beside-format", turns.has_citations_beside_format, turns.drop_citations),
    Rule("old-content", turns.has_old_content, turns.send_by_old_version),
    Rule("blank-stops", turns.has_blank_stops, turns.drop_blank_stops),
    Rule("cache-marks", marks.are_too_many, marks.keep_first_and_last),
    Rule("cache-order", marks.are_out_of_order, marks.shorten_later),
    Rule("no-system", turns.has_no_system, turns.note_no_system, "noted"),
)


def fit(
    body: Mapping[str, Any],
    catalog: Catalog,
    today: date,
    *,
    headers: Mapping[str, str] | None = None,
    style: str | None = None,
) -> Fitted:
    """Return the request in the form that its model takes, and what was adjusted.

    `body` is that of a Messages request, in plain data; `headers` are what it adds to the client's; `style` is one of
    `sampling.STYLES`. A model that the catalogue does not know gets the request as it is. Raises UnfitRequestError for
    what no adjustment can mend.
    """
    model = catalog.find(body["model"])
    if model is None:
        return _unfitted(body, catalog, headers or {}, style)
    resolved = {**body, "model": catalog.resolve(body["model"])}
    draft = Draft(resolved, headers or {}, model, catalog=catalog, today=today, style=style)
    adjustments = tuple(Adjustment(rule.name, rule.kind, rule.change(draft)) for rule in RULES if rule.applies(draft))
    _refuse_too_many_images(draft)
    return Fitted(body=draft.body, headers=draft.headers, model=draft.model, adjustments=adjustments)


def _unfitted(body: Mapping[str, Any], catalog: Catalog, headers: Mapping[str, str], style: str | None) -> Fitted:
    """Return a request to a model that is not known: as it is, with its style in words."""
    sent = dict(body)
    if style is not None:
        sent["system"] = longer_system(body.get("system"), sampling.STYLES[style][1])
    near = catalog.near(body["model"])
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    text = f"no model {body['model']!r} in the catalogue of {catalog.as_of}: the request is sent as it is{hint}"
    return Fitted(
        body=sent, headers=dict(headers), model=None, adjustments=(Adjustment("unknown-model", "noted", text),)
    )


def _refuse_too_many_images(draft: Draft) -> None:
    most, images = draft.model.images, draft.survey.images
    if most is not None and images > most:
        text = f"there are {images} images, and {draft.model.id} takes at most {most}: send fewer"
        raise UnfitRequestError([Adjustment("images", "changed", text)])
