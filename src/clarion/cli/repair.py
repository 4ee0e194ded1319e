"""`clarion repair`: a history in a file, mended so that the API takes it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion.cli._options import MODEL, options
from clarion.cli._talk import ExitCode, printable, say

if TYPE_CHECKING:
    from clarion import Repaired


@dataclass(frozen=True, slots=True)
class Given:
    """A history as a file has it: messages, what the file says of the request, and the request itself if it is one."""

    messages: object
    more: dict[str, Any]
    request: dict[str, Any] | None = None


@click.command()
@click.argument("file", type=click.Path(allow_dash=True, dir_okay=False, path_type=Path))
@options(MODEL)
@click.option("--check", "only_check", is_flag=True, help="Print nothing but the report; exit with 1 if there is one.")
@click.option("--drop-thinking", is_flag=True, help="Leave out all thinking: for when its signatures are refused.")
@click.option("--keep-open-calls", is_flag=True, help="Calls of tools at the end may wait for their results.")
def repair(file: Path, model: str | None, only_check: bool, drop_thinking: bool, keep_open_calls: bool) -> None:
    """Mend the history in FILE so that the API takes it; print it.

    FILE is JSON: a list of messages, the body of a request, or an exported conversation; '-' is standard input. What
    was mended is said on standard error. A body is printed as a body, anything else as a list of messages.

    Exit codes: 0 healthy or mended, 1 beyond repair (with --check: not healthy), 2 wrong usage or input.
    """
    import orjson

    import clarion

    settings = clarion.Settings.load()
    given = _given(_read(file))
    repaired = clarion.repair(
        given.messages,
        model or given.more.get("model") or settings.config.model,
        system=given.more.get("system"),
        tools=given.more.get("tools"),
        drop_thinking=drop_thinking,
        keep_open_calls=keep_open_calls,
        catalog=clarion.Catalog.load(settings.catalog),
    )
    _report(repaired)
    if not only_check and not repaired.unmendable:
        click.echo(orjson.dumps(_printed(given, repaired), option=orjson.OPT_INDENT_2))
    if repaired.unmendable or (only_check and not repaired.is_healthy):
        click.get_current_context().exit(ExitCode.FAILED)


def _read(file: Path) -> Any:
    import orjson

    try:
        return orjson.loads(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{file} is no JSON: {error}") from error


def _given(read: Any) -> Given:
    match read:
        case {"turns": list(turns), "settings": dict(settings)}:  # as `Conversations.export` writes it
            starts = [index for index, turn in enumerate(turns) if turn.get("kind") == "summary"]
            live = turns[starts[-1] :] if starts else turns
            return Given([message for turn in live for message in turn.get("messages", ())], settings)
        case {"messages": list(messages)}:
            more = {
                key: read[key] for key, kind in (("model", str), ("tools", list)) if isinstance(read.get(key), kind)
            }
            return Given(messages, {**more, "system": read.get("system")}, read)
    return Given(read, {})


def _printed(given: Given, repaired: Repaired) -> Any:
    if given.request is None:
        if repaired.system != given.more.get("system"):
            say(f"what its system messages say belongs into the system prompt: {repaired.system}")
        return repaired.messages
    system = {} if repaired.system is None else {"system": repaired.system}
    return {**given.request, "messages": repaired.messages, **system}


def _report(repaired: Repaired) -> None:
    for line in printable(str(repaired)).splitlines():
        say(line)
    if repaired.betas:
        say(f"what is in it needs the betas {', '.join(repaired.betas)}")
