"""`clarion models`: what is known of each model, and what the API says of it today."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from clarion._plural import number_of
from clarion.cli import _complete
from clarion.cli._options import EMULATE, service
from clarion.cli._talk import say

if TYPE_CHECKING:
    from rich.table import Table

    from clarion import Catalog, Model
    from clarion._cost import Cost, Unpriced
    from clarion._refresh import Difference

MILLION = 1_000_000
OWN = Path("clarion-models.toml")


@click.command()
@click.argument("name", required=False, shell_complete=_complete.models)
@click.option("--all", "with_retired", is_flag=True, help="List retired models too.")
@click.option("--refresh", is_flag=True, help="Ask the Models API, show what differs, and keep it in a file.")
@EMULATE
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON, named as in a catalogue file.")
def models(name: str | None, with_retired: bool, refresh: bool, emulate: bool, as_json: bool) -> None:
    """List the models of the catalogue, or all that is known of one.

    NAME is an id, an alias, a line ("opus") or a preset ("smart"). --refresh takes lifecycle and capabilities from the
    Models API and writes what differs to the file that CLARION_CATALOG names, by default clarion-models.toml.
    """
    from clarion._catalog import Catalog
    from clarion._settings import Settings

    own = Settings.load().catalog
    if refresh:
        _refresh(own or OWN, emulate=emulate)
        return
    catalog = Catalog.load(own)
    chosen = None if name is None else _found(catalog, name)
    listed = [model for model in catalog.sheets() if with_retired or not model.is_retired]
    if as_json:
        click.echo(orjson.dumps(list(map(_facts, listed)) if chosen is None else _facts(chosen)))
    elif chosen is None:
        _print(_table(catalog, listed))
    else:
        _print(_sheet(catalog, chosen))


def _found(catalog: Catalog, name: str) -> Model:
    model = catalog.find(name)
    if model is None:
        near = ", ".join(catalog.near(name))
        raise click.UsageError(f"no model named {name!r} in the catalogue{f'; near: {near}' if near else ''}")
    return model


def _facts(model: Model) -> dict[str, object]:
    facts = asdict(model)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in facts.items()}


def _print(table: Table) -> None:
    from rich.console import Console

    Console().print(table)


def _table(catalog: Catalog, models: list[Model]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    presets = ", ".join(f"{preset} = {id}" for preset, id in catalog.presets.items())
    table = Table(
        title=f"Models, as of {catalog.as_of}",
        caption=f"$ per million tokens, in short prompts. Presets: {presets}.",
        box=SIMPLE,
        pad_edge=False,
    )
    table.add_column("model", no_wrap=True)
    table.add_column("window/out", no_wrap=True)
    for heading in ("$ in", "$ out"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for model in models:
        price = _price(model)
        table.add_row(
            model.id,
            f"{_short(model.context_window)}/{_short(model.max_output)}",
            *(_dollars(price, part) for part in ("input", "output")),
            _lifecycle(model),
        )
    return table


def _lifecycle(model: Model) -> str:
    match model.lifecycle:
        case "active":
            return "restricted" if model.restricted else ""
        case "deprecated":
            return f"retires {model.retires_on}"
    return f"retired {model.retires_on}"


def _short(tokens: int | None) -> str:
    if tokens is None:
        return "?"
    return f"{tokens // MILLION}M" if tokens >= MILLION else f"{tokens // 1000}K"


def _price(model: Model) -> Cost | Unpriced:
    """Return what a thousand tokens in and out cost, short enough for the lowest band."""
    from clarion._cost import cost_of
    from clarion._usage import Usage

    return cost_of(model.id, Usage(input_tokens=1000, output_tokens=1000), served={}, facts=model)


def _dollars(price: Cost | Unpriced, part: str) -> str:
    from clarion._cost import Unpriced

    if isinstance(price, Unpriced):
        return "?"
    return f"{getattr(price, part) * 1000:.2f}"


def _sheet(catalog: Catalog, model: Model) -> Table:
    from rich.table import Table

    from clarion.cli._model_sheet import sections

    table = Table(
        title=f"{model.name}, as of {catalog.as_of}",
        title_justify="left",
        show_header=False,
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column("label", style="dim")
    table.add_column("what there is to say")
    for rows in sections(catalog, model):
        table.add_row()
        for row in rows:
            table.add_row(*row)
    return table


def _refresh(own: Path, *, emulate: bool) -> None:
    from clarion._refresh import differences

    with service(emulate=emulate) as claude:
        infos = [info.to_dict(mode="json") for info in claude.sdk.models.list()]
        found = differences(claude.catalog, infos)
    for difference in found:
        click.echo(str(difference))
    if not found:
        say(f"the Models API lists {len(infos)} models and says nothing that the catalogue does not")
        return
    _keep(found, own)
    say(f"kept {number_of(len(found), 'fact')} in {own}, to be used with CLARION_CATALOG={own}")


def _keep(found: list[Difference], own: Path) -> None:
    """Add what differs to the user's own catalogue, leaving the rest of it as it is."""
    import tomllib

    import tomli_w

    data = tomllib.loads(own.read_text("utf-8")) if own.exists() else {}
    facts = data.setdefault("models", {})
    for difference in found:
        facts.setdefault(difference.model, {})[difference.fact] = difference.told
    own.write_text(tomli_w.dumps(data), "utf-8")
