"""What is pasted into a terminal that does not mark it comes as keys, faster than anybody types: taken as one piece.

That is quicker by far, and the ends of its lines are no Enter that sends.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

BURST = 32  # keys that came at once
SPACES = (Keys.ControlM, Keys.ControlI)


def terminal_input() -> Input:
    """Return the keys of the terminal, with pastes in one piece."""
    if sys.platform == "win32":  # where the library sees to that
        return create_input()
    from prompt_toolkit.input.vt100 import Vt100Input

    class PastingInput(Vt100Input):
        def read_keys(self) -> list[KeyPress]:
            return [*in_pieces(super().read_keys())]

    return PastingInput(sys.stdin)


def in_pieces(keys: Sequence[KeyPress]) -> Iterator[KeyPress]:
    """Yield keys that came at once, long runs of text as what was pasted; an Enter at the end of one stays itself."""
    for is_text, run in groupby(keys, _is_text):
        pressed = [*run]
        if not is_text or len(pressed) < BURST:
            yield from pressed
            continue
        last = [pressed.pop()] if pressed[-1].key == Keys.ControlM else []
        yield KeyPress(Keys.BracketedPaste, "".join(map(_written, pressed)))
        yield from last


def _is_text(press: KeyPress) -> bool:
    return press.key in SPACES or (not isinstance(press.key, Keys) and len(press.key) == 1)


def _written(press: KeyPress) -> str:
    match press.key:
        case Keys.ControlM:
            return "\n"
        case Keys.ControlI:
            return "\t"
    return str(press.key)
