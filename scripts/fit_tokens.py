# /// script
# requires-python = ">=3.12"
# dependencies = ["ctok==1.3.0", "numpy>=2", "scipy>=1.14"]
# ///
"""Fit the token tables of src/clarion/_tokens.py to ctok, and print how far off they are on texts they never saw.

    PYTHONPATH=src uv run scripts/fit_tokens.py collect CORPUS   # fetch and cut up the texts of tokens_corpus.toml
    PYTHONPATH=src uv run scripts/fit_tokens.py fit CORPUS       # write src/clarion/tokens_*.json
    PYTHONPATH=src uv run scripts/fit_tokens.py report           # print the errors that the tables state

Fetching needs apt-get, npm and pip; CORPUS is a folder of two gigabytes that nothing else needs.
"""

# ruff: noqa: S311 -- a script: it prints, and its random texts guard nothing

from __future__ import annotations

import argparse
import base64
import datetime
import html.parser
import json
import random
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections import Counter, defaultdict
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from itertools import chain, pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import numpy as np
from ctok import token_count
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsqr

from clarion._tokens import (
    CLASSES,
    CTOK_FRAMES,
    CTOK_VERSIONS,
    LONG,
    SHORT,
    Generation,
    Pairs,
    Table,
    class_of,
    kind_of,
    units_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SOURCES = Path(__file__).with_name("tokens_corpus.toml")
DATA = Path(__file__).parents[1] / "src/clarion"

FIT_TEXTS, TEST_TEXTS = 480, 80  # of each kind
KNOWN: dict[Generation, int] = {"old": 12000, "new": 4000}  # units in the table
CAP = 5.0  # occurrences in a million characters
STEP = 0.05  # to which the price of a pair is rounded
GENERATED = ("digits", "base64", "hex")


class Text(html.parser.HTMLParser):
    """The text of an HTML page, without its marks."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Hide what is no text."""
        self.hidden = tag in ("script", "style", "head")

    def handle_endtag(self, tag: str) -> None:
        """Show again."""
        self.hidden = False

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self.hidden:
            self.parts.append(data)


def fetch(registry: str, package: str, folder: Path) -> Path:
    """Return the folder with the files of a package, fetched if it is not there yet."""
    if registry == "stdlib":
        return Path(sysconfig.get_path("stdlib"))
    target = folder / "packages" / f"{registry}-{package.replace('/', '-')}"
    if target.exists():
        return target
    target.mkdir(parents=True)
    run = partial(subprocess.run, cwd=target, check=True, stdout=subprocess.DEVNULL)
    match registry:
        case "debian":
            run(["apt-get", "download", "-qq", package])
            run(["dpkg-deb", "-x", str(next(target.glob("*.deb"))), "."])
        case "npm":
            run(["npm", "pack", "--silent", package])
            with tarfile.open(next(target.glob("*.tgz"))) as archive:
                archive.extractall(target, filter="data")
        case "pypi":
            run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", package])
            with zipfile.ZipFile(next(target.glob("*.whl"))) as archive:
                archive.extractall(target)  # noqa: S202 -- zipfile keeps the paths of members inside
    return target


def read(path: Path, kind: str) -> str:
    """Return the text of a file, or nothing if it has none."""
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return ""
    if path.suffix in (".html", ".page") and kind != "html":
        parser = Text()
        parser.feed(text)
        return "\n\n".join(" ".join(part.split()) for part in "".join(parser.parts).split("\n\n") if part.strip())
    if kind == "json" and len(path.name) % 2:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return text


def texts(source: str, kind: str, folder: Path) -> Iterator[str]:
    """Yield the texts of a line of tokens_corpus.toml, each LONG characters, no file giving more than ten."""
    registry, package, pattern = source.split()
    for path in sorted(fetch(registry, package, folder).glob(pattern)):
        text = read(path, kind) if path.is_file() else ""
        starts = range(0, min(len(text), 60 * LONG), LONG)
        for start in list(starts)[:: max(1, len(starts) // 10)]:
            if len(part := text[start : start + LONG].strip()) > LONG // 4:
                yield part


def even(items: Sequence[str], count: int) -> list[str]:
    """Return at most `count` of the items, evenly spread."""
    return [items[at * len(items) // count] for at in range(count)] if len(items) > count else list(items)


def generated(kind: str, seed: str) -> str:
    """Return a text of a kind that is better made than found."""
    draw = random.Random(seed)
    match kind:
        case "digits":
            lines = [",".join(str(draw.randrange(10 ** draw.randint(1, 9))) for _ in range(8)) for _ in range(80)]
        case "hex":
            lines = [draw.randbytes(draw.choice((4, 8, 16, 20, 32))).hex() for _ in range(110)]
        case _:
            lines = [base64.encodebytes(draw.randbytes(LONG)).decode()]
    return "\n".join(lines)[:LONG]


def collect(folder: Path) -> None:
    """Write the texts of both roles to CORPUS/corpus.json."""
    corpus: dict[str, dict[str, list[str]]] = {}
    for role, kinds in tomllib.loads(SOURCES.read_text("utf-8")).items():
        count = FIT_TEXTS if role == "fit" else TEST_TEXTS
        corpus[role] = {}
        for kind, sources in kinds.items():
            found = [even(list(texts(source, kind, folder)), count // len(sources)) for source in sources]
            print(role, kind, [len(parts) for parts in found])
            corpus[role][kind] = [text for parts in found for text in parts]
        for kind in GENERATED:
            corpus[role][kind] = [generated(kind, f"{role} {number}") for number in range(count // 4)]
    (folder / "corpus.json").write_text(json.dumps(corpus), "utf-8")


def true_count(text: str, generation: Generation) -> int:
    """Return ctok's tokens of a text, without the frame of a message."""
    return token_count(text, CTOK_VERSIONS[generation]) - CTOK_FRAMES[generation]


def true_cost(unit: str, generation: Generation) -> int:
    """Return what a unit costs between two words, by ctok."""
    if unit == " ":
        return 1
    if unit[0] in "'\u2019" and unit[1:].isalpha():
        text = f"a{unit} a"
    elif units_of(f"a{unit}a").total() == 1:
        text = f"a {unit} a"
    else:
        text = f"a{unit}a"
    return true_count(text, generation) - 2


def frequencies(kinds: Mapping[str, Sequence[str]]) -> Counter[str]:
    """Return how often each unit occurs, every kind of text counting the same."""
    total: Counter[str] = Counter()
    for found in kinds.values():
        counts: Counter[str] = Counter()
        for text in found:
            counts.update(units_of(text))
        scale = 1e6 / sum(map(len, found))
        for unit, count in counts.items():
            total[unit] += count * scale  # type: ignore[assignment]  # a Counter of floats
    return total


def pair_prices(frequency: Mapping[str, float], cost: Mapping[str, int]) -> Table:
    """Return a table without units, whose pairs price these units best (ridge regression).

    The weights are capped: what is frequent will be in the table, and the pairs are for what is rare.
    """
    columns: dict[str | int, int] = {number: number for number in range(len(CLASSES))}
    rows, cols = [], []
    for row, unit in enumerate(frequency):
        for pair in map("".join, pairwise(f" {unit} ")):
            for feature in (class_of(pair[1]), pair):
                rows.append(row)
                cols.append(columns.setdefault(feature, len(columns)))
    scale = np.minimum(list(frequency.values()), CAP) ** 0.25
    matrix = csr_matrix((scale[rows], (rows, cols)), shape=(len(frequency), len(columns)))
    solution = lsqr(matrix, scale * np.asarray([cost[unit] for unit in frequency]), damp=3.0, iter_lim=400)[0]
    classes = tuple(round(float(price), 3) for price in solution[: len(CLASSES)])
    pairs = {
        pair: max(0.0, round(round((classes[class_of(pair[1])] + solution[column]) / STEP) * STEP, 2))
        for pair, column in columns.items()
        if isinstance(pair, str) and abs(solution[column]) >= STEP
    }
    return Table(units={}, pairs=Pairs(pairs, classes), errors={})


def fit(kinds: Mapping[str, Sequence[str]], generation: Generation) -> Table:
    """Return the table of a generation: the prices of pairs, and the units on which these lose the most."""
    frequency = frequencies(kinds)
    cost = {unit: true_cost(unit, generation) for unit in frequency}
    prices = pair_prices(frequency, cost)
    loss = {unit: count * abs(cost[unit] - prices.price(unit)) for unit, count in frequency.items()}
    units = {unit: cost[unit] for unit in sorted(loss, key=loss.__getitem__)[-KNOWN[generation] :]}
    return replace(prices, units=units)


def misses(table: Table, found: Sequence[str], generation: Generation) -> list[float]:
    """Return the relative errors of the table on these texts."""
    return [table.tokens(units_of(text)) / true_count(text, generation) - 1 for text in found]


def summary(errors: Sequence[float]) -> dict[str, float]:
    """Return the middle of the errors, with and without sign, and what nine of ten stay within."""
    sizes = sorted(map(abs, errors))
    return {
        "bias": round(median(errors), 3),
        "median": round(median(sizes), 3),
        "p90": round(quantiles(sizes, n=10, method="inclusive")[-1], 3),
    }


def shortened(found: Sequence[str]) -> list[str]:
    """Return a piece of SHORT characters out of the middle of each text."""
    return [part for text in found if (part := text[len(text) // 2 :][:SHORT])]


def measured(table: Table, kinds: Mapping[str, Sequence[str]], generation: Generation) -> dict[str, Any]:
    """Return the errors on long and short texts of each kind."""
    return {
        kind: {
            "long": summary(misses(table, found, generation)),
            "short": summary(misses(table, shortened(found), generation)),
        }
        for kind, found in kinds.items()
    }


def by_rough_kind(kinds: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return all texts by the kind that the estimate itself can see."""
    rough = defaultdict(list)
    for text in chain.from_iterable(kinds.values()):
        rough[kind_of(units_of(text))].append(text)
    return rough


def document(table: Table, corpus: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    """Return the table as it is shipped, with where it comes from and how good it is."""
    words, runs = defaultdict(list), defaultdict(list)
    for unit, cost in table.units.items():
        (words if unit.isalnum() else runs)[str(cost)].append(unit)
    rounded = {pair: float(f"{price:g}") for pair, price in sorted(table.pairs.items())}
    levels = {price: chr(ord("#") + level) for level, price in enumerate(sorted(set(rounded.values())))}
    rows: dict[str, tuple[str, str]] = defaultdict(lambda: ("", ""))
    for (first, second), price in rounded.items():
        seconds, costs = rows[first]
        rows[first] = seconds + second, costs + levels[price]
    rough = measured(table, by_rough_kind(corpus["test"]), generation)
    return {
        "about": {
            "made": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, by scripts/fit_tokens.py",
            "fitted_to": f"ctok {version('ctok')} (MIT), version {CTOK_VERSIONS[generation]!r}",
            "fitted_on": {kind: f"{sum(map(len, found))} characters" for kind, found in corpus["fit"].items()},
            "measured": "against ctok, on files that it was not fitted on, nearly all from other packages",
        },
        "measured": measured(table, corpus["test"], generation),
        "errors": {kind: [errors["long"]["p90"], errors["short"]["p90"]] for kind, errors in rough.items()},
        "classes": table.pairs.classes,
        "words": {cost: " ".join(sorted(units)) for cost, units in sorted(words.items())},
        "runs": {cost: sorted(units) for cost, units in sorted(runs.items())},
        "levels": {level: price for price, level in levels.items()},
        "pairs": {first: seconds + costs for first, (seconds, costs) in rows.items()},
    }


def show(generation: Generation, data: Mapping[str, Any]) -> None:
    """Print the errors that a shipped table states."""
    print(f"\n{generation}: {data['about']['fitted_to']}, {data['about']['made']}")
    print(f"{'kind':12}{'bias':>8}{'median':>8}{'p90':>8}   {SHORT} characters: {'median':>6}{'p90':>8}")
    for kind, errors in data["measured"].items():
        long, short = errors["long"], errors["short"]
        line = f"{long['bias']:>+8.1%}{long['median']:>8.1%}{long['p90']:>8.1%}"
        print(f"{kind:12}{line}{short['median']:>24.1%}{short['p90']:>8.1%}")
    print("stated, by what the estimate sees:", data["errors"])


def main() -> None:
    """Run the command named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("collect", "fit", "report"))
    parser.add_argument("corpus", type=Path, nargs="?", help="a folder; `report` needs none")
    arguments = parser.parse_args()
    if arguments.command == "collect":
        collect(arguments.corpus)
        return
    for generation in CTOK_VERSIONS:
        path = DATA / f"tokens_{generation}.json"
        if arguments.command == "fit":
            corpus = json.loads((arguments.corpus / "corpus.json").read_text("utf-8"))
            data = document(fit(corpus["fit"], generation), corpus, generation)
            path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
        show(generation, json.loads(path.read_text("utf-8")))


if __name__ == "__main__":
    main()
