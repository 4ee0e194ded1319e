"""What was found in a history, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._repair.ailments import AILMENTS, DOUBTS, UNMENDABLE

if TYPE_CHECKING:
    from clarion._prompt import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """Something wrong with a history: its name, where it is, in a sentence what, and what mending it lost.

    `where` is a place in the history as it came, such as `messages[3].content[1]`. `lost` is None if nothing was.
    """

    name: str
    where: str
    text: str
    lost: str | None = None

    def __str__(self) -> str:
        lost = f" (lost: {self.lost})" if self.lost else ""
        return f"{self.where}: {self.text}{lost}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A history that the API takes, and what had to be done to it.

    `messages` is the very list that came in if nothing had to be; `system` is the system prompt that goes with it.
    `mended` says what was changed, in order; `unmendable` what nobody can mend: then the API will refuse the history.
    `doubts` are what only the API can tell. `betas` are those the history needs beside what the request asks for.
    """

    messages: list[Message]
    system: Any = None
    mended: tuple[Ailment, ...] = ()
    unmendable: tuple[Ailment, ...] = ()
    doubts: tuple[Ailment, ...] = ()
    betas: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether nothing had to be mended, and nothing is beyond it."""
        return not self.mended and not self.unmendable

    def __str__(self) -> str:
        parts = [f"mended {ailment}" for ailment in self.mended]
        parts += [f"cannot be mended: {ailment}" for ailment in self.unmendable]
        parts = parts or ["healthy"]
        for name in dict.fromkeys(doubt.name for doubt in self.doubts):
            first, *others = (doubt for doubt in self.doubts if doubt.name == name)
            more = f" (and {len(others):,} more)" if others else ""
            parts.append(f"not known: {first.where}{more} {first.text}")
        return "\n".join(parts)


class Findings:
    """Collects what is found."""

    def __init__(self) -> None:
        self.mended: list[Ailment] = []
        self.unmendable: list[Ailment] = []
        self.doubts: list[Ailment] = []

    def mend(self, ailment: str, where: str, detail: str = "") -> None:
        """Note what was mended; `detail` says which field or value it was."""
        wrong, mended, lost = AILMENTS[ailment]
        about = f" ({detail})" if detail else ""
        self.mended.append(Ailment(name=ailment, where=where, text=f"{wrong}{about}: {mended}", lost=lost))

    def give_up(self, ailment: str, where: str, detail: str = "") -> None:
        """Note what cannot be mended."""
        about = f" ({detail})" if detail else ""
        self.unmendable.append(Ailment(name=ailment, where=where, text=f"{UNMENDABLE[ailment]}{about}"))

    def doubt(self, ailment: str, where: str) -> None:
        """Note what only the API can tell."""
        self.doubts.append(Ailment(name=ailment, where=where, text=DOUBTS[ailment]))
