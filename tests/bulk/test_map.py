from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anthropic
import pytest

from clarion import Budget, ClaudeConfig, ClaudeService, InvalidSettingError, Ledger, LimitError, SyncInEventLoopError
from clarion.bulk import Job
from clarion.bulk.errors import JobError
from clarion.emulator import Server
from clarion.emulator.script import error, say
from colours import Make
from wire import RememberingEmulator

QUESTIONS = [f"Question {number}" for number in range(4)]
CHEAP = ClaudeConfig(model="claude-haiku-5-5", max_tokens=100)


@pytest.fixture
def emulator() -> RememberingEmulator:
    return RememberingEmulator()


@pytest.fixture
def claude(make_claude: Make, emulator: RememberingEmulator) -> Any:
    return make_claude(emulate=emulator, config=CHEAP)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "questions.job"


def test_a_map_asks_what_has_no_result_yet_and_returns_all_in_order(
    claude: Any, emulator: RememberingEmulator, journal: Path
) -> None:
    emulator.add(say("one"), error(400, message="no"))

    first = claude.map(QUESTIONS, journal=journal, concurrency=1)
    again = claude.map(QUESTIONS, journal=journal)

    assert [(row.text, row.error) for row in first[:2]] == [("one", None), (None, "invalid_request_error")]
    assert [row.input["prompt"] for row in first] == QUESTIONS
    assert again == first
    assert len(emulator.requests) == 4


def test_a_map_takes_templates_and_options_of_a_call(claude: Any, emulator: RememberingEmulator, journal: Path) -> None:
    claude.map([{"city": "Oslo"}], journal=str(journal), prompt="Is it warm in {{ city }}?", max_tokens=7)

    (body,) = emulator.bodies
    assert body["messages"][0]["content"][0]["text"] == "Is it warm in Oslo?"
    assert (body["model"], body["max_tokens"]) == (CHEAP.model, 7)


def test_a_map_does_not_take_the_journal_of_other_prompts(claude: Any, journal: Path) -> None:
    claude.map(["One?", "Two?"], journal=journal)

    with pytest.raises(JobError, match="item 2 is not the same there"):
        claude.map(["One?", "Three?"], journal=journal)


def test_a_map_is_in_the_ledger_of_its_service(make_claude: Make, journal: Path, tmp_path: Path) -> None:
    with Ledger(tmp_path / "usage.db") as ledger:
        make_claude(emulate=True, config=CHEAP, ledger=ledger).map(QUESTIONS, journal=journal)

        (row,) = ledger.usage(emulated=True)
        assert row.attempts == 4


def test_a_map_keeps_the_budgets_of_its_service(make_claude: Make, journal: Path, tmp_path: Path) -> None:
    with Ledger(tmp_path / "usage.db") as ledger:
        claude = make_claude(emulate=True, config=CHEAP, ledger=ledger, budgets=[Budget(limit=0.0001)])

        with pytest.raises((JobError, LimitError)):
            claude.map(QUESTIONS, journal=journal)


def test_a_map_asks_the_server_of_its_service(make_claude: Make, emulator: RememberingEmulator, journal: Path) -> None:
    with Server(emulator) as server:
        claude = make_claude(api_key="key", base_url=server.url, config=CHEAP)

        rows = claude.map(QUESTIONS, journal=journal)

    assert [row.error for row in rows] == [None] * 4
    assert len(emulator.requests) == 4


def test_a_job_runs_through_a_service_of_either_colour(emulator: RememberingEmulator, journal: Path) -> None:
    with ClaudeService(emulate=emulator, config=CHEAP) as claude, Job.create(journal, QUESTIONS) as job:
        assert job.forecast(exact=True, service=claude).rows == 4

        assert job.run(service=claude).counts.done == 4


def test_a_blocking_client_of_the_callers_own_cannot_await(journal: Path) -> None:
    with anthropic.Anthropic(api_key="any") as client:
        claude = ClaudeService(sdk=client, config=CHEAP)

        with pytest.raises(InvalidSettingError, match=r"pass AsyncClaudeService\(sdk=...\)"):
            claude.map(QUESTIONS, journal=journal)


async def _mapped(claude: ClaudeService, journal: Path) -> None:
    claude.map(QUESTIONS, journal=journal)


def test_a_blocking_map_is_refused_on_an_event_loop(journal: Path) -> None:
    with ClaudeService(emulate=True) as claude, pytest.raises(SyncInEventLoopError, match="map"):
        asyncio.run(_mapped(claude, journal))
