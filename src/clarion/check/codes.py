"""What can be found: one table, of which the documentation, `--explain` and the rules of SARIF are made.

Hundreds: 1 models, 2 what a request asks, 3 what the SDK no longer has, 4 how an answer is read, 5 errors and crowds,
6 tests, 7 money. A code is never given to anything else.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from clarion._errors import InvalidSettingError

Severity = Literal["error", "warning", "note"]

PAGE = "docs/check.md"


class Code(NamedTuple):
    """A kind of finding: what it is called, how grave it is, why it matters and what to do, and what `--fix` does."""

    code: str
    name: str
    severity: Severity
    summary: str
    advice: str
    fix: str = ""

    @property
    def link(self) -> str:
        """Where the documentation has it."""
        return f"{PAGE}#{self.code.lower()}"


CODES: tuple[Code, ...] = (
    Code(
        "CLA101",
        "retired-model",
        "error",
        "A model that is retired: the API answers 404.",
        "Use its successor, and take the name from one place of your configuration.",
        "writes the successor's id",
    ),
    Code(
        "CLA102",
        "retiring-model",
        "warning",
        "A model whose retirement is near (`--horizon`, 90 days by default).",
        "Move to its successor before the date. It may refuse what the old model took: check again after the change.",
    ),
    Code(
        "CLA103",
        "retired-model-elsewhere",
        "warning",
        "A model of Bedrock or Google Cloud that is retired, or soon will be, on the Claude API.",
        "These platforms keep schedules of their own: look up the date there, and move in time.",
    ),
)

BY_CODE = {code.code: code for code in CODES}


def codes_of(selector: str) -> frozenset[str]:
    """Return the codes that a code ("CLA101"), its beginning ("CLA1") or a name ("retired-model") stands for.

    Raises InvalidSettingError if there is none.
    """
    found = frozenset(
        code.code for code in CODES if code.name == selector or (selector and code.code.startswith(selector.upper()))
    )
    if not found:
        raise InvalidSettingError(f"no code or name of a check is {selector!r}: see `clarion check --list`")
    return found
