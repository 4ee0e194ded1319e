"""A model that a text names: whether it is retired or soon will be, and what follows it. Every language asks here.

Bedrock and Google Cloud retire models by schedules of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._plural import number_of
from clarion.check.finding import Edit, Finding

if TYPE_CHECKING:
    from clarion._catalog import Model
    from clarion._model_names import Named
    from clarion.check.facts import Facts


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
    return f"retires on {model.retires_on}, in {number_of(days, 'day')}" if days <= facts.horizon else None


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
