"""How fast answers come."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Pace"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds before the first token, tokens a second after it (None: at once), seconds before every event."""

    first_token_delay: float = 0.0
    tokens_per_second: float | None = None
    event_delay: float = 0.0

    def delay(self, tokens: int) -> float:
        """Return the seconds it takes to produce so many tokens."""
        return tokens / self.tokens_per_second if self.tokens_per_second else 0.0

    def duration(self, tokens: int, events: int) -> float:
        """Return the seconds a whole answer takes."""
        return self.first_token_delay + self.delay(tokens) + events * self.event_delay
