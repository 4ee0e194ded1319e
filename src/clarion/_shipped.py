"""Data files that come with Clarion."""

from __future__ import annotations

import os


def shipped(name: str) -> bytes:
    """Return the bytes of a file that lies beside the modules of the package."""
    with open(os.path.join(os.path.dirname(__file__), name), "rb") as file:
        return file.read()
