"""A group as plain data, and back: so that a pacer outlives its process, or is passed from one to another."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict
from typing import Any

from clarion._pacing.bucket import Bucket
from clarion._pacing.concurrency import Concurrency
from clarion._pacing.flights import Flight, Flights
from clarion._pacing.forecast import Forecast
from clarion._pacing.group import Group
from clarion._pacing.meter import Meter
from clarion._pacing.queue import Queue, Ticket
from clarion._pacing.ramp import Ramp

PLAIN = ("now", "is_known", "closed_until", "refusals", "unread")
PARTS = {"forecast": Forecast, "ramp": Ramp, "concurrency": Concurrency}


def state_of(group: Group) -> dict[str, Any]:
    """Return a group as data that JSON can hold."""
    queue, flights, meter = group.queue, group.flights, group.meter
    waiting = [ticket for ticket in queue.order if queue.waiting.get(ticket.number) is ticket]
    return {
        **{name: getattr(group, name) for name in PLAIN},
        **{name: asdict(getattr(group, name)) for name in PARTS},
        "own": _buckets(group.own),
        "meter": {"buckets": _buckets(meter.buckets), "late": meter.late, "early": meter.early},
        "queue": {
            "waiting": [list(ticket) for ticket in waiting],
            "granted": [list(ticket) for ticket in queue.granted.values()],
            "place": queue.place,
            "before": queue.before,
        },
        "flights": {
            "drawing": [[number, *_row(flight)] for number, flight in flights.drawing.items()],
            "stalled": [[number, *_row(flight)] for number, flight in flights.stalled.items()],
            "drawn": flights.drawn,
        },
    }


def group_of(state: dict[str, Any], own: list[Bucket | None]) -> Group:
    """Return the group of a state, with the caller's limits; a bucket of an unchanged limit keeps its level."""
    queue, flights, meter = state["queue"], state["flights"], state["meter"]
    waiting = [Ticket(*row) for row in queue["waiting"]]
    granted = [Ticket(*row) for row in queue["granted"]]
    return Group(
        **{name: state[name] for name in PLAIN},
        **{name: part(**state[name]) for name, part in PARTS.items()},
        own=[_same(bucket, row) for bucket, row in zip(own, state["own"], strict=True)],
        meter=Meter([Bucket(**row) if row else None for row in meter["buckets"]], meter["late"], meter["early"]),
        queue=Queue(
            order=deque(waiting),
            waiting={ticket.number: ticket for ticket in waiting},
            granted={ticket.number: ticket for ticket in granted},
            place=queue["place"],
            before=queue["before"],
        ),
        flights=Flights(_flights(flights["drawing"]), _flights(flights["stalled"]), flights["drawn"]),
    )


def _buckets(buckets: list[Bucket | None]) -> list[dict[str, Any] | None]:
    return [asdict(bucket) if bucket else None for bucket in buckets]


def _same(bucket: Bucket | None, row: dict[str, Any] | None) -> Bucket | None:
    return Bucket(**row) if bucket and row and row["limit"] == bucket.limit else bucket


def _row(flight: Flight) -> list[Any]:
    return [flight.guess, flight.charge, flight.left, flight.drawn, list(flight.believed)]


def _flights(rows: list[list[Any]]) -> dict[int, Flight]:
    return {
        number: Flight(guess, charge, left, drawn, tuple(believed))
        for number, guess, charge, left, drawn, believed in rows
    }
