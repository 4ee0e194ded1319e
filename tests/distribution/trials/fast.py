"""A job whose answers are read by httptools from a server on uvloop; without them, others do both."""

import os
import sys

from clarion import ClaudeService
from clarion.emulator import Emulator, Server

with Server(Emulator()) as server:
    os.environ.update(ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="any")
    [result] = ClaudeService().map(["Sail!"], journal="sails.job")
    assert result.error is None
print(*sorted({"httptools", "uvloop"} & sys.modules.keys()))
