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

    def __post_init__(self) -> None:
        """Refuse a pace that cannot be kept."""
        if self.tokens_per_second is not None and self.tokens_per_second <= 0:
            raise ValueError(f"tokens_per_second must be positive or None, not {self.tokens_per_second}")
        if self.first_token_delay < 0:
            raise ValueError(f"first_token_delay must not be negative, it is {self.first_token_delay}")

    def delay(self, tokens: int) -> float:
        """Return the seconds it takes to produce so many tokens."""
        return tokens / self.tokens_per_second if self.tokens_per_second else 0.0

    def duration(self, tokens: int, events: int) -> float:
        """Return the seconds a whole answer takes."""
        return self.first_token_delay + self.delay(tokens) + events * self.event_delay
