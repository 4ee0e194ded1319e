"""All measurements of speed, one after the other, each in a process of its own, and a table of what they found.

`python bench [name ...] [--quick] [--peers] [-o FILE]` (`make bench`). The table says on what machine it was made, with
what versions, and how busy the machine was: on a busy one, only ratios mean something. Other libraries are measured in
environments of their own, which `--peers` makes; what is not there is left out.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import figures
import peers
from figures import Figure, number

HERE = Path(__file__).parent
LIBRARIES = ("anthropic", "aiohttp", "httpx2", "pillow", "pydantic", "uvicorn", "httptools", "uvloop", "click", "rich")


@dataclass(frozen=True, slots=True)
class Script:
    """A measurement: what it is of, and its options, in all and when it has to be quick."""

    title: str
    whole: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()


SCRIPTS = {
    "startup": Script("Start: commands and imports, CPU", (), ("--rounds", "5")),
    "calls": Script("A call and an event of a stream, CPU"),
    "crowd": Script("Streams at once, one process", (), ("200",)),
    "bulk": Script("Jobs: rows answered at once, 100 in flight", (), ("--count", "4000")),
    "emulator": Script("The emulator's server, one core", (), ("--requests", "20000", "--seconds", "1")),
    "media": Script("Pictures"),
    "fit": Script("Fitting a request to its model"),
    "tokens": Script("Estimates of tokens"),
    "pacing": Script("Pacing", ("--cost",), ("--cost",)),
    "ledger": Script("The ledger", ("--calls",), ("--calls",)),
    "telemetry": Script("A call that is looked on, CPU"),
}


def measured(name: str, options: tuple[str, ...]) -> tuple[list[Figure], str]:
    """Run a script, and return its figures, and why there are no more, if it failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures")
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "CLARION"))}
        environment[figures.TOLD_TO] = str(path)
        command = [sys.executable, str(HERE / f"{name}.py"), *options]
        done = subprocess.run(command, env=environment, check=False)  # noqa: S603 -- our own scripts
        failed = "" if done.returncode == 0 else f"it ended with {done.returncode}, and there may be figures missing"
        return figures.told(path), failed


def row(figure: Figure) -> str:
    """Return a row of the table."""
    beside = ratio = ""
    if figure.beside is not None and figure.ratio is not None:
        beside, ratio = f"{figure.reference}: {number(figure.beside)} {figure.unit}", f"{figure.ratio:.2f}"
    return f"| {figure.what} | {number(figure.value)} {figure.unit} | {beside} | {ratio} | {figure.verdict} |"


def machine() -> list[str]:
    """Return lines that say on what, and with what, it was measured."""
    cpus = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in cpus.read_text().splitlines() if line.startswith("model name")]
    model = models[0] if cpus.exists() and models else platform.processor() or platform.machine()
    return [
        f"- {os.cpu_count()} x {model}, {platform.platform()}",
        f"- Python {platform.python_version()}, Clarion {version('clarion')}, "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        f"- beside it: {', '.join(peers.versions()) or 'nothing installed'}",
    ]


def main() -> int:
    """Measure what was asked for, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", choices=[*SCRIPTS, []], default=[], help=f"of {', '.join(SCRIPTS)}")
    parser.add_argument("--quick", action="store_true", help="minutes instead of a quarter of an hour, and less exact")
    parser.add_argument("--peers", action="store_true", help="install other libraries where they are missing")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/bench.md"))
    asked = parser.parse_args()
    if asked.peers:
        for name in peers.PACKAGES:
            peers.installed(name)
    start, before = time.monotonic(), os.getloadavg()[0]
    tables, missed, broken = [], 0, 0
    for name in asked.name or SCRIPTS:
        script = SCRIPTS[name]
        print(f"\n{name}", flush=True)
        found, failed = measured(name, script.quick if asked.quick else script.whole)
        missed += sum(figure.is_met is False for figure in found)
        broken += bool(failed)
        tables += [
            "",
            f"## {script.title}",
            "",
            "| what | Clarion | beside | ratio | bar |",
            "| --- | --- | --- | --- | --- |",
        ]
        tables += [*map(row, found), *(["", f"`bench/{name}.py`: {failed}."] if failed else [])]
    busy = f"- load {before:.1f} before, {os.getloadavg()[0]:.1f} after; {time.monotonic() - start:.0f} s"
    head = [f"# Speed, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}", "", *machine(), busy]
    head += ["", f"Bars missed: {missed}." + (" Measured in a hurry." if asked.quick else "")]
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text("\n".join([*head, *tables, ""]), "utf-8")
    print(f"\n{asked.output}: bars missed: {missed}, scripts failed: {broken}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
