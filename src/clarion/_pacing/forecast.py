"""What answers take, from those that came: output tokens, seconds, and how wrong the guesses of the input are."""

from __future__ import annotations

from dataclasses import dataclass

SLOWLY = 0.003  # of each answer: while sending is held only long answers come back, and a quick mean would drift up
RATIOS = (0.01, 4.0)  # of true to guessed input tokens, at the utmost
FIRST_SPEED = 60.0  # output tokens a second, before there was an answer
FIRST_LATENCY = 1.0  # seconds


@dataclass(slots=True, kw_only=True)
class Forecast:
    """Running means over answers; `guessed` and `counted` are input tokens, `latency` is in seconds.

    `speed` is how many output tokens a second one request draws, from its departure to its end. By `ratio` a guess of
    input tokens is multiplied: guesses err, and cache reads do not count; `doubt` is how far, as a share, a guess is
    then still off.
    """

    answers: int = 0
    output: float = 0.0
    latency: float = FIRST_LATENCY
    guessed: float = 0.0
    counted: float = 0.0
    doubt: float = 0.0
    speed: float = FIRST_SPEED
    ratio: float = 1.0

    def learn(self, *, guessed: float, counted: float, output: float, latency: float) -> None:
        """Take an answer into account."""
        self.answers += 1
        weight = max(SLOWLY, 1 / self.answers)
        if guessed:
            self.doubt += weight * (min(1.0, abs(counted / guessed - self.ratio)) - self.doubt)
        self.output += weight * (output - self.output)
        self.latency += weight * (max(0.01, latency) - self.latency)
        self.guessed += weight * (guessed - self.guessed)
        self.counted += weight * (counted - self.counted)
        self.speed = self.output / self.latency
        if self.guessed:
            least, most = RATIOS
            self.ratio = min(most, max(least, self.counted / self.guessed))
