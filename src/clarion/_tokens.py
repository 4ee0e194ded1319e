"""Offline estimates of how many tokens a text or a request is.

A text is cut in one linear pass into units: words, groups of digits, runs of punctuation or white space, single Han
characters. Claude's tokens do not cross units, so a text costs the sum of its units. A table says what the frequent
units cost; any other is priced by its pairs of characters. Both are fitted, for each generation of the tokenizer, to
`ctok` and shipped as data (scripts/fit_tokens.py). Where `ctok` itself is installed, it counts instead of the table:
many times slower, and nearly exact.

Nobody outside knows the frames that the API puts around messages and tools; those here were read off recorded usage.
They drift, so that every estimate states its error.
"""

from __future__ import annotations

import importlib
import json
import math
import re
from bisect import bisect
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import add
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from clarion import _frames
from clarion._shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Generation = Literal["new", "old"]  # new: Opus 4.7 and later; old: up to Opus and Sonnet 4.6

WHOLE = 64 * 1024  # characters up to which a text is counted whole; of a longer one, evenly spread pieces are
PIECES = 16
PIECE = WHOLE // PIECES

LETTER = (
    r"A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3041-\u33ff"
    r"\ua000-\uabff\ufb00-\ufdff\ufe70-\ufefe\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f"
)
ALONE = r"\u3001-\u303f\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00010000-\U0010ffff"  # Han, Hangul, emoji: never joined
SPACE = r"\t-\r\u0085\u00a0\u2028\u2029\u3000"  # besides the plain one
ASCII = "A-Za-z", "", r"\t-\r"  # what of these classes there is in ASCII

# The code points at which the classes of characters begin that price a pair found in no table, and what each class says
# about the kind of a text.
CLASSES = {
    0x00: "mark",
    0x30: "digit",
    0x3A: "mark",
    0x41: "latin",
    0x5B: "mark",
    0x61: "latin",
    0x7B: "mark",
    0xC0: "latin",
    0x250: "letter",
    0x530: "letter",
    0x2000: "mark",
    0x2C00: "letter",
    0x3001: "east",
    0x3041: "east",
    0x3400: "east",
    0xA000: "letter",
    0xAC00: "east",
    0xD7A4: "mark",
    0x10000: "mark",
}
STARTS = tuple(CLASSES)

CTOK_VERSIONS: Mapping[Generation, str] = {"new": "4.8", "old": "3.0"}
CTOK_FRAMES: Mapping[Generation, int] = {"new": 6, "old": 7}  # what ctok adds for the frame of one message
CTOK_ERROR = 0.05  # against recorded usage: 38 of 45 requests were within 2 %
NINE_OF_TEN = 1.645  # standard errors

LONG, SHORT = 4000, 300  # characters of the texts whose errors the tables state


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number of tokens, and how far to trust it.

    `error` is relative: 0.1 means within 10 % for nine of ten texts of that kind. `source` is what counted the text:
    "ctok", or the "table" that is shipped.
    """

    tokens: int
    error: float
    source: str


class Pairs(dict[str, float]):
    """The prices of pairs of characters; one that is not among them has that of the class of its second character.

    `rows` has, for a first character, all second ones and then, for each of these, the character by which `levels` has
    the price: a pair is taken from there when it is first asked for.
    """

    def __init__(
        self,
        prices: Mapping[str, float],
        classes: Sequence[float],
        *,
        rows: Mapping[str, str] = MappingProxyType({}),
        levels: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        super().__init__(prices)
        self.classes = classes
        self.rows = rows
        self.levels = levels

    def __missing__(self, pair: str) -> float:
        row = self.rows.get(pair[0], "")
        seconds = len(row) // 2
        at = row.find(pair[1], 0, seconds)
        if at < 0:
            return self.classes[class_of(pair[1])]
        price = self[pair] = self.levels[row[seconds + at]]
        return price


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What units cost in one generation of the tokenizer; `errors` are of (long, short) texts by kind."""

    units: Mapping[str, int]
    pairs: Pairs
    errors: Mapping[str, tuple[float, float]]

    def tokens(self, units: Mapping[str, int]) -> float:
        """Return what these units cost, each as often as it occurs."""
        known, rest = 0, []
        for unit, count in units.items():
            if (cost := self.units.get(unit)) is None:
                rest += [unit] * count
            else:
                known += cost * count
        return known + self.price(" ".join(rest))

    def price(self, unit: str) -> float:
        """Return the cost of a unit, or of units with spaces between, by pairs; the borders count as spaces."""
        pairs = Counter(map(add, f" {unit}", f"{unit} ")) if unit else {}
        return sum(self.pairs[pair] * count for pair, count in pairs.items())

    def error(self, kind: str, length: int) -> float:
        """Return the error of the table for a text of this kind and length: the shorter, the larger."""
        long, short = self.errors[kind]
        if length >= SHORT:
            return short + (long - short) * min(1.0, (length - SHORT) / (LONG - SHORT))
        return min(1.0, short * math.sqrt(SHORT / max(1, length)))


def class_of(character: str) -> int:
    """Return the number of the class of a character."""
    return bisect(STARTS, ord(character)) - 1


@cache
def unit(letter: str, alone: str, space: str) -> re.Pattern[str]:
    """Return the pattern of a unit, with these classes of characters."""
    return re.compile(
        rf"[{letter}]+"
        rf"|['\u2019](?:s|t|d|m|ll|re|ve)(?![{letter}])"
        rf"| ?[^{letter}{alone}{space} 0-9]+(?: (?! ))?"  # punctuation, with the single spaces beside it
        r"|[0-9]{1,3}"
        r"|  +|\n+|\t+"
        rf"| (?=[0-9{alone}])|(?<=[0-9\n{alone}]) "  # any other single space belongs to the words beside it
        rf"|[{alone}{space}]"
    )


def units_of(text: str) -> Counter[str]:
    """Return how often each unit of the text occurs."""
    pattern = unit(*ASCII) if text.isascii() else unit(LETTER, ALONE, SPACE)  # which takes longer to compile
    return Counter(pattern.findall(text))


def kind_of(units: Mapping[str, int]) -> str:
    """Return the rough kind of a text, as far as its units show it.

    "prose" is in Latin letters, "east" Chinese, Japanese or Korean, "letter" in any other script; the rest is "data":
    code, logs, numbers, base64.
    """
    names = tuple(CLASSES.values())
    sizes = dict.fromkeys(names, 0)
    for unit, count in units.items():
        sizes[names[class_of(unit.strip()[:1] or "\n")]] += len(unit) * count
    total = sum(sizes.values()) or 1
    for kind in ("east", "letter"):
        if sizes[kind] > total / 4:
            return kind
    return "prose" if sizes["latin"] > total * 0.75 else "data"


@cache
def table(generation: Generation) -> Table:
    """Return the shipped table of a generation."""
    data = json.loads(shipped(f"tokens_{generation}.json"))
    units: dict[str, int] = {}
    for cost, joined in data["words"].items():
        units |= dict.fromkeys(joined.split(" "), int(cost))
    for cost, runs in data["runs"].items():
        units |= dict.fromkeys(runs, int(cost))
    errors = {kind: (long, short) for kind, (long, short) in data["errors"].items()}
    pairs = Pairs({}, data["classes"], rows=data["pairs"], levels=data["levels"])
    return Table(units=units, pairs=pairs, errors=errors)


@cache
def ctok_count() -> Callable[[str, str], int] | None:
    """Return ctok's counter, or None where ctok is not installed. The first call of it takes a second or two."""
    try:
        count: Callable[[str, str], int] = importlib.import_module("ctok").token_count
    except ImportError:
        return None
    return count


def estimate_text(text: str, generation: Generation) -> Estimate:
    """Return about how many tokens a text is, without the frame of a message.

    Of a text longer than WHOLE, evenly spread pieces are counted; how unlike they are widens the error.
    """
    if len(text) <= WHOLE:
        return count(text, generation)
    from statistics import fmean, stdev

    starts = [number * (len(text) - PIECE) // (PIECES - 1) for number in range(PIECES)]
    pieces = [count(text[start : start + PIECE], generation) for start in starts]
    rates = [piece.tokens / PIECE for piece in pieces]
    rate = fmean(rates)
    spread = NINE_OF_TEN * stdev(rates) / math.sqrt(PIECES) / rate if rate else 0.0
    error = math.hypot(fmean(piece.error for piece in pieces), spread)
    return Estimate(tokens=round(rate * len(text)), error=round(error, 3), source=pieces[0].source)


@lru_cache(maxsize=256)
def count(text: str, generation: Generation) -> Estimate:
    """Return the tokens of a text no longer than WHOLE; a prefix that every request repeats is counted once."""
    if not text:
        return Estimate(tokens=0, error=0.0, source="table" if ctok_count() is None else "ctok")
    if ctok := ctok_count():
        tokens = ctok(text, CTOK_VERSIONS[generation]) - CTOK_FRAMES[generation]
        return Estimate(tokens=max(0, tokens), error=CTOK_ERROR, source="ctok")
    units = units_of(text)
    prices = table(generation)
    error = math.hypot(CTOK_ERROR, prices.error(kind_of(units), len(text)))
    return Estimate(tokens=round(prices.tokens(units)), error=round(error, 3), source="table")


def estimate_request(
    body: Mapping[str, Any],
    generation: Generation,
    *,
    tool_prompt: tuple[int, int] | None = None,
    media: Callable[[dict[str, Any]], int | None] | None = None,
) -> Estimate:
    """Return about how many tokens the API counts for the body of a Messages request.

    `tool_prompt` is what tools add on this model, by choice and when forced; by default a middling figure of its
    generation. `media` says how many tokens an image or PDF block is; where it does not know, an image counts the
    most it can, and a PDF a rough figure a page.
    """
    reader = Reader(generation, tool_prompt or _frames.TOOLS[generation], media)
    parts = list(reader.body(body))
    tokens = sum(part.tokens for part in parts)
    doubt = sum(part.tokens * part.error for part in parts)
    source = "table" if ctok_count() is None else "ctok"
    return Estimate(tokens=round(tokens), error=round(doubt / (tokens or 1), 3), source=source)


# What of a tool, or of a block of a kind not known here, the model is not shown as text.
NOT_SHOWN = {
    "allowed_callers",
    "cache_control",
    "data",
    "defer_loading",
    "eager_input_streaming",
    "encrypted_content",
    "id",
    "signature",
    "strict",
    "tool_use_id",
    "type",
}
PAGE_OBJECT = re.compile(rb"/Type\s*/Page\b")


class Part(NamedTuple):
    """A part of a request: its tokens, and their relative error."""

    tokens: float
    error: float


@dataclass(frozen=True, slots=True)
class Reader:
    """Walks over the body of a request and yields what its parts cost."""

    generation: Generation
    tool_prompt: Sequence[int]
    media: Callable[[dict[str, Any]], int | None] | None

    def body(self, body: Mapping[str, Any]) -> Iterator[Part]:
        """Yield the parts of a whole body."""
        messages = body.get("messages") or ()
        added = _frames.REQUEST[self.generation] + _frames.MESSAGE[self.generation] * max(0, len(messages) - 1)
        yield self._frame(added + _frames.THINKING.get(str((body.get("thinking") or {}).get("type")), 0))
        yield from self.content(body.get("system"))
        for message in messages:
            yield from self.content(message.get("content"))
        if tools := body.get("tools"):
            forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
            yield self._frame(self.tool_prompt[forced])
            for tool in tools:
                yield from self.tool(tool)
        if form := (body.get("output_config") or {}).get("format"):
            yield self._json(form)

    def content(self, content: object) -> Iterator[Part]:
        """Yield the parts of a text, a block, or a list of blocks."""
        match content:
            case str():
                yield self._text(content)
            case Mapping():
                yield from self.block(content)
            case list() | tuple():
                for block in content:
                    yield from self.content(block)

    def block(self, block: Mapping[str, Any]) -> Iterator[Part]:
        """Yield the parts of one block; of a kind not known here, its JSON."""
        match block:
            case {"type": "text", "text": str(text)} | {"type": "thinking", "thinking": str(text)}:
                yield self._text(text)
            case {"type": "image"}:
                yield self._media(block)
            case {"type": "document", "source": Mapping() as source}:
                yield from self.content([block.get("title"), block.get("context")])
                yield from self.document(block, source)
            case {"type": "tool_result"}:
                yield from self.content(block.get("content"))
            case {"type": "tool_use", "name": name, "input": arguments}:
                yield self._json({"name": name, "input": arguments})
            case _:
                yield self._json({key: value for key, value in block.items() if key not in NOT_SHOWN})

    def document(self, block: Mapping[str, Any], source: Mapping[str, Any]) -> Iterator[Part]:
        """Yield the parts of a document by its source: text, blocks, or a PDF."""
        match source:
            case {"type": "text", "data": str(text)}:
                yield self._text(text)
            case {"type": "content", "content": content}:
                yield from self.content(content)
            case _:
                yield self._media(block)

    def tool(self, tool: Mapping[str, Any]) -> Iterator[Part]:
        """Yield the parts of the definition of a tool; what loads only when it is searched for costs nothing."""
        if tool.get("defer_loading"):
            return
        known = [sizes for start, sizes in _frames.KNOWN_TOOLS.items() if str(tool.get("type", "")).startswith(start)]
        if known:
            yield self._frame(known[0][self.generation])
        else:
            yield self._json({key: value for key, value in tool.items() if key not in NOT_SHOWN})

    def _text(self, text: str) -> Part:
        estimate = estimate_text(text, self.generation)
        return Part(estimate.tokens, estimate.error)

    def _json(self, value: object) -> Part:
        tokens, error = self._text(json.dumps(value, ensure_ascii=False, default=str))
        return Part(tokens, max(error, _frames.JSON_ERROR))

    def _frame(self, tokens: float) -> Part:
        return Part(tokens, _frames.FRAME_ERROR)

    def _media(self, block: Mapping[str, Any]) -> Part:
        error = _frames.MEDIA_ERROR
        if self.media and (told := self.media(dict(block))) is not None:
            return Part(told, _frames.TOLD_MEDIA_ERROR)
        if block["type"] == "image":
            return Part(_frames.MOST_OF_AN_IMAGE[self.generation], error)
        return Part(_frames.PDF_PAGE * pages(str(block["source"].get("data", ""))), error)


def pages(data: str) -> int:
    """Return the pages of a PDF in base64: those it shows openly, else a guess from its size; 1 of no base64."""
    import base64

    try:
        pdf = base64.b64decode(data + "==")
    except ValueError:
        return 1
    return len(PAGE_OBJECT.findall(pdf)) or 1 + len(pdf) // _frames.BYTES_PER_PDF_PAGE
