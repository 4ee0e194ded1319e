"""How fast `clarion check` is: megabytes a second on one core, language by language, and a tree of 10,000 files.

The sources are those of the packages that are installed here. Prints figures, asserts that findings are the same
whatever the number of processes. `python bench/check.py` takes about a minute.
"""

from __future__ import annotations

import ast
import shutil
import sysconfig
import tempfile
import time
from datetime import date
from pathlib import Path

from clarion import Catalog
from clarion.check.codes import BY_CODE
from clarion.check.config import Config
from clarion.check.facts import Facts
from clarion.check.inspection import findings
from clarion.check.languages import language_of
from clarion.check.reading import Source, decoded, is_telling
from clarion.check.sweep import Inspector, sweep
from clarion.check.tree import files

PACKAGES = Path(sysconfig.get_paths()["purelib"])
FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
MOST = 8_000_000  # characters of a language
FILES = 10_000
ROUNDS = 3


def texts(pattern: str) -> list[tuple[Path, str]]:
    found, size = [], 0
    for path in sorted(PACKAGES.rglob(pattern)):
        source = decoded(path.read_bytes(), is_python=path.suffix == ".py")
        if isinstance(source, Source) and source.text:
            found.append((path, source.text))
            size += len(source.text)
        if size > MOST:
            break
    return found


def best(work: object) -> float:
    """Return the CPU seconds that a piece of work takes at best."""
    assert callable(work)
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        rounds.append(time.process_time() - start)
    return min(rounds)


def rate(label: str, sources: list[tuple[Path, str]], work: object) -> None:
    size = sum(len(text.encode(errors="surrogateescape")) for _, text in sources)
    if size:
        print(f"{label:<44} {size / 1e6 / best(work):8.1f} MB/s   ({len(sources)} files, {size / 1e6:.1f} MB)")


def parsed(sources: list[tuple[Path, str]]) -> None:
    for _, text in sources:
        ast.parse(text)


def scanned(sources: list[tuple[Path, str]]) -> None:
    for path, text in sources:
        language = language_of(path.name)
        assert language is not None
        try:
            findings(path, text, language, FACTS, frozenset(BY_CODE))
        except Exception as error:
            if type(error).__name__ != "Unparsable":
                raise


def by_language() -> None:
    for pattern in ("*.py", "*.js", "*.json", "*.toml", "*.yaml", "*.sh"):
        sources = texts(pattern)
        data = [text.encode(errors="surrogateescape") for _, text in sources]
        rate(f"{pattern}, the search for telling words", sources, lambda data=data: [is_telling(each) for each in data])
        if pattern == "*.py":
            rate(f"{pattern}, ast.parse alone", sources, lambda sources=sources: parsed(sources))
        rate(f"{pattern}, all rules, telling or not", sources, lambda sources=sources: scanned(sources))


def grown(root: Path) -> None:
    """Copy installed packages until there are enough files."""
    count = copy = 0
    while count < FILES:
        for path in sorted(PACKAGES.rglob("*")):
            if path.is_file() and path.stat().st_size < 1_000_000 and language_of(path.name):
                target = root / f"copy{copy}" / path.relative_to(PACKAGES)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                count += 1
                if count == FILES:
                    return
        copy += 1


def a_tree() -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        grown(root)
        start = time.perf_counter()
        paths = [*files([root])]
        print(f"\n{len(paths):,} files found in {time.perf_counter() - start:.2f} s")
        size = sum(path.stat().st_size for path in paths)
        reports = {}
        for processes in (1, 2):
            start = time.perf_counter()
            reports[processes] = [*sweep(paths, Inspector(Config(), FACTS), processes)]
            seconds = time.perf_counter() - start
            print(f"{processes} process(es): {seconds:.2f} s, {size / 1e6 / seconds:.1f} MB/s of {size / 1e6:.0f} MB")
        assert reports[1] == reports[2]
        print(f"{sum(len(report.findings) for report in reports[1]):,} findings")


if __name__ == "__main__":
    by_language()
    a_tree()
