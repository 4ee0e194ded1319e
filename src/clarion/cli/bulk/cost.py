"""`clarion bulk cost`: what a job will cost, before anything is paid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion._plural import number_of
from clarion.cli._complete import files
from clarion.cli._options import EMULATE, options
from clarion.cli._talk import say
from clarion.cli.bulk._making import MAKING, making
from clarion.cli.bulk._words import dollars

if TYPE_CHECKING:
    from clarion.bulk.forecast import Forecast


@click.command()
@click.argument("source", metavar="JOB_OR_INPUT", shell_complete=files)
@options(*MAKING)
@click.option("--output-tokens", type=click.FloatRange(min=0), metavar="N", help="How long an answer will be.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Rows to look at.  [default: 200]")
@click.option("--exact", is_flag=True, help="Let the API count the tokens of the sample, for nothing.")
@options(EMULATE)
@click.option("--json", "as_json", is_flag=True, help="Print the forecast as JSON.")
def cost(
    source: str,
    output_tokens: float | None,
    sample: int | None,
    exact: bool,
    emulate: bool,
    as_json: bool,
    **asking: Any,
) -> None:
    """Say what a job will cost; nothing is paid.

    The job may be one that could be made of an input file. Some rows are looked at, evenly spread; offline, unless
    --exact asks the API to count them. A job that has answers tells by their mean how long others will be; before,
    say it with --output-tokens, or see what it costs at most.
    """
    arguments = making(**asking)
    import asyncio

    from clarion import AsyncClaudeService
    from clarion.bulk.job import AsyncJob
    from clarion.bulk.journal import Journal
    from clarion.bulk.sampling import SAMPLE, forecast_of_source

    is_job = Journal.is_at(Path(source))
    if is_job and arguments:
        raise click.UsageError(f"{source} is a job, and knows what to ask: leave the other options out")
    looking: Any = {"sample": sample or SAMPLE, "output_tokens": output_tokens, "exact": exact}

    async def found() -> Forecast:
        service = AsyncClaudeService(emulate=emulate or None) if exact else None
        try:
            if not is_job:
                return await forecast_of_source(source, **looking, service=service, **arguments)
            async with await AsyncJob.open(source) as job:
                return await job.forecast(**looking, service=service)
        finally:
            if service is not None:
                await service.close()

    forecast = asyncio.run(found())
    if as_json:
        _print_json(forecast)
    elif forecast.rows:
        _print(forecast)
    else:
        say(f"no rows are left; {dollars(forecast.spent)} were spent")
    if forecast.unaskable:
        say(f"{forecast.unaskable:,} of {number_of(forecast.sampled, 'row')} cannot be asked: {forecast.why}")


def _print_json(forecast: Forecast) -> None:
    from dataclasses import asdict

    import orjson

    data = asdict(forecast)
    for variant, each in zip(forecast.variants, data["variants"], strict=True):
        each["total"] = variant.total
    click.echo(orjson.dumps(data, default=float, option=orjson.OPT_INDENT_2))


def _print(forecast: Forecast) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    for line in _facts(forecast):
        click.echo(line)
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("", no_wrap=True)
    for heading in ("input", "output", "together", "range", "at most"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in forecast.variants:
        is_known = each.low is not None
        table.add_row(
            each.name,
            dollars(each.input),
            dollars(each.output) if is_known else "?",
            dollars(each.total) if is_known else "?",
            f"{dollars(each.low)} to {dollars(each.high)}" if is_known else "",
            dollars(each.at_most),
        )
    Console().print(table)


def _facts(forecast: Forecast) -> list[str]:
    how = "counted by the API" if forecast.is_counted else f"estimated, within {forecast.error:.0%}"
    left = "rows left" if forecast.spent else "rows"
    lines = [f"{forecast.rows:,} {left}, {forecast.sampled:,} of them looked at, for {', '.join(forecast.models)}"]
    shared = f", {forecast.shared_tokens:,.0f} of them in common with others" if forecast.shared_tokens else ""
    lines.append(f"{forecast.input_tokens:,.0f} tokens in a row ({how}){shared}")
    lines.append(
        {
            "given": f"{forecast.output_tokens or 0:,.0f} tokens out, as you say",
            "measured": f"{forecast.output_tokens or 0:,.0f} tokens out, as in the answers so far",
            "unknown": "how long answers will be is not known: say it with --output-tokens",
        }[forecast.answers]
    )
    if forecast.spent:
        lines.append(f"{dollars(forecast.spent)} are spent already, and not counted below")
    return lines
