"""Record what an API answers, and play it back.

    Recorder: asked -> the API, or the emulator -> answer, put on a tape     Player: asked -> tape -> answer, or a miss

A tape is a directory with a readable file for each exchange. A request finds its recordings by its normal form, which
leaves out what may differ without meaning anything.
"""

from __future__ import annotations

from clarion.emulator.recording.player import OnMiss, Player
from clarion.emulator.recording.recorder import Recorder
from clarion.emulator.recording.recording import TapeError
from clarion.emulator.recording.tape import Tape
from clarion.emulator.recording.upstream import Upstream

__all__ = ["OnMiss", "Player", "Recorder", "Tape", "TapeError", "Upstream"]
