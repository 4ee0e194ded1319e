"""For which of the calls that fit it a step is there: how often, how long, how likely, when, and in which state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ONCE", "START", "Span"]

START = "start"  # the state of whatever no step has set


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a step is there and when it is over. Seconds go by the emulator's clock.

    Args:
        times: How many calls take it; None says nothing about it.
        lasting: Seconds from the first call that takes it.
        chance: How likely a call takes it, from 0 to 1; the others pass it by.
        after_tokens: Input and output tokens its lane has used before.
        window: Seconds after the scenario's first call, from and to.
        is_endless: True when calls take it for ever.
        require: The states its lane has to be in, by the name of what has them.
        set: The states its lane is in after it.

    """

    times: int | None = None
    lasting: float | None = None
    chance: float | None = None
    after_tokens: int = 0
    window: tuple[float, float] | None = None
    is_endless: bool = False
    require: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.times is not None and self.times < 1:
            raise ValueError(f"a step is taken once or more, not {self.times} times")
        if self.lasting is not None and self.lasting <= 0:
            raise ValueError(f"a step lasts some seconds, not {self.lasting:g}")
        if self.chance is not None and not 0 < self.chance <= 1:
            raise ValueError(f"a chance is above 0 and at most 1, not {self.chance:g}")
        if self.after_tokens < 0:
            raise ValueError(f"a number of tokens must not be negative: {self.after_tokens}")
        if self.window is not None and not 0 <= self.window[0] < self.window[1]:
            raise ValueError(f"a window opens at 0 or later and closes after that, not {self.window}")

    @property
    def most(self) -> int | None:
        """How many calls may take the step: once unless anything else is said; None knows no end."""
        is_bounded_otherwise = bool(self.lasting or self.window or self.chance or self.is_endless)
        return None if self.times is None and is_bounded_otherwise else self.times or 1

    @property
    def has_end(self) -> bool:
        """True when a sequence can get past the step."""
        return self.most is not None or self.lasting is not None or self.window is not None

    def is_over(self, *, taken: int, age: float, now: float) -> bool:
        """Tell whether the step is over, `age` seconds after its first call and `now` after the scenario's."""
        if self.most is not None and taken >= self.most:
            return True
        if self.lasting is not None and age >= self.lasting:
            return True
        return self.window is not None and now >= self.window[1]

    def is_open(self, *, tokens: int, now: float, states: Mapping[str, str]) -> bool:
        """Tell whether the step is there for a lane that has used so many tokens and is in these states."""
        if tokens < self.after_tokens or (self.window is not None and now < self.window[0]):
            return False
        return all(states.get(name, START) == wanted for name, wanted in self.require.items())


ONCE = Span()
