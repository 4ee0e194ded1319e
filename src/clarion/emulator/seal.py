"""The signature of a thinking block: an opaque text that says who thought what, and after which conversation.

A seal is a few facts under a keyed hash, masked by a stream that depends on the hash. Reading it needs no
memory of the answer, so any emulator can check the blocks of another. It looks like the API's: base64 of a
length-prefixed field, a few hundred characters.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from clarion.emulator.trail import DIGEST, MOST_TURNS, Marks

__all__ = ["Seal"]

KEY = b"clarion emulator: thinking"
TAG = 16  # bytes
SHOWN = 12
LEAST = 150  # bytes of a seal's facts, filled up, so that short ones do not look short
FIELD = 0x12


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a signature vouches for.

    Args:
        model: The id of the model that thought.
        shown: A digest of the text the block shows; nothing is shown of redacted thinking.
        tokens: What the thinking takes in a prompt, shown or not.
        before: The conversation it is bound to; None when the model binds to none.

    """

    model: str
    shown: bytes
    tokens: int
    before: Marks | None

    @classmethod
    def of(cls, model: str, shown: str, tokens: int, before: Marks | None) -> Seal:
        """Seal a block that shows this text."""
        return cls(model=model, shown=_shown(shown), tokens=tokens, before=before)

    @classmethod
    def read(cls, signature: str) -> Seal | None:
        """Return the seal a signature was made from; None when it is none of ours or was changed."""
        try:
            data = b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return None
        size = len(data) - 3
        if size < TAG + LEAST or data[:3] != _head(size):
            return None
        tag, facts = data[3 : 3 + TAG], _masked(data[3 + TAG :], data[3 : 3 + TAG])
        return cls._unpacked(facts) if _tag(facts) == tag else None

    def vouches_for(self, shown: str) -> bool:
        """Tell whether this is the text the block showed."""
        return self.shown == _shown(shown)

    @property
    def signature(self) -> str:
        """The seal as a client sees it."""
        facts = self._packed()
        tag = _tag(facts)
        return b64encode(_head(TAG + len(facts)) + tag + _masked(facts, tag)).decode()

    def _packed(self) -> bytes:
        model = self.model.encode()
        head = bytes([len(model)]) + model + self.shown + self.tokens.to_bytes(4)
        if self.before is None:
            return (head + b"\xff\xff").ljust(LEAST, b"\0")
        turns = self.before.turns[:MOST_TURNS]
        count = len(turns).to_bytes(2)
        return (head + count + self.before.system + self.before.tools + b"".join(turns)).ljust(LEAST, b"\0")

    @classmethod
    def _unpacked(cls, facts: bytes) -> Seal:
        start = 1 + facts[0]
        model, shown = facts[1:start].decode(), facts[start : start + SHOWN]
        tokens = int.from_bytes(facts[start + SHOWN : start + SHOWN + 4])
        start += SHOWN + 4
        count = int.from_bytes(facts[start : start + 2])
        if count == 0xFFFF:
            return cls(model=model, shown=shown, tokens=tokens, before=None)
        places = range(start + 2, start + 2 + (count + 2) * DIGEST, DIGEST)
        system, tools, *turns = (facts[place : place + DIGEST] for place in places)
        return cls(model=model, shown=shown, tokens=tokens, before=Marks(system, tools, tuple(turns)))


def _shown(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=SHOWN).digest()


def _tag(facts: bytes) -> bytes:
    return hashlib.blake2b(facts, digest_size=TAG, key=KEY).digest()


def _masked(data: bytes, tag: bytes) -> bytes:
    stream = hashlib.shake_256(KEY + tag).digest(len(data))
    return (int.from_bytes(data) ^ int.from_bytes(stream)).to_bytes(len(data))


def _head(size: int) -> bytes:
    """Return a protobuf field's tag and length, two bytes of length in all cases."""
    return bytes([FIELD, size & 0x7F | 0x80, size >> 7])
