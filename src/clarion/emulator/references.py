"""What a reference within a JSON schema points to."""

from __future__ import annotations

from typing import Any

__all__ = ["target"]


def target(reference: str, root: dict[str, Any]) -> Any:
    """Return what a local reference, such as `#/$defs/city`, points to in a schema; None if it points nowhere."""
    found: Any = root
    for key in reference.removeprefix("#").strip("/").split("/"):
        name = key.replace("~1", "/").replace("~0", "~")
        found = (found.get(name) if isinstance(found, dict) else None) if name else found
    return found
