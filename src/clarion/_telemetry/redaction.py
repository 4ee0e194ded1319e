"""What may be a credential is told to nobody, wherever it stands: a caller may have put one into a tag or a prompt."""

from __future__ import annotations

import re

KEYS = re.compile(r"sk-ant-[\w-]+|(?i:bearer\s+)[\w.~+/=-]{8,}")


def redacted(text: str) -> str:
    """Return a text without what may be a credential in it."""
    return KEYS.sub("[redacted]", text)
