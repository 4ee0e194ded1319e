"""`clarion count`: how many input tokens files have."""

from __future__ import annotations

import click

from clarion.cli._input import parts
from clarion.cli._options import EMULATE, MODEL, SYSTEM, given, options, service


@click.command()
@click.argument("files", nargs=-1, required=True)
@options(MODEL, SYSTEM, EMULATE)
def count(files: tuple[str, ...], model: str | None, system: str | None, emulate: bool) -> None:
    """Count the input tokens of FILES (texts, PDFs, images; '-' is stdin), as the API counts them.

    Each file is counted as a prompt of its own, and, if there are several, all of them as one prompt.
    """
    if files.count("-") > 1:
        raise click.UsageError("standard input ('-') can be read only once")
    content = parts(files)
    with service(emulate=emulate) as claude:
        rows = [
            (claude.count_tokens(part, **given(model=model, system=system)), name)
            for part, name in zip(content, files, strict=True)
        ]
        if len(files) > 1:
            rows.append((claude.count_tokens(content, **given(model=model, system=system)), "all in one prompt"))
    width = max(len(f"{tokens:,}") for tokens, _ in rows)
    for tokens, name in rows:
        click.echo(f"{tokens:>{width},}  {name}")
