"""Checks of settings, and of what in the environment goes over them."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from clarion._errors import ClarionError
from clarion._settings import SETTINGS
from clarion.doctor.line import fail, ok, warn

if TYPE_CHECKING:
    from clarion.doctor.line import Line
    from clarion.doctor.surroundings import Surroundings

VARIABLES = {*(f"CLARION_{name.upper()}" for name in SETTINGS), "CLARION_CONFIG", "CLARION_COMPLETE"}
NEAR = 90  # days within which a retirement is near


def settings(around: Surroundings) -> Line:
    """Whether the settings can be read, and where they are from."""
    try:
        around.settings  # noqa: B018 -- reading it is the check
    except ClarionError as error:
        return fail(str(error), "mend the file or the variable that is named")
    named = around.environ.get("CLARION_CONFIG")
    path = Path(named or "clarion.toml")
    where = str(path.absolute()) if path.is_file() else "no clarion.toml here"
    given = sorted(name for name in around.environ if name in VARIABLES and around.environ[name])
    strange = sorted(name for name in around.environ if name.startswith("CLARION_") and name not in VARIABLES)
    found = f"{where}; from the environment: {', '.join(given) or 'none'}"
    if strange:
        near = difflib.get_close_matches(strange[0], VARIABLES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"settings: {', '.join(sorted(VARIABLES))}"
        return warn(f"{found}; {strange[0]} is no setting", hint)
    return ok(found)


def model(around: Surroundings) -> Line:
    """Whether the model that the settings name will go on answering."""
    named = around.usable_settings.config.model
    asked, serving = around.catalog.find(named), around.model
    if asked is None or serving is None:
        near = around.catalog.near(named)
        hint = f"did you mean {' or '.join(near)}?" if near else "clarion models lists those that are known"
        return warn(
            f"{named} is not in the catalogue of {around.catalog.as_of}", f"{hint} If it is new: upgrade Clarion"
        )
    if asked.is_retired:
        found = f"{named} was retired on {asked.retires_on}; {serving.id} answers instead"
        return warn(found, f"set model = {serving.id!r}")
    days = (asked.retires_on - around.today).days if asked.retires_on else None
    if asked.lifecycle == "deprecated" or (days is not None and days <= NEAR):
        return warn(f"{asked.id} retires on {asked.retires_on}", f"move to {asked.replacement}")
    if asked.not_before is not None and asked.not_before <= around.today:
        return ok(f"{asked.id}; it was promised until {asked.not_before}, and may be deprecated any day")
    return ok(asked.id if named == asked.id else f"{named} is {asked.id}")
