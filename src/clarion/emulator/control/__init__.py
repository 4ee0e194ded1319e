"""What a server shows and does under `/_emulator/`: the log, the state, a live page, and a few levers.

    door (whose page asks?) -> table of routes -> view or lever -> Response

It is no part of the API: it asks for no key, is not logged, and takes no step of a scenario.
"""

from __future__ import annotations

from clarion.emulator.control.console import Console

__all__ = ["Console"]
