"""What a run through batches leases at a time."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

from clarion.bulk.batches.desk import Desk
from clarion.bulk.batches.timing import Timing
from clarion.bulk.journal import Journal
from clarion.bulk.money import Money
from clarion.bulk.pages import ROOM
from clarion.bulk.progress import Progress
from clarion.bulk.record import Entry

if TYPE_CHECKING:
    from pathlib import Path


def test_of_long_rows_no_more_are_leased_than_there_is_room_for(tmp_path: Path) -> None:
    quarter = "x" * (ROOM // 4)
    with Journal.create(tmp_path / "job.db", {}, now=0.0) as journal:
        journal.add(Entry(input=quarter, place=f"line {n}") for n in range(1, 8))

        async def leased() -> list[int]:
            desk = Desk(journal, money=Money(None, Decimal(0)), progress=Progress(), timing=Timing())
            async with desk:
                rows = await desk.lease(500)
                assert journal.counts().leased == len(rows)
            return [row.seq for row in rows]

        assert asyncio.run(leased()) == [1, 2, 3, 4]
        assert [record.attempt for record in journal.records()] == [1, 1, 1, 1, 0, 0, 0]
