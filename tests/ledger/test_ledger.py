from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clarion import Catalog, ClaudeService, Ledger, LedgerError, RetryPolicy
from clarion._ledger.entry import Entry
from clarion._ledger.file import LedgerFile
from clarion._reply import Reply
from clarion._sdk import sdk_message
from clarion._steps import Send
from clarion._telemetry import Call, Ended
from clarion.emulator import Emulator
from clarion.emulator.script import cut, error, say
from colours import Make
from processes import PROCESSES, together

CALLS = 120
CATALOG = Catalog.load()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.db"


def attempts(path: Path) -> list[dict[str, Any]]:
    """The attempts in a ledger, in the order in which they were recorded, with their tags."""
    with LedgerFile.open(path, create=False) as file:
        file.db.row_factory = sqlite3.Row
        found = file.db.execute("select * from attempts join tag_sets on tag_sets.id = tag_set order by attempts.id")
        return [dict(row) for row in found]


def reply(usage: dict[str, Any], model: str = "claude-opus-5-5") -> Reply:
    message = {"type": "message", "model": model, "content": [], "usage": usage}

    return Reply(
        message=message,
        request_id="req_1",
        latency=0.5,
        time_to_first_token=None,
        emulated=False,
        build=sdk_message,
    )


def entry(at: float, usage: dict[str, Any], model: str = "claude-opus-5-5", **tags: str) -> Entry:
    body: dict[str, Any] = {"model": model, "messages": [], "max_tokens": 10}
    send = Send(body=body, headers={}, timeout=None, stall_timeout=None, left=None, stream=False, tags=tags)
    call = Call(send=send, at=at)
    return Entry.of(Ended(call, reply(usage, model), None, latency=0.5, catalog=CATALOG, emulated=False).record)


def written(path: Path, *entries: Entry) -> Ledger:
    with LedgerFile.open(path, create=True) as file, file.writing():
        for each in entries:
            file.record(each, None)
    return Ledger(path)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_call_is_recorded_with_what_it_used_and_cost(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=True, ledger=path)

    completion = claude.complete("Hi", tags={"team": "search"}, max_tokens=100)

    (attempt,) = attempts(path)
    assert attempt["cost_nano"] == completion.cost.total * 10**9
    assert attempt["output_tokens"] == completion.usage.output_tokens
    assert attempt["input_tokens"] == completion.usage.input_tokens
    assert (attempt["status"], attempt["error"], attempt["emulated"]) == (200, None, 1)
    assert (attempt["request_id"],) == completion.request_ids
    assert attempt["latency"] == completion.latency
    assert attempt["tags"] == '{"team":"search"}'
    assert abs(attempt["at"] - datetime.now(UTC).timestamp()) < 60


def test_attempts_that_failed_are_recorded_by_name_and_cost_nothing(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=Emulator(script=[error(529), error(500), say("done")]), ledger=path)

    claude.complete("Hi", retry=RetryPolicy(base=0.001))

    found = [(each["status"], each["error"], each["cost_nano"]) for each in attempts(path)]
    assert found[:2] == [(529, "overloaded_error", 0), (500, "api_error", 0)]
    assert found[2][:2] == (200, None)


def test_a_stream_is_recorded_when_it_has_been_read(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=True, ledger=path)

    with claude.stream("Tell me of the sea.") as stream:
        completion = stream.finish()

    (attempt,) = attempts(path)
    assert attempt["output_tokens"] == completion.usage.output_tokens
    assert attempt["first_token"] == completion.time_to_first_token


def test_a_stream_that_broke_counts_with_what_it_had_told(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=Emulator(script=[cut(after=3), say("the rest")]), ledger=path)

    with claude.stream("Tell me of the sea.", retry=RetryPolicy(base=0.001)) as stream:
        stream.finish()

    broken, whole = attempts(path)
    assert broken["error"] == "stream"
    assert broken["input_tokens"] > 0
    assert broken["cost_nano"] > 0
    assert whole["error"] is None


def test_a_stream_that_was_left_is_recorded_as_abandoned(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=True, ledger=path)

    with claude.stream("Tell me of the sea.") as stream:
        next(iter(stream))

    claude.close()
    assert [each["error"] for each in attempts(path)] == ["abandoned"]


def test_a_call_without_an_answer_has_no_known_cost(make_claude: Make, path: Path) -> None:
    claude = make_claude(api_key="k", base_url="http://127.0.0.1:9", ledger=path)

    with pytest.raises(Exception, match="onnect"):
        claude.complete("Hi", retry=RetryPolicy(attempts=1))

    (attempt,) = attempts(path)
    assert (attempt["error"], attempt["status"], attempt["cost_nano"]) == ("connection", None, None)
    (row,) = claude.ledger.usage()
    assert (row.failures, row.unpriced, row.cost) == (1, 1, 0)


def test_the_setting_names_a_ledger(make_claude: Make, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_LEDGER", str(path))

    make_claude(emulate=True).complete("Hi")

    assert len(attempts(path)) == 1


def test_services_may_share_a_ledger(make_claude: Make, path: Path) -> None:
    ledger = Ledger(path)

    for _ in range(2):
        claude = make_claude(emulate=True, ledger=ledger)
        claude.complete("Hi")
        claude.close()

    assert [row.attempts for row in ledger.usage(emulated=True)] == [2]
    ledger.close()


def test_prices_are_those_of_the_day_of_the_call() -> None:
    usage = {"input_tokens": 300_000, "output_tokens": 1000}

    before = entry(at("2026-03-12T23:59"), usage, "claude-sonnet-4-6")
    after = entry(at("2026-03-13T00:00"), usage, "claude-sonnet-4-6")

    # genai-prices: prompts above 200,000 tokens cost 6 and 22.5 dollars a million until 2026-03-13, then 3 and 15
    assert before.cost_nano == (300_000 * 6 + 1000 * Decimal("22.5")) * 1000
    assert after.cost_nano == (300_000 * 3 + 1000 * 15) * 1000


def test_a_model_without_a_price_has_no_known_cost() -> None:
    assert entry(0.0, {"input_tokens": 5, "output_tokens": 5}, "claude-unheard-of").cost_nano is None


def test_usage_is_summed_by_model_tag_day_and_hour_of_utc(path: Path) -> None:
    tokens = {"input_tokens": 1000, "output_tokens": 100}
    ledger = written(
        path,
        entry(at("2026-11-24T23:59"), tokens, team="search", user="a"),
        entry(at("2026-11-25T00:00"), tokens, team="search"),
        entry(at("2026-11-25T00:30"), tokens, "claude-haiku-4-5", team="ads"),
        entry(at("2026-11-25T00:31"), tokens, "claude-haiku-4-5"),
    )

    def sums(**options: Any) -> dict[str, tuple[int, int]]:
        return {row.key: (row.attempts, row.input_tokens) for row in ledger.usage(**options)}

    assert sums() == {"claude-opus-5-5": (2, 2000), "claude-haiku-4-5": (2, 2000)}
    assert sums(by="day") == {"2026-11-24": (1, 1000), "2026-11-25": (3, 3000)}
    assert sums(by="hour") == {"2026-11-24 23:00": (1, 1000), "2026-11-25 00:00": (3, 3000)}
    assert sums(by="tag") == {
        "team=search": (2, 2000), "user=a": (1, 1000), "(no tag)": (1, 1000), "team=ads": (1, 1000)
    }  # fmt: skip
    assert sums(by="tag", tag="team") == {"team=search": (2, 2000), "team=ads": (1, 1000)}
    assert sums(tag=("team", "ads")) == {"claude-haiku-4-5": (1, 1000)}
    assert sums(since=datetime(2026, 11, 25, tzinfo=UTC), by="day") == {"2026-11-25": (3, 3000)}
    assert sums(emulated=True) == {}
    ledger.close()


def test_the_sums_are_those_of_the_attempts(path: Path) -> None:
    usage = {
        "input_tokens": 7,
        "output_tokens": 3,
        "cache_creation_input_tokens": 11,
        "cache_creation": {"ephemeral_1h_input_tokens": 5},
        "cache_read_input_tokens": 13,
        "server_tool_use": {"web_search_requests": 2},
    }
    one = entry(at("2026-11-25T00:00"), usage)
    ledger = written(path, one, one, one)

    (row,) = ledger.usage()

    assert (row.input_tokens, row.cache_write_5m_tokens, row.cache_write_1h_tokens) == (21, 18, 15)
    assert (row.cache_read_tokens, row.output_tokens, row.searches) == (39, 9, 6)
    assert row.cost_nano == 3 * (one.cost_nano or 0) > 3 * 20_000_000
    ledger.close()


def test_what_is_no_ledger_is_named(tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other.db"
    text.write_text("hello, this is not a database at all" * 40)
    connection = sqlite3.connect(other)
    connection.execute("create table t (x)")
    connection.close()

    for where, said in (
        (text, "is not an SQLite database"),
        (other, "is a database, but not a ledger"),
        (tmp_path / "none" / "l.db", "does its folder exist"),
    ):
        with pytest.raises(LedgerError, match=said):
            Ledger(where)


def test_a_ledger_that_cannot_be_written_costs_no_answer_and_stops_the_next_call(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=True, ledger=path)
    file = claude.ledger._writer._file
    claude.complete("Hi")
    file.db.execute("pragma query_only = on")  # as a disk that has become read-only

    assert claude.complete("Hi").text
    with pytest.raises(LedgerError, match="read-only"):
        claude.complete("Hi")
    file.db.execute("pragma query_only = off")
    claude.complete("Hi")

    assert len(attempts(path)) == 3


KILLED = """
import os, signal, sys
from clarion import ClaudeService
claude = ClaudeService(emulate=True, ledger=sys.argv[1])
for _ in range(3):
    claude.complete("Hi")
print("returned", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_recorded_when_a_call_returned_survives_a_kill(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True)

    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "returned\n"
    assert len(attempts(path)) == 3


@pytest.mark.filterwarnings("ignore:.*multi-threaded")  # from Python 3.12 on; that is what is tried
def test_a_forked_process_records_in_the_same_ledger(path: Path) -> None:
    with ClaudeService(emulate=True, ledger=path) as claude:
        claude.complete("Hi")
        child = os.fork()
        if not child:
            os._exit(claude.complete("Hi").stop_reason != "end_turn")
        _, status = os.waitpid(child, 0)
        claude.complete("Hi")

    assert status == 0
    assert len(attempts(path)) == 3


RECORDING = """
import sys
from clarion._ledger import Ledger
from clarion._ledger.entry import COLUMNS, Entry
path, process, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ledger = Ledger(path)
for number in range(calls):
    values = dict.fromkeys(COLUMNS, 0) | {"at": 1795600000.0, "model": "m", "error": None, "input_tokens": number}
    values |= {"tags": '{"process":"%d"}' % process, "cost_nano": process + number}
    entry = Entry(**values)
    ledger.do(lambda: lambda file: file.record(entry, None), is_record=True)
"""


def test_many_processes_record_at_once_and_nothing_is_lost(path: Path) -> None:
    together("-c", RECORDING, path=path, calls=CALLS)

    with LedgerFile.open(path, create=False) as file:
        (total,) = file.usage("model", since=None, tag=None, emulated=False)
        by_process = file.usage("tag", since=None, tag=("process", None), emulated=False)
        (exact,) = file.db.execute("select sum(cost_nano) from attempts").fetchone()
    each = sum(range(CALLS))
    assert (total.attempts, total.input_tokens) == (PROCESSES * CALLS, PROCESSES * each)
    assert total.cost_nano == exact
    assert {row.key: row.cost_nano for row in by_process} == {
        f"process={process}": process * CALLS + each for process in range(PROCESSES)
    }
