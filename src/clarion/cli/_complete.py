"""What a shell is offered for the words of a command, besides options and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click
    from click.shell_completion import CompletionItem


def models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the presets, lines and models of the catalogue that begin so, retired ones last."""
    from clarion._catalog import Catalog
    from clarion._errors import InvalidSettingError
    from clarion._settings import Settings

    try:
        catalog = Catalog.load(Settings.load().catalog)
    except InvalidSettingError:  # is said when the command is run; here it would spoil the line
        catalog = Catalog.load()
    names = [*catalog.presets, *sorted(catalog.models, key=lambda name: catalog.models[name].is_retired)]
    return _items(names, incomplete)


def scenarios(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the ready scenarios that begin so; where none does, files."""
    from click.shell_completion import CompletionItem

    from clarion.emulator.scenario import Scenario

    return _items(Scenario.ready(), incomplete) or [CompletionItem(incomplete, type="file")]


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
