"""The headings of a text: of Markdown, reStructuredText, a book with chapters, or code, whose definitions are some.

What has no headings by any of these rules has an empty outline, and is split by pages, paragraphs and sentences.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONGEST_PARSED = 1_000_000  # characters of Python; a longer file is outlined like other code
LONGEST_LINE = 1_000  # characters of a line that are looked at
TITLE = 80  # characters of a heading that are kept
FEW = 2  # headings from which on a guess at the format of a text counts

LINE = re.compile(r"\r\n|\r|\n")
FENCE = re.compile(r" {0,3}(```+|~~~+)")
ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
ADORNMENT = re.compile(r"([!-/:-@[-`{-~])\1{2,}[ \t]*")
CHAPTER = re.compile(
    r"[ \t]*(?:(?P<book>book|volume)|(?P<part>part)|(?P<act>act)|(?P<chapter>chapter|appendix|letter|canto)"
    r"|(?P<scene>scene|section))[ \t]+(?:[0-9]+|[ivxlcdm]+|[a-z]|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|the [a-z]+)\b[ .:\u2014-]*.{0,60}",
    re.IGNORECASE,
)
CHAPTER_LEVELS = {"book": 1, "part": 2, "act": 3, "chapter": 3, "scene": 4}
DEFINITION = re.compile(
    r"(?:(?:export|default|pub(?:\([a-z]+\))?|public|private|protected|internal|static|final|abstract|async|unsafe"
    r"|extern|inline|const|virtual|override|open|data|sealed)\s+)*"
    r"(?:function\*?|class|struct|enum|union|interface|trait|impl|func|fn|fun|def|type|module|namespace|package|object"
    r"|protocol|extension|sub|macro_rules!)\s+(?P<name>[^\s({<:;]+).*"
)
C_FUNCTION = re.compile(r"[A-Za-z_][\w\s*&:<>,\[\]]*?\b(?P<name>(?!if\b|for\b|while\b|switch\b)[A-Za-z_]\w*)\s*\([^;]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a section begins, in characters; its level, from 1; its title."""

    start: int
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """From where on, in characters, a document is under these headings, and on this page if it has pages."""

    start: int
    headings: tuple[str, ...]
    page: int | None = None


def outline(text: str, ending: str) -> list[Heading]:
    """Return the headings of a text, in order. `ending` is that of its file's name, such as ".py"; "" is not known."""
    if scan := SCANNERS.get(ending):
        return list(scan(text))
    most = max((list(scan(text)) for scan in (chapters, restructured, markdown)), key=len)
    return most if len(most) >= FEW else []


def marks_of(
    headings: Sequence[Heading], pages: Sequence[tuple[int, int]], start: int, end: int, base: int = 0
) -> tuple[Mark, ...]:
    """Return what is known of the places of a stretch: at its start, and wherever headings or pages change.

    `pages` are where each begins, and its number. `base` is added to all places.
    """
    first, last = (bisect_right(headings, place, key=lambda heading: heading.start) for place in (start, end - 1))
    turns = [begin for begin, _ in pages[bisect_right(pages, (start, 0)) :] if start < begin < end]
    places = sorted({start, *(heading.start for heading in headings[first:last]), *turns})
    return tuple(Mark(base + place, path_at(headings, place), _page_at(pages, place)) for place in places)


def path_at(headings: Sequence[Heading], place: int) -> tuple[str, ...]:
    """Return the titles of the sections that a place is in, the outermost first."""
    path: list[str] = []
    level = 100
    for index in range(bisect_right(headings, place, key=lambda heading: heading.start) - 1, -1, -1):
        if headings[index].level < level:
            level = headings[index].level
            path.append(headings[index].title)
        if level == 1:
            break
    return tuple(reversed(path))


def markdown(text: str) -> Iterator[Heading]:
    """Yield the headings of Markdown, but for what stands in fenced code."""
    fence, before, before_start = "", "", 0
    for start, line in lines(text):
        if found := FENCE.match(line):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
            before = ""
            continue
        if fence:
            continue
        if found := ATX.fullmatch(line):
            yield Heading(start, len(found[1]), _title(found[2]))
            before = ""
            continue
        if before.strip() and not before.lstrip().startswith(("#", ">", "-", "|")) and SETEXT.fullmatch(line):
            yield Heading(before_start, 1 if "=" in line else 2, _title(before))
            before = ""
            continue
        before, before_start = line, start


def restructured(text: str) -> Iterator[Heading]:
    """Yield the headings of reStructuredText: lines that are underlined, perhaps overlined; levels by first use."""
    levels: dict[str, int] = {}
    three: list[tuple[int, str]] = [(0, ""), (0, ""), (0, "")]
    for start, line in lines(text):
        three = [*three[1:], (start, line)]
        (over_start, over), (title_start, title), _ = three
        under = ADORNMENT.fullmatch(line)
        if not under or not title.strip() or ADORNMENT.fullmatch(title) or len(line.rstrip()) < len(title.rstrip()):
            continue
        is_over = over.rstrip() == line.rstrip()
        if not is_over and (over.strip() or title[:1].isspace()):
            continue
        style = f"{'over' if is_over else ''}{under[1]}"
        level = levels.setdefault(style, len(levels) + 1)
        yield Heading(over_start if is_over else title_start, level, _title(title))


def chapters(text: str) -> Iterator[Heading]:
    """Yield the lines of a book that begin a chapter, a part or an act, and stand by themselves."""
    blank_before = True
    for start, line in lines(text):
        found = CHAPTER.fullmatch(line) if blank_before and line.lstrip()[:1].isupper() else None
        if found:
            kind = next(name for name, words in found.groupdict().items() if words)
            yield Heading(start, CHAPTER_LEVELS[kind], _title(line))
        blank_before = not line.strip()


def python(text: str) -> Iterator[Heading]:
    """Yield the classes and functions of a Python module, with the decorators and comments above them."""
    try:
        if len(text) > LONGEST_PARSED:
            raise ValueError("too long")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd in it
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from definitions(text)
        return
    every = list(lines(text))
    yield from sorted(_definitions(tree.body, every, 1), key=lambda heading: heading.start)


def definitions(text: str) -> Iterator[Heading]:
    """Yield what code in any language seems to define: lines that are not indented and begin a definition."""
    comment: int | None = None
    for start, line in lines(text):
        if line.startswith(("//", "/*", " *", "#", "@", "--", ";;")):
            comment = start if comment is None else comment
            continue
        found = DEFINITION.fullmatch(line)
        if found is None and line[:1].isalpha() and not line.rstrip().endswith(";"):
            found = C_FUNCTION.fullmatch(line)
        if found:
            yield Heading(start if comment is None else comment, 1, _title(found["name"]))
        comment = None


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text without their ends, as far as they are looked at, each with where it starts."""
    start = 0
    for end in LINE.finditer(text):
        yield start, text[start : min(end.start(), start + LONGEST_LINE)]
        start = end.end()
    yield start, text[start : start + LONGEST_LINE]


def _page_at(pages: Sequence[tuple[int, int]], place: int) -> int | None:
    index = bisect_right(pages, place, key=lambda page: page[0])
    return pages[index - 1][1] if index else None


def _definitions(body: Sequence[ast.stmt], every: Sequence[tuple[int, str]], level: int) -> Iterator[Heading]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
        while first and every[first - 1][1].lstrip().startswith("#"):
            first -= 1
        yield Heading(every[first][0], level, _title(node.name))
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, every, level + 1)


def _title(line: str) -> str:
    words = " ".join(line.split())
    return words if len(words) <= TITLE else f"{words[: TITLE - 1]}…"


CODE = (
    *(".c", ".cc", ".cpp", ".cs", ".cxx", ".dart", ".ex", ".exs", ".go", ".h", ".hpp", ".java", ".jl", ".js", ".jsx"),
    *(".kt", ".lua", ".m", ".mjs", ".php", ".pl", ".pm", ".r", ".rb", ".rs", ".scala", ".sh", ".swift", ".ts", ".tsx"),
    *(".vb", ".zig"),
)
SCANNERS: dict[str, Callable[[str], Iterator[Heading]]] = {
    ".py": python,
    ".pyi": python,
    ".md": markdown,
    ".markdown": markdown,
    ".rst": restructured,
    **dict.fromkeys(CODE, definitions),
}
