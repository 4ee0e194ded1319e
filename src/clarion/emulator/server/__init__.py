"""The emulator on a socket, for any client of the Messages API.

    with Server(Emulator()) as server:
        anthropic.Anthropic(api_key="any", base_url=server.url)

`reader` and `writer` know HTTP and no socket; `connection` carries bytes between them and a client; `ticker` keeps
the pace of all streams with one timer; `running` owns the socket, the loop and the end. `asgi` is the emulator as an
application for servers that are not ours.
"""

from __future__ import annotations

from clarion.emulator.server.asgi import Application
from clarion.emulator.server.running import Server, serve

__all__ = ["Application", "Server", "serve"]
