"""Calls are run in both colours: every one is answered, in order, and nothing of a stranger's code gets out."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest

from clarion._completion import ToolCall
from clarion._tools import (
    Allow,
    Deny,
    Edit,
    InterruptTurn,
    Tool,
    Toolbox,
    ToolDefinitionError,
    ToolError,
    run,
    run_all,
    run_all_async,
    run_async,
)
from clarion._tools.tool import tool

Answer = Callable[..., list[dict[str, Any]]]

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


@pytest.fixture(params=["sync", "async"])
def answer(request: pytest.FixtureRequest) -> Answer:
    """Answers calls in one colour, used alike."""
    if request.param == "sync":
        return run_all
    return lambda *args, **options: asyncio.run(run_all_async(*args, **options))


@pytest.fixture(params=["sync", "async"])
def answer_one(request: pytest.FixtureRequest) -> Callable[[Tool, ToolCall], dict[str, Any]]:
    """Answers one call in one colour, used alike."""
    if request.param == "sync":
        return run
    return lambda *args: asyncio.run(run_async(*args))


def call(name: str, number: int = 1, /, **given: Any) -> ToolCall:
    return ToolCall(id=f"toolu_{number}", name=name, input=given)


@tool
def double(number: int) -> int:
    return 2 * number


@tool
async def triple(number: int) -> int:
    await asyncio.sleep(0)
    return 3 * number


@tool
def fail(secret: str = "password") -> None:
    raise KeyError(secret)


@tool
async def fail_later(secret: str = "password") -> None:
    await asyncio.sleep(0)
    raise KeyError(secret)


@tool
def explain() -> None:
    raise ToolError("There is no such city. Try one in Norway.")


@tool
def stop() -> None:
    raise InterruptTurn("the user hung up")


@tool
def whoami() -> str:
    return WHO.get()


@tool
async def whoami_later() -> str:
    return WHO.get()


@tool
def strange() -> object:
    return object()


@tool(timeout=0.02)
def hang() -> None:
    threading.Event().wait(0.5)


@tool(timeout=0.02)
async def hang_later() -> None:
    await asyncio.Event().wait()


@tool(timeout=5)
def impatient() -> None:
    raise TimeoutError("password")


BOX = Toolbox(
    [double, triple, fail, fail_later, explain, stop, whoami, whoami_later, strange, hang, hang_later, impatient]
)
FAILED = "failed because of an internal error, which has been logged."


@pytest.mark.parametrize(
    ("asked", "content", "is_error"),
    [
        (call("double", number=4), "8", False),
        (call("triple", number=4), "12", False),
        (call("explain"), "There is no such city. Try one in Norway.", True),
        (call("fail"), f"fail {FAILED}", True),
        (call("fail_later"), f"fail_later {FAILED}", True),
        (call("strange"), f"strange {FAILED}", True),
        (call("impatient"), f"impatient {FAILED}", True),
        (call("hang"), "hang did not finish within 0.02 s and was given up.", True),
        (call("hang_later"), "hang_later did not finish within 0.02 s and was given up.", True),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_call_is_answered_with_its_result_or_why_there_is_none(
    answer_one: Any, asked: ToolCall, content: str, is_error: bool
) -> None:
    found = BOX.find(asked.name)
    assert found is not None

    block = answer_one(found, asked)

    assert block["tool_use_id"] == asked.id
    assert block["content"] == content
    assert block.get("is_error", False) is is_error


def test_where_a_tool_failed_goes_to_the_log_and_not_to_the_model(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        (block,) = answer([call("fail", secret="hunter2")], BOX)

    assert "hunter2" not in block["content"]
    assert "KeyError" not in block["content"]
    assert re.search(r"tool fail failed \(call toolu_1\): KeyError at \S+test_running\.py:\d+ in fail", caplog.text)
    assert "hunter2" not in caplog.text


def test_a_traceback_is_for_those_who_debug(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "clarion"):
        answer([call("fail", secret="hunter2")], BOX)

    assert "KeyError: 'hunter2'" in caplog.text


def test_every_call_is_answered_in_order_even_if_one_fails(answer: Answer) -> None:
    calls = [
        call("double", 1, number=1),
        call("fail", 2),
        call("triple", 3, number=1),
        call("nowhere", 4),
        call("double", 5, number="x"),
        call("double", 6, number=2),
    ]

    blocks = answer(calls, BOX)

    assert [block["tool_use_id"] for block in blocks] == [f"toolu_{number}" for number in range(1, 7)]
    assert [block.get("is_error", False) for block in blocks] == [False, True, False, True, True, False]


def test_an_unknown_tool_is_answered_with_the_known_ones(answer: Answer) -> None:
    (block,) = answer([call("nowhere")], Toolbox([double, triple]))

    assert block["content"] == "There is no tool called 'nowhere'. Tools: double, triple."


def test_a_tool_of_the_callers_own_cannot_be_run(answer: Answer) -> None:
    with pytest.raises(ToolDefinitionError, match="only a definition"):
        answer([call("mine")], Toolbox([{"name": "mine", "input_schema": {"type": "object"}}]))


def test_no_calls_have_no_answers(answer: Answer) -> None:
    assert answer([], BOX) == []


def test_calls_run_together(answer: Answer) -> None:
    barrier = threading.Barrier(3, timeout=60)

    @tool
    def meet() -> str:
        barrier.wait()
        return "met"

    blocks = answer([call("meet", number) for number in range(3)], Toolbox([meet]))

    assert [block["content"] for block in blocks] == ["met"] * 3


def test_no_more_calls_run_at_a_time_than_allowed(answer: Answer) -> None:
    lock, running, most = threading.Lock(), 0, 0

    @tool
    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.005)
        with lock:
            running -= 1

    answer([call("work", number) for number in range(12)], Toolbox([work]), max_parallel=3)

    assert 1 <= most <= 3


@pytest.mark.parametrize("name", ["whoami", "whoami_later"])
def test_a_tool_sees_the_callers_context_in_whatever_thread_it_runs(answer: Answer, name: str) -> None:
    token = WHO.set("alice")
    try:
        blocks = answer([call(name, 1), call(name, 2)], BOX)
    finally:
        WHO.reset(token)

    assert [block["content"] for block in blocks] == ["alice", "alice"]


def test_an_async_tool_runs_in_sync_code_inside_a_loop() -> None:
    async def main() -> dict[str, Any]:
        return run(Tool.of(triple), call("triple", number=2))

    assert asyncio.run(main())["content"] == "6"


def test_an_interruption_passes_with_the_answers_to_all_calls(answer: Answer) -> None:
    calls = [call("double", 1, number=1), call("stop", 2), call("double", 3, number=3), call("nowhere", 4)]

    with pytest.raises(InterruptTurn, match="the user hung up") as raised:
        answer(calls, BOX, max_parallel=1)

    texts = [block["content"] for block in raised.value.results]
    assert texts[0] == "2"
    assert texts[1] == "This call was interrupted: the user hung up"
    assert texts[2] == "This call was not run, because the turn was interrupted before."
    assert texts[3].startswith("There is no tool")


def test_one_call_alone_can_interrupt(answer_one: Any) -> None:
    with pytest.raises(InterruptTurn):
        answer_one(Tool.of(stop), call("stop"))


def test_a_cancelled_round_cancels_its_tools() -> None:
    cancelled = []

    @tool
    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def main() -> None:
        task = asyncio.create_task(run_all_async([call("wait", 1), call("wait", 2)], Toolbox([wait])))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())

    assert cancelled == [True, True]


def judged(asked: ToolCall) -> Allow | Deny | Edit:
    match asked.input["number"]:
        case 1:
            return Allow()
        case 2:
            return Deny("too many")
        case 3:
            return Edit({"number": 30})
    return Edit({"number": "x"})


async def judged_later(asked: ToolCall) -> Allow | Deny | Edit:
    await asyncio.sleep(0)
    return judged(asked)


@pytest.mark.parametrize("approve", [judged, judged_later])
def test_a_call_is_run_as_it_was_approved(answer: Answer, approve: Any) -> None:
    calls = [call("double", number, number=number) for number in (1, 2, 3, 4)]

    blocks = answer(calls, BOX, approve=approve)

    assert [block["content"] for block in blocks[:3]] == [
        "2",
        "This call was not allowed, so it was not run: too many",
        "60",
    ]
    assert "number: Input should be a valid integer" in blocks[3]["content"]
    assert [block.get("is_error", False) for block in blocks] == [False, True, False, True]


def test_only_calls_that_can_be_run_are_asked_about_one_by_one_before_any_is_run(answer: Answer) -> None:
    told: list[str] = []

    @tool
    def work(number: int) -> None:
        told.append("run")

    def approve(asked: ToolCall) -> Allow:
        told.append(f"ask {asked.id}")
        return Allow()

    calls = [call("work", 1, number=1), call("nowhere", 2), call("work", 3, number="x"), call("work", 4, number=1)]
    answer(calls, Toolbox([work]), approve=approve)

    assert told == ["ask toolu_1", "ask toolu_4", "run", "run"]


def test_a_hook_that_interrupts_is_the_last_one_asked_and_nothing_is_run(answer: Answer) -> None:
    asked = []

    def approve(shown: ToolCall) -> Allow:
        asked.append(shown.id)
        raise InterruptTurn("no more")

    with pytest.raises(InterruptTurn) as raised:
        answer([call("double", 1, number=1), call("double", 2, number=2)], BOX, approve=approve)

    assert asked == ["toolu_1"]
    assert [block["is_error"] for block in raised.value.results] == [True, True]


def test_a_hook_that_answers_something_else_stops_everything(answer: Answer) -> None:
    with pytest.raises(TypeError, match=r"approve must return Allow\(\), Deny\(reason\) or Edit\(input\), not True"):
        answer([call("double", number=1)], BOX, approve=lambda _: True)
