"""The table of checks, and how they are run: one after the other, none of them for longer than it may take."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from clarion._threads import start
from clarion.doctor import access, files, installation, settings
from clarion.doctor.line import Line
from clarion.doctor.secrets import secrets_in, without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion.doctor.surroundings import Surroundings

PATIENCE = 60.0  # seconds that looking into a large file may take


class Check(NamedTuple):
    """A check: its name, what looks, and for how many seconds it may; None is twice as long as the API may take."""

    name: str
    look: Callable[[Surroundings], Line]
    patience: float | None = None


CHECKS = (
    Check("python", installation.python),
    Check("sdk", installation.sdk),
    Check("extras", installation.extras),
    Check("settings", settings.settings),
    Check("model", settings.model),
    Check("catalogue", installation.catalogue),
    Check("prices", installation.prices),
    Check("credentials", access.credentials),
    Check("address", access.address),
    Check("api", access.reach),
    Check("api version", access.version),
    Check("clock", access.clock),
    Check("model access", access.model_access),
    Check("rate limits", access.limits),
    Check("ledger", files.ledger, PATIENCE),
)


def examine(around: Surroundings) -> Iterator[Line]:
    """Yield what every check finds, in order. No secret of the environment is in it."""
    secrets = secrets_in(around.environ)
    jobs = [Check("job", partial(files.job, path=path), PATIENCE) for path in around.jobs]
    for check in (*CHECKS, *jobs):
        line = _in_time(check, around)
        yield replace(line, found=without(line.found, secrets), fix=without(line.fix, secrets))


def _in_time(check: Check, around: Surroundings) -> Line:
    """Return what a check finds, or that it took too long: a server may drip for as long as it likes."""
    looking = start(partial(_seen, check, around), name=f"clarion-doctor-{check.name}")
    patience = check.patience or 2 * around.timeout
    try:
        line = looking.result(patience)
    except TimeoutError:
        line = Line("", "fail", f"no end within {patience:g} s", "raise --timeout, or see what is slow")
    return replace(line, name=check.name)


def _seen(check: Check, around: Surroundings) -> Line:
    try:
        return check.look(around)
    except Exception as error:  # noqa: BLE001 -- one line that cannot be had must not cost the others
        return Line("", "fail", f"{type(error).__name__}: {error}", "report it: this is a mistake of Clarion's")
