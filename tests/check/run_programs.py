"""Run programs one after another, and print as JSON what each ended with: the name of its error, or null."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys

outcomes: dict[str, str | None] = {}
for path in sys.argv[1:]:
    outcomes[path] = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(path, run_name="__main__")
    except Exception as error:  # noqa: BLE001 - whatever a program ends with
        outcomes[path] = f"{type(error).__name__}: {error}"
print(json.dumps(outcomes))
