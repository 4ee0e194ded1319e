"""An offline Messages API that behaves like the real one, for tests, demos and work without a key.

`Emulator.respond` is the whole API as one function. `clarion.emulator.script` holds the words for faults and
answers that its calls shall meet. The transports serve it in process to the official
SDK's clients, `Server` on a socket to anything that speaks HTTP. It shares no code with the rest of
Clarion, so it cannot share mistakes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from clarion.emulator.app import Emulator
from clarion.emulator.limits import Limits, Ramp, SpendLimits
from clarion.emulator.script.step import Step
from clarion.emulator.wire import Chunk, ConnectionLost, Response

if TYPE_CHECKING:
    from clarion.emulator.server import Server, serve
    from clarion.emulator.transport import AsyncEmulatorTransport, EmulatorTransport

__all__ = [
    "AsyncEmulatorTransport",
    "Chunk",
    "ConnectionLost",
    "Emulator",
    "EmulatorTransport",
    "Limits",
    "Ramp",
    "Response",
    "Server",
    "SpendLimits",
    "Step",
    "serve",
]

_EDGES = {
    "AsyncEmulatorTransport": "transport",
    "EmulatorTransport": "transport",
    "Server": "server",
    "serve": "server",
}


def __getattr__(name: str) -> object:
    if name not in _EDGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EDGES[name]}"), name)
