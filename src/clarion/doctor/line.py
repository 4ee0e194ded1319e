"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail", "skipped"]


@dataclass(frozen=True, slots=True)
class Line:
    """What a check found, and what to do about it; nothing for what is well."""

    name: str
    verdict: Verdict
    found: str
    fix: str = ""


def ok(found: str) -> Line:
    """Return that all is well."""
    return Line("", "ok", found)


def warn(found: str, fix: str) -> Line:
    """Return that something should be looked at."""
    return Line("", "warn", found, fix)


def fail(found: str, fix: str) -> Line:
    """Return that something does not work."""
    return Line("", "fail", found, fix)


def skipped(why: str) -> Line:
    """Return that there was nothing to look at, or no way to."""
    return Line("", "skipped", why)
