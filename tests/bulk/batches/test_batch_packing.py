"""What needs no journal and no API: packing, custom ids, results, the schedule, the search, the choice."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._errors import InvalidSettingError
from clarion._failure import Failure
from clarion.bulk.batches.asking import LEFT_OUT
from clarion.bulk.batches.choice import DAY, HOUR, Prospect, choose
from clarion.bulk.batches.names import STATUSES, custom_id, read_result, row_of
from clarion.bulk.batches.packing import Packer, Size, item
from clarion.bulk.batches.schedule import Schedule
from clarion.bulk.batches.search import suspects
from clarion.bulk.batches.submission import is_surely_refused
from clarion.emulator.rules.batch import UNSUPPORTED

KEY = "0123456789ab"


def packed(texts: list[str], size: Size) -> list[Any]:
    packer, packs = Packer(size), []
    for seq, text in enumerate(texts, 1):
        made = item(custom_id(KEY, seq, 1), {"text": text}, seq=seq, attempt=1, headers=(("h", text[:1]),))
        if full := packer.add(made):
            packs.append(full)
    return packs + packer.rest()


@given(
    st.lists(st.text(alphabet="ab é\n", max_size=200), max_size=60),
    st.integers(min_value=1, max_value=9),
    st.integers(min_value=200, max_value=2_000),
)
def test_every_request_is_in_one_batch_and_no_batch_is_over_its_size(texts: list[str], most: int, size: int) -> None:
    packs = packed(texts, Size(requests=most, bytes=size))

    bodies = [json.loads(pack.body)["requests"] for pack in packs]
    assert sorted(row for pack in packs for row in pack.rows) == [(seq, 1) for seq in range(1, len(texts) + 1)]
    assert [[row_of(one["custom_id"], KEY) for one in body] for body in bodies] == [list(pack.rows) for pack in packs]
    assert all(len(body) <= most for body in bodies)
    assert all(len(pack.body) <= size or len(pack.rows) == 1 for pack in packs)


def test_requests_that_need_other_headers_are_in_other_batches() -> None:
    packs = packed(["a1", "b1", "a2"], Size())

    assert [pack.rows for pack in packs] == [((1, 1), (3, 1)), ((2, 1),)]


@pytest.mark.parametrize("wrong", [{"requests": 100_001}, {"requests": 0}, {"bytes": 256_000_001}, {"bytes": True}])
def test_a_size_that_the_api_does_not_allow_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingError, match="from 1 to"):
        Size(**wrong)


@given(st.integers(min_value=1, max_value=10**12), st.integers(min_value=1, max_value=10**9))
def test_a_custom_id_names_its_row_in_the_form_the_api_wants(seq: int, attempt: int) -> None:
    name = custom_id(KEY, seq, attempt)

    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
    assert row_of(name, KEY) == (seq, attempt)


@pytest.mark.parametrize(
    "other", ["mine-1", "clarion-ffffffffffff-1-1", f"clarion-{KEY}-x-1", f"clarion-{KEY}-1", None]
)
def test_a_custom_id_of_another_job_is_none_of_ours(other: object) -> None:
    assert row_of(other, KEY) is None


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_an_errored_result_is_the_failure_it_would_be_in_real_time(name: str, status: int) -> None:
    error = {"type": "error", "error": {"type": name, "message": "no"}, "request_id": "req_1"}
    line = json.dumps({"custom_id": custom_id(KEY, 7, 2), "result": {"type": "errored", "error": error}})

    result = read_result(line.encode(), KEY)

    assert result is not None
    assert (result.seq, result.attempt) == (7, 2)
    assert result.failure is not None
    assert (result.failure.status, result.failure.type, result.failure.request_id) == (status, name, "req_1")


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"custom_id": "x"}', b"null"])
def test_a_line_that_is_no_result_is_told(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_result(line, KEY)


def test_a_result_of_a_kind_of_tomorrow_is_a_failure_and_not_an_answer() -> None:
    line = json.dumps({"custom_id": custom_id(KEY, 7, 2), "result": {"type": "deferred"}})

    result = read_result(line.encode(), KEY)

    assert result is not None
    assert result.failure is not None


def test_the_pause_grows_with_the_age_of_a_batch_and_with_failures_up_to_a_bound() -> None:
    schedule = Schedule(least=5, most=120, share=0.1)

    assert [schedule.pause(age) for age in (0, 50, 600, 86_400)] == [5, 5, 60, 120]
    assert [schedule.pause(0, failures=n) for n in (0, 1, 2, 20)] == [5, 10, 20, 120]


def test_only_an_unknown_batch_of_the_same_number_is_suspected() -> None:
    def info(id: str, processing: int, succeeded: int = 0) -> dict[str, Any]:
        return {"id": id, "request_counts": {"processing": processing, "succeeded": succeeded}}

    listed = [info("a", 3), info("b", 0, 3), info("c", 4), info("d", 3)]

    assert [one["id"] for one in suspects(listed, rows=3, known={"d"})] == ["a", "b"]


@pytest.mark.parametrize(
    ("failure", "is_sure"),
    [
        (Failure(kind="status", message="", status=429), True),
        (Failure(kind="status", message="", status=401), True),
        (Failure(kind="status", message="", status=413), True),
        (Failure(kind="status", message="", status=408), False),
        (Failure(kind="status", message="", status=500), False),
        (Failure(kind="status", message="", status=529), False),
        (Failure(kind="connection", message=""), False),
        (Failure(kind="timeout", message=""), False),
        (Failure(kind="answer", message=""), False),
    ],
)
def test_only_a_no_of_the_api_itself_says_that_a_batch_was_not_created(failure: Failure, is_sure: bool) -> None:
    assert is_surely_refused(failure) is is_sure


def test_what_the_api_does_not_take_in_batches_is_left_out() -> None:
    assert set(UNSUPPORTED) <= set(LEFT_OUT)


@pytest.mark.parametrize(
    ("job", "via", "why"),
    [
        (Prospect(rows=10_000), "batches", "50% of the price, and no time is given"),
        (Prospect(rows=5), "realtime", "5 rows will be done soon"),
        (Prospect(rows=10_000, has_tools=True), "realtime", "tools"),
        (Prospect(rows=10_000, factor=None), "realtime", "no lower price"),
        (Prospect(rows=10_000, factor=Decimal(1)), "realtime", "no lower price"),
        (Prospect(rows=10_000, within=600), "realtime", "10 min are left"),
        (Prospect(rows=10_000, within=1.5 * HOUR), "realtime", "90 min are left"),
        (Prospect(rows=10_000, within=3 * HOUR), "batches", "3.0 h are left"),
        (Prospect(rows=10_000, within=2 * DAY), "batches", "ends within 24 hours"),
        (Prospect(rows=300_000, within=1.5 * HOUR, requests_a_minute=1_000), "batches", "5.0 h at least"),
        (Prospect(rows=1_000, within=1.5 * HOUR, requests_a_minute=1_000), "realtime", "90 min are left"),
        (Prospect(rows=300_000, within=600, requests_a_minute=1_000), "realtime", "10 min are left"),
    ],
)
def test_the_way_is_chosen_by_deadline_price_and_tools(job: Prospect, via: str, why: str) -> None:
    choice = choose(job)

    assert choice.via == via
    assert why in choice.why
