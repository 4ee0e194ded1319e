"""Streams that go silent, with pings and without, in both colours."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig, RetryPolicy, StreamInterrupted
from clarion._reply import Assembly
from clarion._silence import Silence
from clarion.emulator import Emulator, script
from colours import Make
from wire import END, HELLO, START, STOP, TEXT_START, TEXT_STOP, saying, sse, streamed

ONCE = ClaudeConfig(retry=RetryPolicy(attempts=1), stall_timeout=0.2, model="claude-sonnet-5")
SAID = script.say("One two three four five six seven eight nine ten eleven twelve.")


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"Rain in {location}."


@pytest.mark.parametrize("beginning", [(START,), (START, TEXT_START, HELLO)], ids=["after its start", "within text"])
def test_a_stream_without_a_byte_is_interrupted(make_claude: Make, beginning: tuple[Any, ...]) -> None:
    with saying(streamed(*beginning, length=100_000), hold=True) as url:
        stream = make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi")
        with pytest.raises(StreamInterrupted) as error:
            list(stream)

    assert error.value.text == ("Hello" if HELLO in beginning else "")


def test_pings_alone_do_not_keep_a_text_alive(make_claude: Make) -> None:
    emulator = Emulator(script=[SAID & script.stall(after=2, seconds=5, pings=0.04)])
    seen: list[str] = []

    stream = make_claude(emulate=emulator, config=ONCE).stream("Hi")
    with pytest.raises(StreamInterrupted, match=r"nothing but pings came for 0\.2 s") as error:
        seen.extend(stream)

    assert "".join(seen) == error.value.text != ""


def test_a_text_that_pings_keep_alive_in_vain_is_taken_up(make_claude: Make) -> None:
    emulator = Emulator(script=[SAID & script.stall(after=2, seconds=5, pings=0.04), script.say("And so on.")])
    config = ONCE.but(retry=RetryPolicy(base=0))

    with make_claude(emulate=emulator, config=config).stream("Hi") as stream:
        shown = "".join(stream)

    assert shown == stream.completion.text
    assert shown.endswith("And so on.")
    assert [attempt.status for attempt in stream.completion.attempts] == [None, 200]


@pytest.mark.parametrize(
    "step",
    [
        script.call("get_weather", {"location": "Oslo"}) & script.stall(after=1, seconds=0.5, pings=0.04),
        SAID & script.stall(after=0, seconds=0.1, pings=0.04),
    ],
    ids=["while the input of a tool is written", "for less than the limit"],
)
def test_pings_are_life_while_the_model_may_be_at_work(make_claude: Make, step: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[step]), config=ONCE)

    with claude.stream("Weather?", tools=[get_weather]) as stream:
        completion = stream.finish()

    assert {attempt.status for attempt in completion.attempts} == {200}


WHOLE = (START, TEXT_START, HELLO, TEXT_STOP, END, STOP)
THINKING = {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}}
TOOL_USE = {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "n"}}


@pytest.mark.parametrize(
    ("events", "is_silence"),
    [
        ((START,), False),
        ((START, THINKING), False),
        ((START, TOOL_USE), False),
        ((START, TEXT_START, HELLO), True),
        ((START, TEXT_START, HELLO, TEXT_STOP), False),
        ((START, TEXT_START, HELLO, TEXT_STOP, END), False),
    ],
    ids=["before the first block", "thinking", "a tool", "text", "between blocks", "at the end"],
)
def test_pings_are_silence_within_text_only(events: tuple[Any, ...], is_silence: bool) -> None:
    assembly = Assembly("req_1")
    for _ in assembly.feed(sse(*events)):
        pass

    with pytest.raises(StreamInterrupted) if is_silence else contextlib.nullcontext():
        Silence(assembly, 0.0).ping()


@pytest.mark.parametrize(("events", "is_cut"), [((START, TEXT_START, HELLO), True), (WHOLE, False)])
def test_a_stream_is_cut_at_the_end_of_its_time_unless_it_is_whole(events: tuple[Any, ...], is_cut: bool) -> None:
    assembly = Assembly("req_1")
    for _ in assembly.feed(sse(*events)):
        pass

    with pytest.raises(StreamInterrupted, match="time of the turn") if is_cut else contextlib.nullcontext():
        Silence(assembly, None, ends=0.0).end()


def test_the_time_that_the_reader_takes_is_no_silence_of_the_stream(make_claude: Make) -> None:
    emulator = Emulator(script=[SAID & script.stall(after=2, seconds=0.1, pings=0.02)])

    with make_claude(emulate=emulator, config=ONCE).stream("Hi") as stream:
        for number, _ in enumerate(stream):
            if number == 1:
                time.sleep(0.3)

    assert len(stream.completion.attempts) == 1


def test_the_wait_for_the_first_byte_has_the_other_timeout(make_claude: Make) -> None:
    emulator = Emulator(script=[script.hang(0.4)])

    with make_claude(emulate=emulator, config=ONCE).stream("Hi") as stream:
        assert stream.finish().stop_reason == "end_turn"


def test_silence_may_be_allowed(make_claude: Make) -> None:
    emulator = Emulator(script=[SAID & script.stall(after=2, seconds=0.4, pings=0.1)])

    with make_claude(emulate=emulator, config=ONCE).stream("Hi", stall_timeout=None) as stream:
        assert stream.finish().stop_reason == "end_turn"


def test_a_task_that_is_cancelled_while_it_waits_stays_cancelled() -> None:
    emulator = Emulator(script=[SAID & script.stall(after=2, seconds=5)])

    async def read(reading: asyncio.Event) -> None:
        config = ONCE.but(stall_timeout=5)
        async with AsyncClaudeService(emulate=emulator, config=config) as claude, claude.stream("Hi") as stream:
            async for _ in stream:
                reading.set()

    async def cancel() -> None:
        reading = asyncio.Event()
        task = asyncio.create_task(read(reading))
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
