"""What the caller allows itself, whatever the server would give."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clarion._errors import InvalidSettingError
from clarion._numbers import is_float

NAMES = ("requests", "input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of the caller's own, a minute; None leaves one to what the server says. Raises InvalidSettingError.

    `input_tokens` are those that count against the limit: new input and cache writes, not cache reads.
    """

    requests: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None

    def __post_init__(self) -> None:
        for name in NAMES:
            value: object = getattr(self, name)
            if value is None:
                continue
            if not is_float(value) or not 0 < value < math.inf:
                raise InvalidSettingError(f"{name} of Limits must be a number above 0, a minute; got {value!r}")
