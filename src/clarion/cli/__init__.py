"""The command line, `clarion`. One file a command.

Standard output is data, standard error is talk. Exit codes: 0 done; 1 the API or the turn failed; 2 wrong usage or
input; 3 no credentials, or a job that has stopped with rows left; 130 interrupted; 141 nobody read on. A command is
imported when it is run, and imports what it needs then, so that `--help` is quick.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from clarion.cli._pipe import PipedGroup, ReaderLeftError, forget_output
from clarion.cli._talk import ExitCode, say, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARIES = {
    "ask": "Ask Claude and print the answer.",
    "bulk": "Run a file of prompts: each is asked and recorded once.",
    "chat": "Talk with Claude in the terminal.",
    "check": "Find what will fail, or cost too much, on today's API.",
    "completion": "Make a shell complete commands, models and files.",
    "count": "Count the input tokens of FILES, model by model.",
    "demo": "See a code review and a picture's description, offline.",
    "digest": "Do a task about long documents, with a source of each statement.",
    "doctor": "Find what keeps a program from calling Claude on this machine.",
    "emulate": "Serve the emulator, for any client of the Messages API.",
    "models": "List the models of the catalogue, or all that is known of one.",
    "repair": "Mend the history in FILE so that the API takes it; print it.",
    "usage": "Show what calls used and cost, by a ledger.",
}  # each a module of this package with a command of its name, whose help opens with this sentence
LIGHT = ("completion", "count")  # they show warnings once there may be some: logging would be a tenth of their time


def _show_versions(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from clarion.cli._version import versions

    for name, version in versions():
        click.echo(f"{name} {version}")
    ctx.exit()


@click.group(
    cls=PipedGroup,
    package=__name__,
    summaries=SUMMARIES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_versions,
    help="Show the versions of Clarion and of what it stands on, and exit.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    envvar="CLARION_LOG",
    show_envvar=True,
    help="Show the log from this level on, on standard error.",
)
@click.option("-v", "--verbose", count=True, help="Show a line for each call; -vv shows what was said, too.")
@click.pass_context
def cli(ctx: click.Context, log_level: str | None, verbose: int) -> None:
    """Talk to Claude, count what it would cost, and try it all offline.

    Credentials are found as the Anthropic SDK finds them (ANTHROPIC_API_KEY, a profile, ...). With --emulate, or
    CLARION_EMULATE=1, an emulator answers: offline, with no key, for nothing.

    Exit codes: 0 done, 1 the API or the turn failed, 2 wrong usage or input, 3 no credentials (or a job
    that has stopped with rows left), 130 interrupted, 141 the reader of the output left.
    """
    if ctx.invoked_subcommand in LIGHT and log_level is None and not verbose:
        return
    from clarion.cli._log import VERBOSITIES, show_log

    is_typed = ctx.get_parameter_source("log_level") is click.core.ParameterSource.COMMANDLINE
    typed = log_level if is_typed else VERBOSITIES.get(min(verbose, 2))
    show_log(typed or log_level)


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line with `arguments` and return its exit code. Only bugs show a traceback."""
    try:
        return _run(arguments)
    except (ReaderLeftError, BrokenPipeError):
        forget_output()
        return ExitCode.BROKEN_PIPE


def _run(arguments: Sequence[str]) -> int:
    try:
        code = cli.main(args=list(arguments), prog_name="clarion", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except (ReaderLeftError, BrokenPipeError):
        raise
    except Exception as error:
        line, code = verdict(error)
        if not line:
            raise
        say(line)
        return code
    return code or ExitCode.DONE
