"""The options that several commands share, and the service they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from clarion.cli._complete import models

if TYPE_CHECKING:
    from clarion import ClaudeService

Command = TypeVar("Command", bound=Callable[..., Any])

PATIENCE = 60.0  # seconds that somebody at a terminal waits without a word

STYLES = ("factual", "balanced", "creative")
EFFORTS = ("low", "medium", "high", "xhigh", "max")

EMULATE = click.option("--emulate", is_flag=True, help="Answer from the emulator: offline, with no key.")
MODEL = click.option(
    "-m",
    "--model",
    shell_complete=models,
    help="Id, alias, line (opus) or preset (smart).  [default: claude-opus-5-5]",
)
SYSTEM = click.option("-s", "--system", help="System prompt.")

# What an answer shall be, beside the model and the system prompt.
ANSWERING = (
    click.option("--max-tokens", type=click.IntRange(min=1), help="Bound of the answer, thinking included."),
    click.option("--think", "thinking", type=click.Choice([*EFFORTS, "off"]), help="Think this hard."),
    click.option("--effort", type=click.Choice(EFFORTS), help="Effort of the whole answer."),
    click.option("--style", type=click.Choice(STYLES), help="Temperature where there is one, else words."),
    click.option("--cache/--no-cache", default=None, help="Mark the stable part of the prompt for caching."),
    click.option("--strict", "adjust", flag_value="strict", help="Refuse to adjust what does not fit the model."),
)


def _show_log(ctx: click.Context, param: click.Parameter, value: int) -> None:
    from clarion.cli._log import VERBOSITIES, show_log

    if value:
        show_log(VERBOSITIES[min(value, 2)])


VERBOSE = click.option(
    "-v",
    "--verbose",
    count=True,
    expose_value=False,
    callback=_show_log,
    help="Show a line for each call; -vv shows what was said, too.",
)

ASKING = (
    MODEL,
    SYSTEM,
    *ANSWERING,
    click.option("--max-cost", type=click.FloatRange(min=0), help="US dollars it may cost at worst."),
    click.option("--max-input-tokens", type=click.IntRange(min=1), help="Tokens the prompt may have."),
    click.option("--attempts", type=click.IntRange(min=1), default=3, show_default=True, help="How often to ask."),
    click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds one read may take."),
    EMULATE,
    VERBOSE,
)


def options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator that adds all of these options, in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def given(**values: Any) -> dict[str, Any]:
    """Return the options that were given, so that the others keep the service's defaults."""
    return {name: value for name, value in values.items() if value is not None}


def asked(**values: Any) -> dict[str, Any]:
    """Return the options that were given for an answer; what is adjusted is reported, and not warned of as well."""
    from clarion._retry import RetryPolicy

    retry = RetryPolicy(attempts=values.pop("attempts"), deadline=PATIENCE)
    return given(**{**values, "adjust": values.get("adjust") or "silent", "retry": retry})


def service(*, emulate: bool) -> ClaudeService:
    """Return the service a command talks through."""
    from clarion import ClaudeService

    return ClaudeService(emulate=emulate or None)
