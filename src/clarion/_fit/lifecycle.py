"""Rules of the model itself: retired, deprecated, past its promise; and of where and how fast it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._fit.draft import BETA_HEADER

if TYPE_CHECKING:
    from clarion._fit.draft import Draft


def is_retired(draft: Draft) -> bool:
    return draft.model.is_retired and draft.model.replacement is not None


def replace_model(draft: Draft) -> str:
    old, asked = draft.model, draft.body["model"]
    draft.model = draft.catalog.models[str(old.replacement)]
    draft.body["model"] = draft.model.id
    return f"{asked} was retired on {old.retires_on}; {draft.model.id} answers instead"


def is_deprecated(draft: Draft) -> bool:
    return draft.model.lifecycle == "deprecated"


def warn_of_retirement(draft: Draft) -> str:
    model = draft.model
    return f"{model.id} is deprecated and retires on {model.retires_on}: move to {model.replacement}"


def is_past_its_promise(draft: Draft) -> bool:
    promised = draft.model.not_before
    return draft.model.lifecycle == "active" and promised is not None and promised <= draft.today


def note_the_promise(draft: Draft) -> str:
    model = draft.model
    return f"{model.id} was promised only until {model.not_before}, and may be deprecated any day"


def has_geography_in_vain(draft: Draft) -> bool:
    return "inference_geo" in draft.body and draft.model.us is None


def drop_geography(draft: Draft) -> str:
    geo = draft.body.pop("inference_geo")
    return f"{draft.model.id} does not let you choose where it runs: inference_geo={geo!r} was dropped"


def is_fast_in_vain(draft: Draft) -> bool:
    if draft.body.get("speed") != "fast":
        return False
    until = draft.model.fast_until
    return draft.model.fast is None or (until is not None and until < draft.today)


def drop_speed(draft: Draft) -> str:
    del draft.body["speed"]
    return f"{draft.model.id} has no fast mode: it runs at standard speed and price"


def lacks_fast_beta(draft: Draft) -> bool:
    beta = draft.model.fast_beta
    return draft.body.get("speed") == "fast" and beta is not None and beta not in draft.headers.get(BETA_HEADER, "")


def add_fast_beta(draft: Draft) -> str:
    beta = str(draft.model.fast_beta)
    betas = draft.headers.get(BETA_HEADER)
    draft.headers = {**draft.headers, BETA_HEADER: f"{betas},{beta}" if betas else beta}
    return f"{draft.model.id} has fast mode only under the beta {beta}, which was added"
