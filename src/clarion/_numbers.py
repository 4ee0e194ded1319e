"""What is a number where a setting asks for one. True and false are none, and neither is nan."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeGuard


def is_number(value: object) -> TypeGuard[float | Decimal]:
    """Whether a value is a number, which may be infinite."""
    if isinstance(value, Decimal):
        return not value.is_nan()  # which a signalling one does not let one ask by comparing
    return is_float(value)


def is_float(value: object) -> TypeGuard[float]:
    """Whether a value is a number that is reckoned with others as a float is: a Decimal is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def is_whole(value: object, least: int) -> TypeGuard[int]:
    """Whether a value is a whole number from `least`."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
