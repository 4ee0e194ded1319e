"""What an emulator is set to, and what it remembers between calls. Endpoints look at it; nothing else holds state."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from clarion.emulator.batches import Batches
from clarion.emulator.cache.diagnosis import Diagnostics
from clarion.emulator.cache.store import PromptCache
from clarion.emulator.clock import ShiftedClock
from clarion.emulator.files import Files
from clarion.emulator.limits import Limiter
from clarion.emulator.log import Log
from clarion.emulator.pace import Pace
from clarion.emulator.scenario.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Profile", "Settings", "State"]

Profile = Literal["strict", "contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an emulator is made with and keeps.

    Args:
        profile: `strict` refuses what production refuses; `contract` lets ids and placeholder values pass, for
            the tests of generated clients.
        seed: Varies the answers that are made up, such as instances of a schema.
        pace: How fast answers come.
        batch_seconds: How long a batch takes.

    """

    profile: Profile = "strict"
    seed: int = 0
    pace: Pace = field(default_factory=Pace)
    batch_seconds: float = 1.0

    @property
    def takes_placeholders(self) -> bool:
        """True when any id stands for something and any value of the right type will do."""
        return self.profile == "contract"

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        if self.profile not in get_args(Profile):
            raise ValueError(f"there is no profile {self.profile!r}; profiles: {', '.join(get_args(Profile))}")
        if self.batch_seconds < 0:
            raise ValueError(f"batch_seconds must not be negative, it is {self.batch_seconds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What an emulator remembers. Each part guards itself, so that threads may share a state."""

    settings: Settings = field(default_factory=Settings)
    clock: ShiftedClock = field(default_factory=ShiftedClock)
    script: Run = field(default_factory=Run)
    log: Log = field(default_factory=Log)
    batches: Batches = field(default_factory=Batches)
    files: Files = field(default_factory=Files)
    cache: PromptCache = field(default_factory=PromptCache)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    limiter: Limiter = field(default_factory=Limiter)
    ordinals: Iterator[int] = field(default_factory=lambda: itertools.count(1))  # next() on it is one step

    def reset(self) -> None:
        """Forget everything, put the clock right, and begin the script or scenario anew."""
        for part in (self.log, self.batches, self.files, self.cache, self.diagnostics, self.limiter):
            part.clear()
        self.clock.reset()
        self.script.restart()
