"""`clarion completion`: what makes a shell complete commands, options, models and files."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Make a shell complete commands, models and files.

    Prints what does it, for the start-up file of the shell.

    \b
    eval "$(clarion completion bash)"       # in ~/.bashrc (bash 4.4 or newer)
    eval "$(clarion completion zsh)"        # in ~/.zshrc, after compinit
    clarion completion fish | source        # in ~/.config/fish/config.fish
    """  # noqa: D301 -- click wants the character
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    root = click.get_current_context().find_root()
    maker = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}[shell]
    click.echo(maker(root.command, {}, "clarion", "_CLARION_COMPLETE").source())
