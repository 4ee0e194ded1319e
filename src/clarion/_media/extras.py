"""Libraries that are not always there."""

from __future__ import annotations

import importlib
from typing import Any

from clarion._errors import MediaError


def extra(module: str, group: str, name: str) -> Any:
    """Import a module of an extra. Raises MediaError, which says how to install what `name` needs."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MediaError(f"{name} needs {module.partition('.')[0]}: pip install 'clarion[{group}]'") from error
