"""What a judge may find: each finding has a code, a sentence with the calls that show it, and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarion.emulator.verdict.visit import Visit

__all__ = ["SOURCES", "Finding", "finding"]

SOURCES = {  # the pages of the Claude documentation that ask for it
    "retry-after-ignored": "Rate limits, response headers",
    "hopeless-retry": "Errors, HTTP errors",
    "refusal-retried": "Handling stop reasons, refusal",
    "empty-resent": "Handling stop reasons, empty responses with end_turn",
    "pause-taken-for-end": "Handling stop reasons, pause_turn",
    "pause-edited": "Handling stop reasons, pause_turn",
    "cut-call-executed": "Handling stop reasons, max_tokens within a tool call",
    "results-incomplete": "Tool use, parallel tool use",
    "thinking-dropped": "Extended thinking, preserving thinking blocks in tool use",
    "thinking-edited": "Extended thinking, preserving thinking blocks in tool use",
    "no-back-off": "Errors, overloaded_error",
    "too-many-tries": "Errors, overloaded_error",
    "retry-storm": "Rate limits, acceleration limits",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a client should not have done.

    Args:
        code: What it is, one of `SOURCES`.
        sentence: What was seen.
        session: The conversation it was seen in; empty if in several.
        calls: The numbers of the calls that show it, as in `emulator.requests`.

    """

    code: str
    sentence: str
    session: str
    calls: tuple[int, ...]

    @property
    def source(self) -> str:
        """The section of the Claude documentation that asks for something else."""
        return SOURCES[self.code]

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} (calls {', '.join(map(str, self.calls))}; see {self.source})"


def finding(code: str, sentence: str, *visits: Visit) -> Finding:
    """Return the finding that visits show."""
    sessions = {visit.session for visit in visits}
    session = sessions.pop() if len(sessions) == 1 else ""
    return Finding(code=code, sentence=sentence, session=session, calls=tuple(visit.number for visit in visits))
