"""A JSON Schema that answers are held to, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FILE = click.Path(dir_okay=False, path_type=Path)


def text_in(path: Path) -> str:
    """Return the text of a file. Raises UsageError for one that cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def schema_in(path: Path) -> dict[str, Any]:
    """Return the schema in a file. Raises UsageError for one that holds none."""
    import orjson

    try:
        schema = orjson.loads(text_in(path))
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{path} holds no JSON Schema: {error}") from error
    if not isinstance(schema, dict):
        raise click.UsageError(f"{path} holds no JSON Schema: it must be an object, not {type(schema).__name__}")
    return schema
