from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clarion import Budget, BudgetExceeded, InvalidSettingError, LimitError, RetryPolicy, Settings
from clarion._ledger.file import LedgerFile, Shortage
from colours import Make
from processes import together

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
DAY = 86_400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.db"


@pytest.fixture
def claude(make_claude: Make, path: Path) -> Any:
    """A service whose calls of team=search may cost half a dollar a day."""
    return make_claude(emulate=True, ledger=path, budgets=[Budget(limit=0.5, tag=("team", "search"))])


def test_a_call_that_may_exceed_a_budget_is_not_sent(claude: Any) -> None:
    with pytest.raises(BudgetExceeded, match=r"the budget of \$0\.5 per day for team=search does not allow") as raised:
        claude.complete("Hi", tags={"team": "search"}, max_tokens=32_000)

    error = raised.value
    assert (error.limit, error.spent, error.held) == (Decimal("0.5"), Decimal(0), Decimal(0))
    assert error.cost > error.limit
    assert error.resets_at.time().isoformat() == "00:00:00"
    assert timedelta(0) < error.resets_at - datetime.now(UTC) <= timedelta(days=1)
    assert claude.ledger.usage(emulated=True) == []


def test_what_is_spent_counts_and_what_was_only_held_does_not(claude: Any) -> None:
    completions = [claude.complete("Hi", tags={"team": "search"}, max_tokens=20_000) for _ in range(3)]

    with pytest.raises(BudgetExceeded) as raised:
        claude.complete("Hi", tags={"team": "search"}, max_tokens=25_000)

    assert raised.value.spent == sum(completion.cost.total for completion in completions)
    assert raised.value.held == 0


def test_a_budget_of_a_tag_leaves_other_calls_alone(claude: Any) -> None:
    assert claude.complete("Hi", tags={"team": "ads"}, max_tokens=32_000).text
    assert claude.complete("Hi", max_tokens=32_000).text


def test_budgets_hold_for_streams(claude: Any) -> None:
    with (
        pytest.raises(BudgetExceeded),
        claude.stream("Hi", tags={"team": "search"}, max_tokens=32_000),
    ):
        pass


def test_what_is_held_for_a_call_is_given_back_when_it_fails(make_claude: Make, path: Path) -> None:
    claude = make_claude(api_key="k", base_url="http://127.0.0.1:9", ledger=path, budgets=[Budget(limit=1)])

    with pytest.raises(Exception, match="onnect"):
        claude.complete("Hi", retry=RetryPolicy(attempts=1))

    with LedgerFile.open(path, create=False) as file:
        assert file.db.execute("select count(*) from holds").fetchone() == (0,)


def test_a_budget_that_is_used_up_within_a_turn_leaves_the_transcript(make_claude: Make, path: Path) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return f"rain in {location}"

    claude = make_claude(emulate=True, ledger=path, budgets=[Budget(limit=0.3)])

    with pytest.raises(BudgetExceeded) as raised:  # the first call leaves too little for the second
        claude.complete("Weather in Oslo?", tools=[get_weather], max_tokens=14_880)

    assert raised.value.completion is not None
    assert raised.value.completion.tool_calls
    assert raised.value.messages[-1]["content"][0]["type"] == "tool_result"


def test_a_budget_cannot_be_kept_for_a_model_without_a_price(make_claude: Make, path: Path) -> None:
    claude = make_claude(emulate=True, ledger=path, budgets=[Budget(limit=1)])

    with pytest.raises(LimitError, match=r"no price is known for claude-unheard-of, so the budget of \$1 per day"):
        claude.complete("Hi", model="claude-unheard-of")


def test_budgets_need_a_ledger(make_claude: Make) -> None:
    with pytest.raises(InvalidSettingError, match="budgets need a ledger"):
        make_claude(emulate=True, budgets=[Budget(limit=1)])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limit": -1}, "number of US dollars; got -1"),
        ({"limit": float("nan")}, "number of US dollars; got nan"),
        ({"limit": 1, "per": "year"}, "one of day, month; got 'year'"),
        ({"limit": 1, "tag": "team"}, "a name and a value; got 'team'"),
        ({"limit": 1, "tag": ("", "x")}, "a name and a value"),
    ],
)
def test_a_budget_that_cannot_be_is_refused(options: Any, said: str) -> None:
    with pytest.raises(InvalidSettingError, match=said):
        Budget(**options)


def test_budgets_are_read_from_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "clarion.toml"
    file.write_text(
        'ledger = "usage.db"\n[[budgets]]\nlimit = 5\n[[budgets]]\nlimit = 0.5\nper = "month"\ntag = ["team", "ads"]\n'
    )

    settings = Settings.load({"CLARION_CONFIG": str(file)})

    assert settings.ledger == Path("usage.db")
    assert settings.budgets == (Budget(limit=5), Budget(limit=0.5, per="month", tag=("team", "ads")))


@pytest.mark.parametrize("text", ["budgets = 5", "budgets = [5]", "[[budgets]]\nlimits = 5"])
def test_a_wrong_table_of_budgets_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clarion.toml"
    file.write_text(text)

    with pytest.raises(InvalidSettingError, match="budget"):
        Settings.load({"CLARION_CONFIG": str(file)})


def hold(file: LedgerFile, number: int, dollars: str, *, budget: Budget, at: float = NOON, till: float = 60.0) -> Any:
    with file.writing():
        return file.hold(number, int(Decimal(dollars) * 10**9), [budget], tags="{}", at=at, till=at + till)


def test_what_calls_under_way_may_cost_is_held_until_they_end(path: Path) -> None:
    budget = Budget(limit=1)
    with LedgerFile.open(path, create=True) as file:
        assert hold(file, 1, "0.6", budget=budget) is None

        shortage = hold(file, 2, "0.6", budget=budget)
        with file.writing():
            file.release(1)

        assert isinstance(shortage, Shortage)
        assert shortage.is_temporary
        assert hold(file, 2, "0.6", budget=budget) is None


def test_what_a_dead_process_held_is_given_back_in_time(path: Path) -> None:
    budget = Budget(limit=1)
    with LedgerFile.open(path, create=True) as file:
        hold(file, 1, "0.6", budget=budget, till=60)

        assert hold(file, 2, "0.6", budget=budget, at=NOON + 59) is not None
        assert hold(file, 2, "0.6", budget=budget, at=NOON + 60) is None


@pytest.mark.parametrize(("per", "allows_tomorrow"), [("day", True), ("month", False)])
def test_a_budget_begins_anew_with_each_day_or_month(path: Path, per: Any, allows_tomorrow: bool) -> None:
    budget = Budget(limit=1, per=per)
    with LedgerFile.open(path, create=True) as file:
        hold(file, 1, "0.6", budget=budget, till=60 * DAY)

        assert hold(file, 2, "0.6", budget=budget) is not None
        assert (hold(file, 3, "0.6", budget=budget, at=NOON + DAY) is None) == allows_tomorrow
        assert hold(file, 4, "0.6", budget=budget, at=NOON + 6 * DAY) is None


def test_the_period_of_a_month_ends_with_it() -> None:
    assert Budget(limit=1, per="month").resets_at(NOON) == datetime(2026, 12, 1, tzinfo=UTC)
    assert Budget(limit=1).resets_at(NOON) == datetime(2026, 11, 26, tzinfo=UTC)


HOLDING = """
import sys
from pathlib import Path
from clarion import Budget
from clarion._ledger import LedgerFile
path, process, calls = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with LedgerFile.open(path, create=True) as file:
    for number in range(1, calls + 1):
        with file.writing():
            file.hold(1000 * process + number, 10**9, [Budget(limit=250)], tags="{}", at=0, till=60)
"""


def test_many_processes_together_never_hold_more_than_a_budget(path: Path) -> None:
    together("-c", HOLDING, path=path, calls=100)

    with LedgerFile.open(path, create=False) as file:
        assert file.db.execute("select sum(cost_nano) / 1000000000 from holds").fetchone() == (250,)
