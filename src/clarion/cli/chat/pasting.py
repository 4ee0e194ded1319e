"""What is pasted into a terminal that does not mark it comes as keys, faster than anybody types: taken as one piece.

That is quicker by far, and the ends of its lines, the last one too, are no Enter that sends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from itertools import groupby

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

BURST = 32  # keys that came at once
PAUSE = 0.3  # seconds in which the rest of several lines comes
ENTERS = (Keys.ControlM, Keys.ControlJ)
SPACES = (*ENTERS, Keys.ControlI)


def terminal_input() -> Input:
    """Return the keys of the terminal, with pastes in one piece."""
    if sys.platform == "win32":  # where the library sees to that
        return create_input()
    from prompt_toolkit.input.vt100 import Vt100Input

    class PastingInput(Vt100Input):
        pasted = -PAUSE  # when several lines were pasted last

        def read_keys(self) -> list[KeyPress]:
            pieces = [*in_pieces(super().read_keys(), goes_on=time.monotonic() - self.pasted < PAUSE)]
            if any(press.key == Keys.BracketedPaste and "\n" in press.data for press in pieces):
                self.pasted = time.monotonic()
            return pieces

    return PastingInput(sys.stdin)


def in_pieces(keys: Sequence[KeyPress], *, goes_on: bool = False) -> Iterator[KeyPress]:
    """Yield keys that came at once, long runs of text, and what a paste goes on with, as what was pasted.

    An Enter at the end of a single line stays one, and one that comes alone: so programs type.
    """
    for is_text, run in groupby(keys, _is_text):
        pressed = [*run]
        if not is_text or len(pressed) < (2 if goes_on else BURST):
            yield from pressed
            continue
        lines = sum(press.key in ENTERS for press in pressed)
        last = [pressed.pop()] if lines == 1 and pressed[-1].key in ENTERS and not goes_on else []
        yield KeyPress(Keys.BracketedPaste, "".join(map(_written, pressed)))
        yield from last


def _is_text(press: KeyPress) -> bool:
    return press.key in SPACES or (not isinstance(press.key, Keys) and len(press.key) == 1)


def _written(press: KeyPress) -> str:
    match press.key:
        case Keys.ControlM | Keys.ControlJ:
            return "\n"
        case Keys.ControlI:
            return "\t"
    return str(press.key)
