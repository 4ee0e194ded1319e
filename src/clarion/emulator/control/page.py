"""The live page: one file with all it needs, served with a policy that runs its own script and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

__all__ = ["page", "policy"]

SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


@cache
def page() -> bytes:
    """Return the page."""
    return files("clarion.emulator.control").joinpath("page.html").read_bytes()


@cache
def policy() -> str:
    """Return the content security policy of the page: its script by its hash, its style, and its own server."""
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in SCRIPT.findall(page())]
    scripts = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
