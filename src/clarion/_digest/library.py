"""The documents that are digested, one after the other: files, folders, URLs, Documents; and those that are not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clarion._digest.outline import Heading, outline, path_at
from clarion._digest.splitting import packed, units
from clarion._errors import InvalidPromptError, MediaError
from clarion._media import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from clarion._digest.piece import Part
    from clarion._digest.splitting import Unit, Weigh
    from clarion._media.reading import Volume

    Source = str | Path | Document
    Sources = Source | Sequence[Source]

URL = re.compile(r"https?://", re.IGNORECASE)
UNSEEN = ("__pycache__", "node_modules")  # folders within a folder, beside those whose names begin with a dot


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was found and not digested, and why: a file of a folder that is no document, pages without text."""

    name: str
    why: str


class Library:
    """The documents of some sources, to be read once, in order. Raises InvalidPromptError and MediaError.

    A file that is named must be a document. What a folder holds beside documents is listed in `skipped`.
    """

    def __init__(self, sources: Sources) -> None:
        listed = [sources] if isinstance(sources, str | Path | Document) else sources
        if not listed:
            raise InvalidPromptError("there is nothing to digest: pass paths, URLs or Documents")
        self._sources = [_checked(source) for source in listed]
        self._names: dict[str, int] = {}
        self.skipped: list[Skipped] = []

    def pieces(self, *, limit: float, overlap: float, weigh: Weigh) -> Iterator[tuple[Part, ...]]:
        """Yield the pieces of all documents; see `packed`. White space alone is left out: the API refuses it."""
        found = packed(self._units(limit - overlap, weigh), limit=limit, overlap=overlap, weigh=weigh)
        for piece in found:
            if parts := tuple(part for part in piece if not part.text.isspace()):
                yield parts

    def _units(self, limit: float, weigh: Weigh) -> Iterator[Unit]:
        for source in self._sources:
            if isinstance(source, Document):
                yield from self._of(source, self._named(source.name), limit, weigh)
                continue
            for path in _files(source):
                name = self._named(f"{source.name}/{path.relative_to(source).as_posix()}")
                try:
                    yield from self._of(Document(path), name, limit, weigh)
                except (MediaError, OSError) as error:
                    self.skipped.append(Skipped(name, str(error)))

    def _of(self, document: Document, name: str, limit: float, weigh: Weigh) -> Iterator[Unit]:
        above: tuple[Heading, ...] = ()
        for volume in document.volumes():
            if volume.empty_pages:
                numbers = ", ".join(map(str, volume.empty_pages))
                self.skipped.append(Skipped(name, f"no text on page {numbers}"))
            headings = (*above, *_headings(volume, name))
            yield from units(
                volume.text, headings, volume.pages, limit=limit, weigh=weigh, document=name, base=volume.base
            )
            above = _open(headings, len(volume.text))

    def _named(self, name: str) -> str:
        """Return a name that no other document has."""
        count = self._names[name] = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name} ({count})"


def _checked(source: object) -> Document | Path:
    """Return a document, or the path of a folder."""
    match source:
        case Document():
            return source
        case str() if URL.match(source):
            return Document(source, fetch=True)
        case str() | Path():
            path = Path(source)
            if _is(path, Path.is_dir):
                return path.resolve()
            if _is(path, Path.is_file):
                return Document(path)
            shown = str(source) if len(str(source)) < 80 else f"{str(source)[:80]}..."
            raise MediaError(f"there is no file {shown!r}; to digest a text itself, pass Document(text.encode())")
    raise InvalidPromptError(f"a document to digest is a path, a URL or a Document; got {type(source).__name__}")


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    try:
        return kind(path)
    except (OSError, ValueError):  # too long for a name, say
        return False


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and its folders, in the order of their names; hidden ones are left out.

    A folder that cannot be read is yielded itself, to be found to be no document.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    for path in inside:
        if path.name.startswith(".") or path.name in UNSEEN or path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _headings(volume: Volume, name: str) -> list[Heading]:
    if volume.bookmarks:
        return sorted((Heading(*bookmark) for bookmark in volume.bookmarks), key=lambda heading: heading.start)
    if volume.pages:
        return outline(volume.text, "")
    return outline(volume.text, ".md" if volume.is_markdown else Path(name).suffix.lower())


def _open(headings: Sequence[Heading], end: int) -> tuple[Heading, ...]:
    """Return the sections that are not over at the end of a volume, as headings before the next one."""
    titles = path_at(headings, end)
    return tuple(Heading(-1, level, title) for level, title in enumerate(titles, 1))
