"""What an answer cites: passages of the request's documents and search results, each with where it stands.

A text is cited by its sentences, a PDF by the sentences of its pages, custom content and search results by whole
blocks. Of each source the passage that has most words of the question is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.emulator.answer.fitting import stems
from clarion.emulator.call import blocks_of
from clarion.emulator.media import Pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.call import Call

__all__ = ["Passage", "passages", "sentences"]

SENTENCE = re.compile(r"[^\s.!?][^.!?\n]*[.!?]*")
MOST = 4  # passages cited
PAGES = 30  # of a PDF that are read
TELLING = 3  # letters; shorter words are in every text
SENTENCES = 2000  # of a text that are weighed


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a source: its title, the words, and the citation as the API writes it."""

    title: str
    text: str
    citation: dict[str, Any]


def passages(call: Call, question: str) -> list[Passage]:
    """Return what is cited for a question, in the order of the sources; nothing where citations are off."""
    said = {stem for stem in stems(question) if len(stem) >= TELLING}
    found = [max(options, key=lambda passage: _overlap(passage, said), default=None) for options in _sources(call)]
    cited = [passage for passage in found if passage]
    best = sorted(cited, key=lambda passage: -_overlap(passage, said))[:MOST]
    return [passage for passage in cited if passage in best]


def sentences(data: str, name: str, about: dict[str, Any]) -> Iterator[Passage]:
    """Yield the sentences of a plain text as passages of a document."""
    for text, start, end in _sentences(data):
        place = {"start_char_index": start, "end_char_index": end}
        yield Passage(name, text, {"type": "char_location", "cited_text": text, **about, **place})


def _sources(call: Call) -> Iterator[Iterator[Passage]]:
    """Yield the passages of every source that may be cited."""
    documents = results = 0
    for path, block in call.blocks():
        is_citable = bool((block.get("citations") or {}).get("enabled")) if "source" in block else False
        if block["type"] == "document":
            if is_citable:
                yield _document(call, path, block, documents)
            documents += 1
        elif block["type"] == "search_result":
            if is_citable:
                yield _search_result(block, results)
            results += 1


def _document(call: Call, path: str, block: dict[str, Any], index: int) -> Iterator[Passage]:
    title = block.get("title")
    name = title or f"document {index + 1}"
    about = {"document_index": index, "document_title": title}
    source = block["source"]
    pdf = call.media.get(path)
    if isinstance(pdf, Pdf):
        for number, page in enumerate(pdf.texts(PAGES), 1):
            for text, _, _ in _sentences(page):
                place = {"start_page_number": number, "end_page_number": number + 1}
                yield Passage(name, text, {"type": "page_location", "cited_text": text, **about, **place})
    elif source["type"] == "text":
        yield from sentences(source["data"], name, about)
    elif source["type"] == "content":
        for text, place in _blocks(blocks_of(source["content"])):
            yield Passage(name, text, {"type": "content_block_location", "cited_text": text, **about, **place})


def _search_result(block: dict[str, Any], index: int) -> Iterator[Passage]:
    about = {"search_result_index": index, "source": block["source"], "title": block["title"]}
    for text, place in _blocks(block["content"]):
        yield Passage(block["title"], text, {"type": "search_result_location", "cited_text": text, **about, **place})


def _sentences(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the sentences of a text, each with its start and its end."""
    for _, match in zip(range(SENTENCES), SENTENCE.finditer(text), strict=False):
        sentence = match.group().rstrip()
        yield sentence, match.start(), match.start() + len(sentence)


def _blocks(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, int]]]:
    for place, block in enumerate(blocks):
        if block["type"] == "text" and block["text"].strip():
            yield block["text"], {"start_block_index": place, "end_block_index": place + 1}


def _overlap(passage: Passage, said: set[str]) -> int:
    return len(stems(passage.text) & said)
