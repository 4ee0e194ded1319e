"""`clarion ask`: one question, with files and images, and its answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from clarion.cli import _complete
from clarion.cli._input import parts, prompt_text
from clarion.cli._options import ASKING, asked, options, service
from clarion.cli._schema import FILE, schema_in
from clarion.cli._talk import ExitCode, report, show

if TYPE_CHECKING:
    from pathlib import Path

    from clarion import ClaudeService, Completion
    from clarion._prompt import Prompt


@click.command()
@click.argument("prompt", required=False)
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    shell_complete=_complete.files,
    help="A text, PDF or image to send along; '-' is stdin.",
)
@click.option(
    "--image", "images", multiple=True, shell_complete=_complete.files, help="An image to send along: a file or a URL."
)
@click.option("--json-schema", "schema", type=FILE, help="A file with a JSON Schema that the answer is held to.")
@options(*ASKING)
@click.option("--stream/--no-stream", default=None, help="Show text as it comes.  [default: on a terminal]")
@click.option("--json", "as_json", is_flag=True, help="Print the whole completion as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what it used and cost.")
def ask(
    prompt: str | None,
    files: tuple[str, ...],
    images: tuple[str, ...],
    schema: Path | None,
    stream: bool | None,
    as_json: bool,
    quiet: bool,
    emulate: bool,
    **asking: Any,
) -> ExitCode:
    """Ask Claude and print the answer.

    PROMPT is the question; '-', or none at all, reads it from standard input.

    \b
    clarion ask "What is a monad?"
    clarion ask "Review this." -f app.py --think high
    git diff | clarion ask "Write a commit message for this diff." -f -
    clarion ask "Extract the invoice." -f invoice.pdf --json-schema invoice.json
    """  # noqa: D301 -- click wants the character
    text = prompt_text(prompt, stdin_is_taken="-" in files)
    content: Prompt = [*parts(files, images), text]
    if schema is not None:
        asking["output_config"] = {"format": {"type": "json_schema", "schema": schema_in(schema)}}
    with service(emulate=emulate) as claude:
        if as_json:
            completion = claude.complete(content, **asked(**asking))
            _print_json(completion)
        elif sys.stdout.isatty() if stream is None else stream:
            completion = _print_stream(claude, content, asked(**asking))
        else:
            completion = claude.complete(content, **asked(**asking))
            show(completion.text)
    return report(completion, quiet=quiet)


def _print_stream(claude: ClaudeService, content: Prompt, asking: dict[str, Any]) -> Completion:
    ends_line = True
    try:
        with claude.stream(content, **asking) as stream:
            for text in stream:
                show(text, nl=False)
                ends_line = text.endswith("\n")
    except KeyboardInterrupt:
        ends_line = True  # click ends the line
        raise
    finally:
        if not ends_line:
            click.echo()
    return stream.completion


def _print_json(completion: Completion) -> None:
    import orjson

    show(orjson.dumps(completion.to_dict(), option=orjson.OPT_INDENT_2).decode())
