"""What the log says of attempts."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest

from clarion import CircuitBreaker, RetryPolicy
from clarion._telemetry.redaction import redacted
from clarion.emulator import Emulator
from clarion.emulator.script import call, cut, error, refusal, say
from colours import Make

QUICK = RetryPolicy(base=0.001)


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"rain in {location}"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The records of attempts that the log has by now, from INFO on."""
    caplog.set_level(logging.INFO, "clarion")
    return lambda: [record for record in caplog.records if record.name == "clarion.attempts"]


def test_an_attempt_is_one_line_with_its_facts_as_attributes(make_claude: Make, lines: Any) -> None:
    completion = make_claude(emulate=True).complete("Hi", tags={"team": "search"}, max_tokens=100)

    (line,) = lines()
    assert line.levelno == logging.INFO
    assert (line.event, line.model, line.attempt, line.outcome, line.status) == (
        "attempt",
        "claude-opus-5-5",
        1,
        "ok",
        200,
    )
    assert (line.input_tokens, line.output_tokens) == (completion.usage.input_tokens, completion.usage.output_tokens)
    assert line.cost == pytest.approx(float(completion.cost.total))
    assert line.request_id == completion.request_ids[0]
    assert (line.tags, line.next, line.error) == ({"team": "search"}, "done", None)
    assert f"outcome=ok status=200 stop_reason=max_tokens duration={line.duration:g}" in line.getMessage()
    assert f"request_id={line.request_id} tags.team=search emulated=True next=done" in line.getMessage()


def test_a_failure_says_how_long_it_waits(make_claude: Make, lines: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[error(529), error(500), say("Hello")]))

    completion = claude.complete("Hi", retry=QUICK)

    first, second, third = lines()
    assert [line.levelno for line in (first, second, third)] == [logging.WARNING, logging.WARNING, logging.INFO]
    assert [line.attempt for line in (first, second, third)] == [1, 2, 3]
    assert (first.error, first.status, first.next) == ("overloaded_error", 529, "retry")
    assert (second.error, second.status, second.next) == ("api_error", 500, "retry")
    assert [first.wait, second.wait] == pytest.approx([attempt.wait for attempt in completion.attempts[1:]], abs=0.001)
    assert third.next == "done"


def test_a_failure_says_which_model_is_asked_instead(make_claude: Make, lines: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[error(529), refusal(), say("Hello")]))
    policy = RetryPolicy(overloads=1, fallback_models=("claude-sonnet-5-5", "claude-haiku-5-5"))

    claude.complete("Hi", retry=policy)

    overloaded, refused, answered = lines()
    assert (overloaded.next, overloaded.next_model) == ("fallback", "claude-sonnet-5-5")
    assert (refused.outcome, refused.stop_reason, refused.next_model) == ("ok", "refusal", "claude-haiku-5-5")
    assert (answered.model, answered.next) == ("claude-haiku-5-5", "done")


def test_the_last_failure_says_that_it_is_given_up(make_claude: Make, lines: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[error(400)]))

    with pytest.raises(Exception, match="400"):
        claude.complete("Hi")

    (line,) = lines()
    assert (line.levelno, line.outcome, line.status, line.next) == (logging.WARNING, "failed", 400, "give_up")


def test_a_call_of_tools_says_that_tools_are_run(make_claude: Make, lines: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[call("get_weather", {"location": "Oslo"})]))

    claude.complete("Weather in Oslo?", tools=[get_weather])

    assert [(line.stop_reason, line.next) for line in lines()] == [("tool_use", "tools"), ("end_turn", "done")]


def test_a_stream_says_when_its_first_token_came(make_claude: Make, lines: Any) -> None:
    with make_claude(emulate=True).stream("Hi") as stream:
        list(stream)

    (line,) = lines()
    assert 0 <= line.time_to_first_token <= line.duration + 0.001


def test_a_stream_that_was_left_says_so(make_claude: Make, lines: Any) -> None:
    with make_claude(emulate=True).stream("Hi") as stream:
        for _ in stream:
            break

    (line,) = lines()
    assert (line.levelno, line.outcome, line.error, line.next) == (logging.INFO, "left", "abandoned", "left")
    assert line.input_tokens > 0


def test_a_stream_that_broke_counts_what_it_used(make_claude: Make, lines: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[say("one two three"), cut(after=20)]))

    with claude.stream("Hi", retry=QUICK) as stream:
        list(stream)
    with claude.stream("Hi", retry=QUICK) as stream:
        list(stream)

    failed = [line for line in lines() if line.outcome == "failed"]
    assert [(line.error, line.next) for line in failed] == [("stream", "retry")]


def test_a_call_that_the_breaker_bars_has_its_line(make_claude: Make, lines: Any) -> None:
    breaker = CircuitBreaker(least=1, window=1)
    claude = make_claude(emulate=Emulator(script=[error(500)]), breaker=breaker)

    for _ in range(2):
        with pytest.raises(Exception, match=r"500|failed too often"):
            claude.complete("Hi", retry=RetryPolicy(attempts=1))

    failed, barred = lines()
    assert (failed.outcome, barred.outcome) == ("failed", "barred")
    assert (barred.error, barred.cost, barred.next) == ("circuit", None, "give_up")


def test_an_error_that_no_attempt_made_closes_the_line_of_the_last(make_claude: Make, lines: Any) -> None:
    def stop(_call: Any) -> Any:
        raise KeyError("colour")

    claude = make_claude(emulate=Emulator(script=[call("get_weather", {"location": "Oslo"})]))

    with pytest.raises(KeyError):
        claude.complete("Weather in Oslo?", tools=[get_weather], approve=stop)

    assert [line.next for line in lines()] == ["tools"]


def test_what_was_said_is_told_at_debug_and_cut_short(make_claude: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "clarion")

    make_claude(emulate=True).complete("why " * 1000)

    (text,) = [record for record in caplog.records if record.name == "clarion.attempts" and record.levelno == 10]
    assert "prompt=" in text.getMessage()
    assert "why why" in text.getMessage()
    assert "answer=" in text.getMessage()
    assert len(text.getMessage()) < 2000


def test_lines_have_no_line_breaks_and_no_control_characters(make_claude: Make, lines: Any) -> None:
    make_claude(emulate=True).complete("Hi", tags={"a\nb": "c\x1b[31m\nINFO forged", "d": 'say "hi"'})

    (line,) = lines()
    assert line.getMessage().isprintable()
    assert r'"tags.a\nb"="c\u001b[31m\nINFO forged"' in line.getMessage()


@pytest.mark.parametrize(
    "text", ["sk-ant-api03-abc_DEF-123", "Bearer eyJhbGciOi.J9.abc", "bearer abcdefgh12345", "sk-ant-oat01-x"]
)
def test_what_may_be_a_credential_is_known_as_one(text: str) -> None:
    assert redacted(f"in {text} out") == "in [redacted] out"


def test_nobody_who_has_not_asked_for_a_log_gets_one() -> None:
    program = """
from clarion import ClaudeService, RetryPolicy
from clarion.emulator import Emulator
from clarion.emulator.script import error
claude = ClaudeService(emulate=Emulator(script=[error(500)]))
claude.complete("Hi", retry=RetryPolicy(base=0.001))
"""

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert (ran.stdout, ran.stderr) == ("", "")
