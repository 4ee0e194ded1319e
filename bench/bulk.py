"""The bulk engine beside the usual ways to ask many prompts, and with a million rows.

`python bench/bulk.py [engine ...] [--count 20000] [--in-flight 100] [--latency 0.1]` runs each against one server that
is always ready, so that all have one pace, and, with `--limits`, against the emulator with limits: rows/s, CPU, memory,
share of the limit, refusals, rows lost. With `--latency 0` each is as fast as it can; this engine still begins slowly.
`python bench/bulk.py --rows 1000000` runs this engine alone, kills it half-way, and shows whether it slows or grows.

LangChain and LiteLLM are left out unless they are installed beside the project: `python bench/startup.py --peers` does.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import judges
from engines import ENGINES, MAX_TOKENS, MODEL, prompts
from figures import Figure, tell
from peers import python_of as peer

from clarion.emulator import Limits

SIDE_ENGINES = ("langchain", "litellm")
OTHERS_FEWER = 5  # times: what takes milliseconds a row need not be run for so long
PATIENCE = 1800.0  # seconds
TICK = os.sysconf("SC_CLK_TCK")
LIMITS = Limits(requests=1_200, input_tokens=200_000, output_tokens=80_000)
LIMITED_ROWS = 2_400
ROW = "1,000 rows of a job, CPU"
BARS = {"bare": 2, "semaphore": 0.25}  # of the ratio
spawning = multiprocessing.get_context("spawn")


def stats_of(url: str) -> dict[str, Any]:
    """Return what a judge has seen."""
    with urllib.request.urlopen(f"{url}/stats") as answer:  # noqa: S310 -- our own server
        return json.load(answer)  # type: ignore[no-any-return]  # JSON's edge


def python_of(engine: str) -> Path | None:
    """Return the Python that has an engine's library; None where there is none."""
    if engine not in SIDE_ENGINES:
        return Path(sys.executable)
    return peer(engine)


def run(engine: str, url: str, rows: int, in_flight: int) -> dict[str, Any] | str:
    """Run an engine in a process of its own, and return what it took, or why there is nothing to say."""
    python = python_of(engine)
    if python is None:
        return "not installed"
    script = Path(__file__).with_name("engines.py")
    command = [str(python), str(script), engine, url, str(rows), str(in_flight)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        done = subprocess.run(  # noqa: S603 -- our own script
            command, capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {PATIENCE:.0f} s"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]  # JSON's edge


def compare(engines: list[str], count: int, in_flight: int, latency: float) -> None:
    """Print what a row costs, beside the bare loop and the SDK."""
    print(f"Answers after {latency} s, {in_flight} in flight; load {os.getloadavg()[0]:.1f}")
    print(f"  {'':10} {'rows':>7} {'rows/s':>7} {'CPU s/1,000':>12} {'peak RSS MB':>12} {'lost':>5}")
    costs = {}
    for engine in engines:
        rows = count if engine in ("clarion", "bare") else count // OTHERS_FEWER
        with judges.always_ready(latency=latency) as url:
            took = run(engine, url, rows, in_flight)
            if isinstance(took, str):
                print(f"  {engine:10} {took}")
                continue
            rate = _rate(stats_of(url)["times"]) or rows / took["seconds"]
        costs[engine] = took["cpu"] / rows * 1000
        print(
            f"  {engine:10} {rows:7,} {rate:7,.0f} {costs[engine]:12.3f} {took['rss']:12.0f} {rows - took['done']:5,}",
            flush=True,
        )
    for reference, cost in costs.items():
        if reference != "clarion" and "clarion" in costs:
            figure = Figure(what=ROW, value=costs["clarion"], unit="s", reference=reference, beside=cost)
            tell(replace(figure, bar=BARS.get(reference)))


def _rate(times: list[float]) -> float:
    """Return rows a second over the second half, by the moments of every thousandth row."""
    half = times[len(times) // 2 :]
    return 1000 * (len(half) - 1) / (half[-1] - half[0]) if len(half) > 2 else 0.0


def compare_under_limits(engines: list[str], in_flight: int) -> None:
    """Print how each does where there are limits."""
    print(f"{LIMITED_ROWS:,} rows under {LIMITS}, {in_flight} in flight")
    print(f"  {'':10} {'share':>6} {'refused/1,000':>14} {'lost':>6}")
    for engine in engines:
        with judges.limited(LIMITS) as url:
            took = run(engine, url, LIMITED_ROWS, in_flight)
            if isinstance(took, str):
                print(f"  {engine:10} {took}")
                continue
            seen = stats_of(url)
        print(
            f"  {engine:10} {seen['share']:6.2f} {seen['refused'] / LIMITED_ROWS * 1000:14.1f} "
            f"{LIMITED_ROWS - took['done']:6,}",
            flush=True,
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """A run at a moment: rows done, CPU seconds and MB of its process."""

    at: float
    done: int
    cpu: float
    rss: float


def _create(path: Path, rows: int) -> None:
    from clarion.bulk.job import Job

    Job.create(path, prompts(rows)).close()


def _run(path: Path, url: str, in_flight: int, began: Connection) -> None:
    import asyncio

    from clarion import AsyncClaudeService, ClaudeConfig
    from clarion.bulk.job import AsyncJob

    config = ClaudeConfig(model=MODEL, max_tokens=MAX_TOKENS, thinking="off")

    async def main() -> None:
        async with AsyncClaudeService(api_key="k", base_url=url, config=config) as service:
            began.send(time.monotonic())
            job = await AsyncJob.open(path)
            await job.run(service=service, concurrency=in_flight)
            await job.close()

    asyncio.run(main())


def flat(rows: int, in_flight: int) -> None:
    """Run a big job, kill it half-way, run it on, and print how it went."""
    with tempfile.TemporaryDirectory() as folder, judges.always_ready() as url:
        path = Path(folder, "job.db")
        start = time.monotonic()
        _child(_create, path, rows).join()
        took = time.monotonic() - start
        print(f"{rows:,} rows added in {took:.0f} s ({rows / took:,.0f}/s), journal {_size(path)}")
        first = _watched(path, url, in_flight, until=rows // 2)
        before = stats_of(url)["answered"]
        second = _watched(path, url, in_flight, until=rows, answered=before)
        print(f"journal {_size(path)}; {stats_of(url)['answered'] - rows:,} rows paid twice")
    _print_tenths([first, second], rows)


def _watched(path: Path, url: str, in_flight: int, *, until: int, answered: int | None = None) -> list[Sample]:
    """Run a job until so many rows are done, then kill what runs it."""
    here, there = spawning.Pipe()
    child = _child(_run, path, url, in_flight, there)
    began = here.recv()
    while answered is not None and stats_of(url)["answered"] == answered:
        time.sleep(0.005)
    if answered is not None:
        print(f"resumed {time.monotonic() - began:.2f} s after it was opened")
    samples: list[Sample] = []
    with sqlite3.connect(path, timeout=60) as journal:
        while child.is_alive():
            (done,) = journal.execute("select rows from counts where state = 2").fetchone()
            if sample := _sample(child.pid, done):
                samples.append(sample)
            if done >= until and until != _all(journal):
                child.kill()
            child.join(1.0)
    journal.close()
    return samples


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def _all(journal: sqlite3.Connection) -> int:
    (rows,) = journal.execute("select sum(rows) from counts").fetchone()
    return int(rows)


def _sample(pid: int, done: int) -> Sample | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return None
    cpu = (int(fields[11]) + int(fields[12])) / TICK
    return Sample(time.monotonic(), done, cpu, pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def _child(work: Any, *options: Any) -> Any:
    process = spawning.Process(target=work, args=options)
    process.start()
    return process


def _print_tenths(runs: list[list[Sample]], rows: int) -> None:
    print(f"  {'rows':>11} {'rows/s':>7} {'CPU us/row':>11} {'RSS MB':>7}")
    for tenth in range(10):
        for samples in runs:
            within = [one for one in samples if tenth * rows / 10 <= one.done <= (tenth + 1) * rows / 10]
            if len(within) < 3:
                continue
            first, last = within[0], within[-1]
            done = last.done - first.done or 1
            rate, cpu = done / (last.at - first.at), (last.cpu - first.cpu) / done * 1e6
            print(f"  {last.done:11,} {rate:7,.0f} {cpu:11.0f} {max(one.rss for one in within):7.0f}")


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", nargs="*", help=f"of {list(ENGINES)}; all, if none is named")
    parser.add_argument("--count", type=int, default=40_000, help="rows; the ramp costs the same for any number")
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--rows", type=int)
    asked = parser.parse_args()
    engines = asked.engine or list(ENGINES)
    if unknown := set(engines) - ENGINES.keys():
        parser.error(f"there is no engine {min(unknown)!r}; engines: {', '.join(ENGINES)}")
    if asked.rows:
        flat(asked.rows, asked.in_flight)
    elif asked.limits:
        compare_under_limits([engine for engine in engines if engine != "bare"], asked.in_flight)
    else:
        compare(engines, asked.count, asked.in_flight, asked.latency)


if __name__ == "__main__":
    main()
