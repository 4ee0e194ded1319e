"""Rules of temperature, top_p and top_k, and of style, which stands in for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._fit.draft import OLD_VERSION

if TYPE_CHECKING:
    from clarion._fit.draft import Draft

SAMPLING = ("temperature", "top_p", "top_k")

# style: (temperature where there is sampling, what is said in the system prompt where there is none)
STYLES = {
    "factual": (
        0.2,
        "Answer factually and consistently: plain wording, no embellishment, nothing you are not sure of.",
    ),
    "balanced": (0.7, "Answer in a natural, balanced way: accurate, with some variety in wording."),
    "creative": (1.0, "Answer creatively: seek original ideas, vivid wording and unexpected turns."),
}


def has_style(draft: Draft) -> bool:
    return draft.style is not None


def apply_style(draft: Draft) -> str:
    temperature, words = STYLES[str(draft.style)]
    if draft.model.sampling and not draft.thinks and not asked(draft):
        draft.body["temperature"] = temperature
        return f"style={draft.style!r} became temperature={temperature}"
    draft.add_to_system(words)
    return f"style={draft.style!r} became a sentence at the end of the system prompt"


def asked(draft: Draft) -> list[str]:
    return [name for name in SAMPLING if name in draft.body]


def is_refused(draft: Draft) -> bool:
    return not draft.model.sampling and any(name in draft.body for name in SAMPLING)


def drop(draft: Draft) -> str:
    dropped = [f"{name}={draft.body.pop(name)}" for name in asked(draft)]
    return f"{draft.model.id} takes no sampling parameters: {', '.join(dropped)} was dropped"


def is_refused_while_thinking(draft: Draft) -> bool:
    return bool(draft.model.sampling) and draft.thinks and bool(_refused_while_thinking(draft))


def drop_while_thinking(draft: Draft) -> str:
    dropped = [f"{name}={draft.body.pop(name)}" for name in _refused_while_thinking(draft)]
    return f"{draft.model.id} takes no {', '.join(dropped)} while it thinks: dropped"


def _refused_while_thinking(draft: Draft) -> list[str]:
    allowed = {
        "temperature": draft.body.get("temperature") == 1,
        "top_p": 0.95 <= draft.body.get("top_p", 1) <= 1,
        "top_k": False,
    }
    return [name for name in asked(draft) if not allowed[name]]


def needs_old_version(draft: Draft) -> bool:
    return draft.model.sampling == OLD_VERSION != draft.version and any(name in draft.body for name in SAMPLING)


def keep_by_old_version(draft: Draft) -> str:
    draft.use_old_version()
    return f"{draft.model.id} takes {', '.join(asked(draft))} only under API version {OLD_VERSION}, which is sent"
