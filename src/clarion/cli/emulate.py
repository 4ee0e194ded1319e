"""`clarion emulate`: the emulator as a server, for any client of the Messages API."""

from __future__ import annotations

import sys

import click

from clarion.cli._talk import say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--tokens-per-second", type=click.FloatRange(min=0, min_open=True), help="Pace of the answers.")
@click.option("--latency", default=0.0, type=click.FloatRange(min=0), help="Seconds before the first token.")
def emulate(host: str, port: int, tokens_per_second: float | None, latency: float) -> None:
    """Serve the emulator, so that any client of the Messages API can be tried offline.

    Point a client at it with ANTHROPIC_BASE_URL; any key will do, but one with 'wrong' or 'invalid' in it. Ctrl-C
    stops it.
    """
    from clarion.emulator import Emulator, serve

    emulator = Emulator(tokens_per_second=tokens_per_second, first_token_delay=latency)
    try:
        serve(emulator, host, port, on_ready=_announce)
    except OSError as error:
        raise click.UsageError(f"{error.strerror or error}; choose another with --port (0 takes a free one)") from error
    say("stopped")


def _announce(url: str) -> None:
    say(f"the emulator listens on {url}; for a client in another shell, set")
    click.echo(f"export ANTHROPIC_BASE_URL={url} ANTHROPIC_API_KEY=emulated")
    sys.stdout.flush()
