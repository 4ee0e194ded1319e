"""What the command line says on standard error, and the exit code that goes with it."""

from __future__ import annotations

import enum
import re
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clarion._completion import Completion
    from clarion._failure import Failure


class ExitCode(enum.IntEnum):
    """How a command ended. From 128 on, it is that and the number of the signal, as shells have it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_CREDENTIALS = 3
    STOPPED = 3  # of a job: there are rows left
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


# What to do about a status of the API, or about a call that got none.
ADVICE: dict[int | str, str] = {
    401: "check ANTHROPIC_API_KEY, or work offline with --emulate",
    402: "check the billing of your organization",
    403: "check what this key's workspace may do",
    404: "check --model, and ANTHROPIC_BASE_URL if you set it",
    413: "send less, or upload files through the Files API",
    429: "wait a little, or ask for a higher limit",
    500: "it is the service's fault: try again",
    529: "the service is overloaded: try again in a minute",
    "local": "check the certificates that are trusted (SSL_CERT_FILE), ANTHROPIC_BASE_URL, and headers of your own",
    "connection": "check the network and ANTHROPIC_BASE_URL, or work offline with --emulate",
    "timeout": "raise --timeout",
    "spend cap": "have the spend limit raised, or wait until the month is over",
}


# Control characters but tab and new line, marks that turn the direction of writing, halves of characters.
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def say(line: str) -> None:
    """Say one line on standard error."""
    click.echo(printable(f"clarion: {line}"), err=True)


def show(text: str, *, nl: bool = True) -> None:
    """Print text that others wrote: to a terminal without the characters that could steer it, else as it is."""
    click.echo(printable(text) if sys.stdout.isatty() else text, nl=nl)


def verdict(error: Exception) -> tuple[str, ExitCode]:
    """Return what to say of an error and the exit code; an empty line means that it is a bug, to be shown whole."""
    from clarion._errors import (
        ClarionError,
        DigestStopped,
        DigestStoreError,
        InvalidPromptError,
        InvalidSettingError,
        LimitError,
        MissingCredentialsError,
        UnfitRequestError,
    )
    from clarion.bulk.errors import JobError, JobStopped, JournalError

    match error:
        case MissingCredentialsError():
            return str(error), ExitCode.NO_CREDENTIALS
        case JobStopped(status=status):
            advice = ADVICE.get("spend cap" if status == 429 else status or 0)  # other limits stop no job
            return (f"{error} - {advice}" if advice else str(error)), ExitCode.STOPPED
        case DigestStopped():
            cause = _failure(error.__cause__) if isinstance(error.__cause__, Exception) else None
            advice = _advice(cause) if cause else None
            return (f"{error} - {advice}" if advice else str(error)), ExitCode.STOPPED
        case JournalError() | DigestStoreError():
            return str(error), ExitCode.STOPPED
        case JobError():
            return str(error), ExitCode.USAGE
        case InvalidPromptError() | InvalidSettingError() | UnfitRequestError() | LimitError():
            return str(error), ExitCode.USAGE
        case ClarionError():
            return "; ".join([str(error), *getattr(error, "__notes__", ())]), ExitCode.FAILED
    failure = _failure(error)
    return (_sentence(failure), ExitCode.FAILED) if failure else ("", ExitCode.FAILED)


def _advice(failure: Failure) -> str | None:
    return ADVICE.get("spend cap" if failure.is_spend_cap else failure.status or failure.kind)


def _failure(error: Exception) -> Failure | None:
    if "anthropic" not in sys.modules:  # then the error cannot be the SDK's, and importing it takes a second
        return None
    from clarion._sdk import failure_of

    return failure_of(error)


def _sentence(failure: Failure) -> str:
    named = f"{failure.status} {failure.type or ''}".strip() if failure.status else ""
    said = f"{named}: {failure.message}" if named else failure.message
    notes = [note for note in getattr(failure.error, "__notes__", ()) if note != failure.message]
    parts = ["; ".join([said, *notes])]
    if failure.request_id:
        parts.append(f"(request id: {failure.request_id})")
    if advice := _advice(failure):
        parts.append(f"- {advice}")
    return " ".join(" ".join(parts).split())


def report(completion: Completion, *, quiet: bool) -> ExitCode:
    """Say what a turn used and cost, and whether its answer is whole; return the exit code that says so."""
    for adjustment in completion.adjustments:
        if adjustment.kind != "noted" and not quiet:
            say(str(adjustment))
    if not quiet:
        click.echo(printable(usage_line(completion)), err=True)
    if completion.truncated:
        say(f"the answer is cut off ({completion.stop_reason}): raise --max-tokens, or ask for less")
        return ExitCode.FAILED
    return ExitCode.DONE


def usage_line(completion: Completion, *, ids: bool = True) -> str:
    """Return one line with the model, the tokens, the money and the time of a turn, and the ids of its calls."""
    usage = completion.usage
    parts = [
        f"{completion.model}{' (emulated)' if completion.emulated else ''}",
        f"{usage.total_input_tokens:,} tokens in",
        f"{usage.output_tokens:,} out",
        "price unknown" if completion.cost is None else str(completion.cost),
        f"{completion.latency:.1f} s",
        *(completion.request_ids if ids else ()),
    ]
    return " · ".join(parts)


def printable(text: str) -> str:
    """Return text without the characters by which it could steer a terminal, or reverse what is read there."""
    return STEERING.sub("", text)
