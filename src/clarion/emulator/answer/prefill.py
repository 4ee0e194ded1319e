"""How an answer goes on from text that was put into its mouth."""

from __future__ import annotations

import json

__all__ = ["onward"]

CLOSING = {"{": "}", "[": "]"}
MISSING = (  # what may be wanting before the brackets close, tried in this order
    *("", '"', ": true", '": true', '"emulated": true', ' "emulated": true', " true"),
    *("rue", "ue", "e", "alse", "lse", "se", "ull", "ll", "l", "0", '\\"', "\\"),
)


def onward(prefill: str, account: str) -> str:
    """Return the text after a prefill: the rest of the JSON it begins, else an account of what arrived."""
    begun = prefill[min((place for mark in CLOSING if (place := prefill.find(mark)) >= 0), default=len(prefill)) :]
    return _rest(begun) if begun else f" {account}"


def _rest(begun: str) -> str:
    """Return the shortest end that makes JSON of a beginning; a full stop for what is none."""
    closers = _closers(begun)
    for missing in MISSING:
        try:
            json.loads(begun + missing + closers)
        except ValueError:
            continue
        return missing + closers
    return "."


def _closers(begun: str) -> str:
    """Return the brackets that are open at the end of a text, closed."""
    opened: list[str] = []
    is_inside, is_escaped = False, False
    for letter in begun:
        if is_escaped:
            is_escaped = False
        elif letter == "\\" and is_inside:
            is_escaped = True
        elif letter == '"':
            is_inside = not is_inside
        elif letter in CLOSING and not is_inside:
            opened.append(CLOSING[letter])
        elif opened and letter == opened[-1] and not is_inside:
            opened.pop()
    return "".join(reversed(opened))
