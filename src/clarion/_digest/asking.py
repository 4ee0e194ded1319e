"""What the model is asked: about all documents at once, about one piece, about the notes made of many.

Every document has citations on, so each statement of an answer comes with the place it is from, which the API itself
puts there (Claude documentation, "Citations"). Notes go into the next call as documents of blocks, one a statement: the
answer cites blocks, and each block has its own citations already.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from clarion._request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._config import ClaudeConfig
    from clarion._digest.piece import Part

Block = dict[str, Any]
Noted = tuple[str, "Sequence[str]"]  # the title of notes, and their statements

CITE = "Cite the documents for every statement you make."
TASK = """
The task is:

<task>
{instruction}
</task>

"""
NOTES = (
    "You read a long set of documents piece by piece, and take notes for a task. What you are given is one piece of "
    "the set; others read the other pieces, and the notes on all pieces will be put together."
    + TASK
    + "Note everything in this piece that the task needs, and nothing else. One statement a line, each complete in "
    "itself: say who and what it is about, and the chapter or section where that matters. Write at most {words:,} "
    f"words. {CITE} If nothing in the piece is of use for the task, write only: Nothing."
)
MERGE = (
    "A long set of documents was read piece by piece, and notes were taken for a task. What you are given is the notes "
    "on some pieces that follow each other, one document for each piece."
    + TASK
    + "Put these notes together into fewer: leave nothing out that the task needs, say once what is said several "
    "times, and keep their order. One statement a line, each complete in itself. Write at most {words:,} words. "
    f"{CITE}"
)
ANSWER = (
    "A long set of documents was read piece by piece, and notes were taken for the task that follows. What you are "
    "given is these notes, in the order of the documents. Do the task as if you had read the documents themselves, and "
    f"do not speak of notes. {CITE}"
)

WORDS_A_TOKEN = 0.6  # of English, in the tokens of today's models, to be on the safe side
QUOTED = 1_000  # characters of a task that are said again after a long piece
TITLE = 300  # characters of the title of a document; the API takes 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How the calls of one digest ask.

    `config` is that of the answer, `noting` that of the calls that take notes of `note_tokens` tokens, or put them
    together into `merge_tokens`. `marks_rules` says that what these begin with goes to the prompt cache.
    """

    instruction: str
    config: ClaudeConfig
    noting: ClaudeConfig
    note_tokens: int
    merge_tokens: int
    marks_rules: bool = False

    def whole(self, parts: Sequence[Part]) -> Request:
        """Return the call that reads everything at once."""
        return self._request(CITE, [*map(_document, parts), _text(self.instruction)], self.config)

    def notes(self, parts: Sequence[Part]) -> Request:
        """Return the call that takes notes on one piece."""
        content = [*map(_document, parts), _text(self._reminder("Write your notes"))]
        return self._request(self._rules(NOTES, self.note_tokens), content, self.noting, marks=self.marks_rules)

    def merge(self, notes: Sequence[Noted]) -> Request:
        """Return the call that makes fewer notes of many."""
        content = [*map(_noted, notes), _text(self._reminder("Put the notes together"))]
        return self._request(self._rules(MERGE, self.merge_tokens), content, self._merging)

    def answer(self, notes: Sequence[Noted]) -> Request:
        """Return the call that makes the answer of the last notes."""
        return self._request(ANSWER, [*map(_noted, notes), _text(self.instruction)], self.config.but(cache=False))

    def config_of(self, kind: str) -> ClaudeConfig:
        """Return the configuration of the calls of a kind: "piece", "whole", "merge" or "answer"."""
        return {"piece": self.noting, "merge": self._merging}.get(kind, self.config)

    @property
    def _merging(self) -> ClaudeConfig:
        return self.noting.but(max_tokens=self.noting.max_tokens + 2 * (self.merge_tokens - self.note_tokens))

    def _rules(self, rules: str, tokens: int) -> str:
        return rules.format(instruction=self.instruction, words=int(tokens * WORDS_A_TOKEN))

    def _reminder(self, what: str) -> str:
        if len(self.instruction) > QUOTED:
            return f"{what} for the task above."
        return f"{what} for the task: {self.instruction}"

    def _request(self, rules: str, content: list[Block], config: ClaudeConfig, *, marks: bool = False) -> Request:
        own = config.system
        blocks = [_text(own)] if isinstance(own, str) and own else [dict(block) for block in own or ()]
        mark = {"cache_control": {"type": "ephemeral"}} if marks else {}
        blocks.append(_text(rules) | mark)
        return Request(messages=({"role": "user", "content": content},), config=config.but(system=blocks))


def fingerprint(request: Request, model: str) -> bytes:
    """Return what tells a call from every other: what it asks, of whom, how."""
    data = orjson.dumps(
        [request.body() | {"model": model}, request.headers()], option=orjson.OPT_SORT_KEYS, default=str
    )
    return hashlib.blake2b(data, digest_size=16).digest()


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _document(part: Part) -> Block:
    source = {"type": "text", "media_type": "text/plain", "data": part.text}
    return {"type": "document", "source": source, "title": part.title[:TITLE], "citations": {"enabled": True}}


def _noted(note: Noted) -> Block:
    title, statements = note
    source = {"type": "content", "content": list(map(_text, statements))}
    return {"type": "document", "source": source, "title": title[:TITLE], "citations": {"enabled": True}}
