"""`clarion emulate`: the emulator as a server, for any client of the Messages API."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion.cli._complete import scenarios
from clarion.cli._talk import say

if TYPE_CHECKING:
    from clarion.emulator.asked import Answerer


class Duration(click.ParamType[float]):
    """A duration, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read `1.2s`, `250ms`, or a number of seconds."""
        from clarion.emulator.durations import seconds

        try:
            return seconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


COUNT = click.IntRange(min=1)
LOOPBACK = ("127.0.0.1", "::1", "localhost")
DIRECTORY = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--scenario",
    metavar="FILE|NAME",
    shell_complete=scenarios,
    help="What calls meet: a file, or a scenario that comes with it.",
)
@click.option("--profile", type=click.Choice(["strict", "contract"]), default="strict", help="contract is lenient.")
@click.option("--seed", default=0, type=int, help="Varies the answers that are made up.")
@click.option("--latency", default=0.0, type=Duration(), metavar="TIME", help="Before the first token, such as 1.2s.")
@click.option("--tokens-per-second", type=click.FloatRange(min=0, min_open=True), help="Pace of the answers.")
@click.option("--tier", type=click.Choice(["start", "build", "scale"]), help="Keep the rate limits of a tier.")
@click.option("--requests-per-minute", type=COUNT, metavar="N", help="Keep this limit, for every group of models.")
@click.option("--input-tokens-per-minute", type=COUNT, metavar="N", help="The same; cache reads do not count.")
@click.option("--output-tokens-per-minute", type=COUNT, metavar="N", help="The same; counted as generated.")
@click.option(
    "--spend-limit", type=click.FloatRange(min=0), metavar="USD", help="Refuse when a month's money is spent."
)
@click.option("--capacity", type=COUNT, metavar="N", help="Answers under way at a time; more are overloads.")
@click.option("--record", type=DIRECTORY, metavar="DIR", help="Put every answer on a tape in DIR.")
@click.option("--upstream", metavar="URL", help="Who answers while recording, and what --on-miss forward asks.")
@click.option("--replay", type=DIRECTORY, metavar="DIR", help="Answer from the tape in DIR.")
@click.option("--on-miss", type=click.Choice(["error", "emulate", "forward"]), help="What is not on the tape gets.")
@click.option("--ignore", multiple=True, metavar="REGEX", help="Texts that do not count when a tape is searched.")
def emulate(
    host: str,
    port: int,
    scenario: str | None,
    profile: Any,
    seed: int,
    latency: float,
    tokens_per_second: float | None,
    tier: Any,
    requests_per_minute: int | None,
    input_tokens_per_minute: int | None,
    output_tokens_per_minute: int | None,
    spend_limit: float | None,
    capacity: int | None,
    **taping: Any,
) -> None:
    """Serve the emulator, for any client of the Messages API.

    Point a client at it with ANTHROPIC_BASE_URL; any key will do, but one with 'wrong' or 'invalid' in it. What arrives
    is shown at /_emulator/. Ctrl-C stops it. Nothing is limited unless you ask for limits.

    With --record and --upstream, requests are passed on, with the client's own key, and the answers are recorded,
    without keys. With --replay, recordings are the answers.
    """
    from clarion.emulator import Emulator, Limits, SpendLimits, serve

    limits = Limits(
        requests=requests_per_minute,
        input_tokens=input_tokens_per_minute,
        output_tokens=output_tokens_per_minute,
    )
    with _usage_errors(), _answerer(**taping) as answerer:
        emulator = Emulator(
            tokens_per_second=tokens_per_second,
            first_token_delay=latency,
            scenario=scenario,
            profile=profile,
            seed=seed,
            tier=tier,
            limits=None if limits == Limits() else limits,
            spend_limits=SpendLimits(own=spend_limit),
            capacity=capacity,
            answerer=answerer,
        )
        try:
            if host not in LOOPBACK:
                say(f"whoever reaches {host} may use it and read what others ask: the emulator checks no key")
            serve(emulator, host, port, on_ready=_announce)
        except OSError as error:
            hint = "choose another with --port (0 takes a free one)"
            raise click.UsageError(f"{error.strerror or error}; {hint}") from error
    say("stopped")


@contextlib.contextmanager
def _answerer(
    record: Path | None, upstream: str | None, replay: Path | None, on_miss: Any, ignore: tuple[str, ...]
) -> Iterator[Answerer | None]:
    """Yield who answers in the emulator's place, if anybody does."""
    from clarion.emulator.recording import Player, Recorder, Tape, Upstream

    if record and replay:
        raise click.UsageError("--record and --replay exclude each other: record first, then replay")
    if on_miss and not replay:
        raise click.UsageError("--on-miss says what becomes of requests that --replay does not find")
    if upstream and not (record or on_miss == "forward"):
        raise click.UsageError("--upstream goes with --record, or with --replay and --on-miss forward")
    with Upstream(upstream) if upstream else contextlib.nullcontext() as api:
        if record:
            tape = Tape(record, ignore)
            tape.prepare()
            yield Recorder(tape, api)
        elif replay:
            if not replay.is_dir():
                raise click.UsageError(f"there is no directory {replay} to replay; record it first, with --record")
            yield Player(Tape(replay, ignore), on_miss or "error", api, is_timed=True)
        else:
            yield None


@contextlib.contextmanager
def _usage_errors() -> Iterator[None]:
    """Say what is wrong in options and in the files they name."""
    from clarion.emulator.recording import TapeError

    try:
        yield
    except (ValueError, TapeError) as error:
        raise click.UsageError(str(error)) from error


def _announce(url: str) -> None:
    say(f"the emulator listens on {url}; what arrives is shown at {url}/_emulator/")
    say("for a client in another shell, set")
    click.echo(f"export ANTHROPIC_BASE_URL={url} ANTHROPIC_API_KEY=emulated")
    sys.stdout.flush()
