"""Budgets: what may be spent in a day or a month, in all or under a tag. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

from clarion._errors import InvalidSettingError
from clarion._numbers import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Per = Literal["day", "month"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
NANO = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most `limit` US dollars per day or month (UTC), over all calls of a ledger or those with a tag.

    `tag` is a name and a value: `("team", "search")`. A call that is refused raises BudgetExceeded; see the guide of
    costs for what is counted. Raises InvalidSettingError for a value that cannot be.
    """

    limit: float | Decimal
    per: Per = "day"
    tag: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if not _is_money(self.limit):
            raise InvalidSettingError(f"limit of a Budget must be a number of US dollars; got {self.limit!r}")
        if self.per not in get_args(Per):
            raise InvalidSettingError(f"per of a Budget must be one of {', '.join(get_args(Per))}; got {self.per!r}")
        if self.tag is not None and not _is_tag(self.tag):
            raise InvalidSettingError(f"tag of a Budget must be a name and a value; got {self.tag!r}")

    def __str__(self) -> str:
        tag = f" for {self.tag[0]}={self.tag[1]}" if self.tag else ""
        return f"${self.limit} per {self.per}{tag}"

    @classmethod
    def of(cls, value: object) -> Budget:
        """Return the budget that a table of clarion.toml describes: `{ limit = 5, tag = ["team", "search"] }`."""
        if not isinstance(value, dict) or "limit" not in value or value.keys() - {"limit", "per", "tag"}:
            raise InvalidSettingError(f"a budget is a table of limit, per and tag; got {value!r}")
        known: dict[str, Any] = value
        return cls(**known | ({"tag": tuple(known["tag"])} if isinstance(known.get("tag"), list) else {}))

    @property
    def limit_nano(self) -> int:
        """The limit in billionths of a US dollar."""
        return int(Decimal(str(self.limit)) * NANO)

    def covers(self, tags: Mapping[str, str]) -> bool:
        """Whether calls with these tags are counted."""
        return self.tag is None or str(tags.get(self.tag[0])) == self.tag[1]

    def period(self, at: float) -> tuple[int, int]:
        """Return the days, counted from 1970-01-01, between which a time is: the first, and the one after the last."""
        day = datetime.fromtimestamp(at, UTC).date()
        if self.per == "day":
            return _number(day), _number(day) + 1
        first = day.replace(day=1)
        return _number(first), _number((first + timedelta(days=32)).replace(day=1))

    def resets_at(self, at: float) -> datetime:
        """Return when the period ends in which a time is."""
        return datetime.fromtimestamp(self.period(at)[1] * 86_400, UTC)


def _is_money(value: object) -> bool:
    return is_number(value) and 0 <= value < float("inf")


def _is_tag(tag: object) -> bool:
    return isinstance(tag, tuple) and len(tag) == 2 and all(isinstance(part, str) for part in tag) and tag[0] != ""


def _number(day: date) -> int:
    return (day - EPOCH).days
