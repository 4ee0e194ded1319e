"""Rules of thinking, effort and the length of an answer.

Budgets and efforts are translated by one documented table. The API publishes no equivalence; this one keeps the order
and puts the default effort of most models, high, where long budgets were usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._fit.draft import BETA_HEADER

if TYPE_CHECKING:
    from clarion._fit.draft import Draft

LEVELS = ("low", "medium", "high", "xhigh", "max")

# effort <-> thinking.budget_tokens: a budget up to this many tokens is this effort, and the other way round.
BUDGETS = {"low": 4_096, "medium": 10_000, "high": 24_000, "xhigh": 48_000, "max": 63_000}

LEAST_BUDGET = 1_024
INTERLEAVED = "interleaved-thinking-2025-05-14"


def effort_of(budget: int) -> str:
    """Return the effort that a budget in tokens stands for."""
    return next((level for level in LEVELS if budget <= BUDGETS[level]), LEVELS[-1])


def nearest(effort: str, offered: tuple[str, ...]) -> str:
    """Return the highest of the offered levels that is not above `effort`, else the lowest."""
    wanted = LEVELS.index(effort)
    below = [level for level in offered if LEVELS.index(level) <= wanted]
    return below[-1] if below else offered[0]


def takes(draft: Draft, kind: str) -> bool:
    """Whether the model takes a type of thinking; what is not known is taken."""
    return draft.model.thinking is None or kind in draft.model.thinking


def is_too_long(draft: Draft) -> bool:
    most = draft.model.max_output
    return most is not None and draft.body.get("max_tokens", 0) > most


def shorten(draft: Draft) -> str:
    asked, draft.body["max_tokens"] = draft.body["max_tokens"], draft.model.max_output
    return f"{draft.model.id} gives at most {draft.model.max_output:,} tokens: max_tokens={asked:,} was lowered to that"


def has_budget_in_vain(draft: Draft) -> bool:
    return draft.thinking == "enabled" and not takes(draft, "enabled") and takes(draft, "adaptive")


def budget_to_effort(draft: Draft) -> str:
    thinking = draft.body["thinking"]
    budget = thinking.get("budget_tokens") or BUDGETS["medium"]
    if draft.effort is None:
        draft.effort = effort_of(budget)
    draft.body["thinking"] = {"type": "adaptive", "display": thinking.get("display", "summarized")}
    return (
        f"{draft.model.id} takes no thinking budget: budget_tokens={budget:,} became adaptive thinking "
        f"with effort={draft.effort!r}, its summary shown"
    )


def is_adaptive_in_vain(draft: Draft) -> bool:
    return draft.thinking == "adaptive" and not takes(draft, "adaptive") and takes(draft, "enabled")


def effort_to_budget(draft: Draft) -> str:
    room = draft.body.get("max_tokens", 0) // 2
    if room < LEAST_BUDGET:
        del draft.body["thinking"]
        return f"{draft.model.id} does not think within max_tokens={draft.body.get('max_tokens')}: thinking was dropped"
    budget = min(BUDGETS.get(draft.effort or "high", BUDGETS["high"]), room)
    draft.body["thinking"] = {"type": "enabled", "budget_tokens": budget}
    return f"{draft.model.id} knows no adaptive thinking: it became a budget of {budget:,} tokens"


def is_off_in_vain(draft: Draft) -> bool:
    return draft.thinking == "disabled" and not takes(draft, "disabled")


def think_little(draft: Draft) -> str:
    if takes(draft, "between_tools"):
        draft.body["thinking"] = {"type": "between_tools"}
        return (
            f"thinking cannot be disabled on {draft.model.id}: it became between_tools, which does not think up front"
        )
    del draft.body["thinking"]
    if draft.effort is None and draft.model.efforts:
        draft.effort = draft.model.efforts[0]
    return f"{draft.model.id} always thinks: instead of disabling it, effort={draft.effort!r} keeps it short"


def is_between_in_vain(draft: Draft) -> bool:
    return draft.thinking == "between_tools" and not takes(draft, "between_tools")


def think_not_between(draft: Draft) -> str:
    if takes(draft, "disabled"):
        draft.body["thinking"] = {"type": "disabled"}
        return f"{draft.model.id} knows no thinking between tools: thinking was disabled"
    del draft.body["thinking"]
    return f"{draft.model.id} knows no thinking between tools, and always thinks: the setting was dropped"


def is_effort_unknown(draft: Draft) -> bool:
    efforts = draft.model.efforts
    return draft.effort is not None and efforts is not None and draft.effort not in efforts


def offer_effort(draft: Draft) -> str:
    asked, offered = draft.effort, draft.model.efforts or ()
    draft.effort = nearest(asked, offered) if offered and asked in LEVELS else None
    change = f"it became {draft.effort!r}" if draft.effort else "it was dropped"
    return (
        f"{draft.model.id} offers {'effort ' + ', '.join(offered) if offered else 'no effort'}, not {asked!r}: {change}"
    )


def is_effort_too_high(draft: Draft) -> bool:
    most = draft.model.unthinking_effort
    effort = draft.effort
    if most is None or effort not in LEVELS or draft.thinking not in ("disabled", "between_tools"):
        return False
    return LEVELS.index(effort) > LEVELS.index(most)


def lower_effort(draft: Draft) -> str:
    asked, draft.effort = draft.effort, draft.model.unthinking_effort
    return f"{draft.model.id} takes thinking={draft.thinking!r} up to effort={draft.effort!r}, not {asked!r}: lowered"


def is_budget_out_of_bounds(draft: Draft) -> bool:
    if draft.thinking != "enabled" or INTERLEAVED in draft.headers.get(BETA_HEADER, ""):
        return False
    budget = draft.body["thinking"].get("budget_tokens")
    if budget is None:  # for the API to refuse
        return False
    return not LEAST_BUDGET <= budget < draft.body.get("max_tokens", budget + 1)


def bound_budget(draft: Draft) -> str:
    thinking, room = draft.body["thinking"], draft.body.get("max_tokens", 0)
    asked = thinking["budget_tokens"]
    if asked < LEAST_BUDGET < room:
        budget, why = LEAST_BUDGET, "below the least budget"
    elif room // 2 >= LEAST_BUDGET:
        budget, why = room // 2, f"not below max_tokens={room:,}"
    else:
        del draft.body["thinking"]
        return f"max_tokens={room:,} leaves no room for a thinking budget of at least {LEAST_BUDGET:,}: it was dropped"
    draft.body["thinking"] = {**thinking, "budget_tokens": budget}
    return f"budget_tokens={asked:,} is {why}: it became {budget:,}"


def is_display_in_vain(draft: Draft) -> bool:
    return draft.thinking in ("disabled", "between_tools") and "display" in draft.body["thinking"]


def drop_display(draft: Draft) -> str:
    draft.body["thinking"] = {"type": draft.thinking}
    return f"thinking={draft.thinking!r} shows nothing: display was dropped"
