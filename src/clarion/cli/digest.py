"""`clarion digest`: a task about documents of any length."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from clarion._plural import number_of
from clarion.cli._options import ANSWERING, EMULATE, MODEL, SYSTEM, given, options, service
from clarion.cli._talk import ExitCode, say, show
from clarion.cli.bulk._words import dollars

if TYPE_CHECKING:
    from clarion import Digest, DigestEstimate, Document

Format = Literal["markdown", "text", "json"]
NAMED = 5  # skipped documents that are named


@click.command()
@click.argument("documents", nargs=-1, required=True)
@click.argument("instruction")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), help="Keep what is read, and go on from it.")
@options(MODEL, SYSTEM, *ANSWERING)
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), metavar="USD", help="What it may cost in all.")
@click.option("--concurrency", type=click.IntRange(min=1), metavar="N", help="Calls under way.  [default: 8]")
@click.option("--piece-tokens", type=click.IntRange(min=200), metavar="N", help="Size of a piece.  [default: 32000]")
@click.option("--overlap", type=click.IntRange(min=0), metavar="N", help="Tokens pieces repeat.  [default: 200]")
@click.option("--estimate", "only_estimate", is_flag=True, help="Say what it would cost, and pay nothing.")
@click.option(
    "--format",
    type=click.Choice(["markdown", "text", "json"]),
    default="markdown",
    show_default=True,
    help="Markdown has the sources of each statement, JSON everything.",
)
@click.option("--json", "format", flag_value="json", help="As --format json.")
@options(EMULATE)
@click.option("-q", "--quiet", is_flag=True, help="Do not show how it goes, nor what it costs.")
def digest(
    documents: tuple[str, ...],
    instruction: str,
    store: Path | None,
    budget: float | None,
    concurrency: int | None,
    piece_tokens: int | None,
    overlap: int | None,
    only_estimate: bool,
    format: Format,
    emulate: bool,
    quiet: bool,
    **asking: Any,
) -> ExitCode:
    """Do a task about long documents, with a source of each statement.

    DOCUMENTS are files, folders, URLs, and '-' for standard input; INSTRUCTION says what to do with them. What fits
    into one call is read in one; the rest piece by piece. With --store FILE, what is read is kept: run it again to go
    on. Ctrl-C lets the calls end that are under way; a second one drops them.

    \b
    clarion digest book.pdf "Summarise each chapter." --estimate
    clarion digest docs/ src/ "Which settings are not documented?" --store settings.db --budget 5
    """  # noqa: D301 -- click wants the character
    sources = [_source(name) for name in documents]
    size = given(piece_tokens=piece_tokens, overlap=overlap, store=store)
    with service(emulate=emulate) as claude:
        if only_estimate:
            _print_estimate(claude.estimate_digest(sources, instruction, **size, **_answering(asking)), format)
            return ExitCode.DONE
        from clarion._errors import DigestStopped
        from clarion.cli._digesting import Watch

        with Watch(quiet=quiet) as watch:
            try:
                made = claude.digest(
                    sources,
                    instruction,
                    budget=None if budget is None else Decimal(str(budget)),
                    on_progress=watch.show,
                    **size,
                    **given(concurrency=concurrency),
                    **_answering(asking),
                )
            except DigestStopped as stopped:
                if watch.signal is None:
                    raise
                watch.end()
                say(str(stopped))
                return ExitCode(128 + watch.signal)
    _print(made, format)
    return _report(made, quiet=quiet)


def _source(name: str) -> str | Document:
    from clarion import Document

    return Document(sys.stdin.buffer, title="standard input") if name == "-" else name


def _answering(asking: dict[str, Any]) -> dict[str, Any]:
    return given(**{**asking, "adjust": asking.get("adjust") or "silent"})


def _print(made: Digest, format: Format) -> None:
    import orjson

    match format:
        case "json":
            show(orjson.dumps(made.to_dict(), option=orjson.OPT_INDENT_2).decode())
        case "markdown":
            show(made.to_markdown())
        case "text":
            show(made.text)


def _print_estimate(estimate: DigestEstimate, format: Format) -> None:
    if format == "json":
        from dataclasses import asdict

        import orjson

        click.echo(orjson.dumps(asdict(estimate), default=str, option=orjson.OPT_INDENT_2))
        return
    counted = f"{estimate.counted:,} of {number_of(estimate.pieces, 'piece')} counted by the API"
    click.echo(f"{number_of(estimate.pieces, 'piece')}, {number_of(estimate.calls, 'call')} to make")
    how = f"{counted}, within {estimate.error:.1%}" if estimate.counted else f"estimated, within {estimate.error:.0%}"
    click.echo(f"{estimate.input_tokens:,} tokens in ({how})")
    assumed = "assumed" if estimate.answers == "assumed" else "as in the answers so far"
    click.echo(f"about {estimate.output_tokens:,} tokens out ({assumed})")
    if estimate.cost is None:
        click.echo("the price of this model is not known")
        return
    click.echo(f"about {dollars(estimate.cost)}, likely {dollars(estimate.low)} to {dollars(estimate.high)}")
    click.echo(f"at most {dollars(estimate.at_most)}, with every answer as long as it may be")
    if estimate.spent:
        click.echo(f"{dollars(estimate.spent)} of that is paid already")


def _report(made: Digest, *, quiet: bool) -> ExitCode:
    """Say what it used and cost, and what is missing; return the exit code that says so."""
    if not quiet:
        parts = [
            f"{made.model}{' (emulated)' if made.emulated else ''}",
            number_of(len(made.pieces), "piece"),
            number_of(made.calls, "call") + (f", {made.reused:,} of them made before" if made.reused else ""),
            f"{made.usage.total_input_tokens:,} tokens in",
            f"{made.usage.output_tokens:,} out",
            "price unknown" if made.cost is None else str(made.cost),
        ]
        for adjustment in made.adjustments:
            if adjustment.kind != "noted":
                say(str(adjustment))
        click.echo(" · ".join(parts), err=True)
        for each in made.skipped[:NAMED]:
            say(f"not digested: {each.name}: {each.why}")
        if len(made.skipped) > NAMED:
            say(f"not digested: {number_of(len(made.skipped) - NAMED, 'more file')}; --json lists them")
    for piece in made.failed:
        say(f"piece {piece.number:,} is missing: {piece.name}: {piece.error}")
    if cut := [str(piece.number) for piece in made.pieces if piece.truncated]:
        say(f"the notes on piece {', '.join(cut)} are cut off: choose a smaller --piece-tokens")
    if made.unverified:
        say(f"{len(made.unverified):,} citations were not found in their piece, and are not shown")
    if made.truncated:
        say("the answer is cut off: raise --max-tokens, or ask for less")
    if not made.text:
        say("nothing in the documents is of use for this task")
    return ExitCode.DONE if made.is_complete else ExitCode.FAILED
