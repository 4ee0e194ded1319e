"""Strings of the formats that structured outputs know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["FORMATS"]

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = ("ann", "ben", "chi", "dora")
PLACES = ("example.com", "example.org", "example.net", "mail.example.com")


def _moment(chance: Random) -> datetime:
    return NEW_YEAR + timedelta(minutes=chance.randrange(365 * 24 * 60))


def _uuid(chance: Random) -> str:
    digits = f"{chance.getrandbits(122):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


FORMATS: dict[str, Callable[[Random], str]] = {
    "date-time": lambda chance: _moment(chance).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "time": lambda chance: _moment(chance).strftime("%H:%M:%SZ"),
    "date": lambda chance: _moment(chance).strftime("%Y-%m-%d"),
    "duration": lambda chance: f"PT{chance.randint(1, 48)}H",
    "email": lambda chance: f"{chance.choice(PEOPLE)}@{chance.choice(PLACES)}",
    "hostname": lambda chance: chance.choice(PLACES),
    "uri": lambda chance: f"https://{chance.choice(PLACES)}/{chance.randint(1, 99)}",
    "ipv4": lambda chance: f"192.0.2.{chance.randint(1, 254)}",
    "ipv6": lambda chance: f"2001:db8::{chance.randint(1, 0xFFFF):x}",
    "uuid": _uuid,
}
