"""The options that say what is asked of every row, and the arguments of `Job.create` they make."""

from __future__ import annotations

from typing import Any

import click

from clarion._plural import number_of
from clarion.cli._options import ANSWERING, MODEL, given
from clarion.cli._schema import FILE, schema_in, text_in

FORMATS = ("jsonl", "json", "csv", "tsv", "parquet", "lines", "folder")

MAKING = (
    click.option("--prompt", metavar="TEMPLATE", help="Jinja2 over the columns of a row.  [default: {{ prompt }}]"),
    click.option("--prompt-file", type=FILE, help="A file with that template."),
    click.option("-s", "--system", metavar="TEMPLATE", help="System prompt, a template too."),
    click.option("--image", "images", multiple=True, metavar="COLUMN", help="A column with paths or URLs of images."),
    click.option("--document", "documents", multiple=True, metavar="COLUMN", help="The same, of documents."),
    click.option("--schema", type=FILE, help="A JSON Schema that every answer is held to."),
    click.option("--format", type=click.Choice(FORMATS), help="Of the input.  [default: told by its ending]"),
    click.option("--on-bad-row", type=click.Choice(["stop", "skip"]), help="[default: stop, before anything is paid]"),
    click.option("--dedupe", is_flag=True, default=None, help="Send identical requests once."),
    MODEL,
    *ANSWERING,
)


def making(**options: Any) -> dict[str, Any]:
    """Return the arguments of `Job.create` for the options that were given. Raises UsageError for what cannot be."""
    path, schema = options.pop("prompt_file"), options.pop("schema")
    if path is not None and options["prompt"] is not None:
        raise click.UsageError("--prompt and --prompt-file exclude each other")
    if path is not None:
        options["prompt"] = text_in(path)
    columns = {name: options.pop(name) or None for name in ("images", "documents")}
    return given(**options, **columns, schema=None if schema is None else schema_in(schema))


def said_of_bad_rows(rows: Any) -> str:
    """Return a line about the rows that were left out."""
    first = "; ".join(f"{row.place}: {row.why}" for row in rows[:3])
    return f"left out {number_of(len(rows), 'bad row')}: {first}{'; ...' if len(rows) > 3 else ''}"
