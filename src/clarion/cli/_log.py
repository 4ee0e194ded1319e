"""What the command line shows of the log, on standard error: warnings as they are, or what `-v` asks for."""

from __future__ import annotations

import logging
import sys

from clarion.cli._talk import printable

VERBOSITIES = {1: "info", 2: "debug"}  # what each -v shows
ATTEMPTS = "clarion.attempts"  # their lines are shown to those alone who ask for a log


class _Handler(logging.Handler):
    """Says records on standard error, whatever that is by then."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{printable(self.format(record))}\n")  # a display of progress may stand in its place


def show_warnings() -> None:
    """Show warnings, unless it has been said already what is shown."""
    if not any(isinstance(handler, _Handler) for handler in logging.getLogger("clarion").handlers):
        show_log(None)


def show_log(level: str | None) -> None:
    """Show the log of Clarion from a level on; None for warnings, but those of attempts. The last call holds."""
    log = logging.getLogger("clarion")
    for handler in [handler for handler in log.handlers if isinstance(handler, _Handler)]:
        log.removeHandler(handler)
    shown = _Handler()
    if level is None:
        shown.setFormatter(logging.Formatter("clarion: %(message)s"))
        shown.addFilter(lambda record: record.name != ATTEMPTS)
    else:
        shown.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s", "%H:%M:%S"))
    log.addHandler(shown)
    log.setLevel(logging.WARNING if level is None else level.upper())
