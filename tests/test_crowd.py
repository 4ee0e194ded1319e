"""Many turns at once, driven here by a clock of our own: no thread, no loop, no waiting."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from clarion._crowd import LATER, Begin, Crowd, Next
from clarion._failure import Failure
from clarion._pacing import Limits, Pacer
from clarion._reply import Reply
from clarion._steps import Now, Send, Wait

Steps = Generator[Any, Any, Any]


def send(model: str = "m") -> Send:
    body = {"model": model, "max_tokens": 1}
    return Send(body=body, headers={}, timeout=None, stall_timeout=None, left=None, stream=False)


def reply(tokens: int = 1) -> Reply:
    message = {"type": "message", "content": [], "usage": {"input_tokens": tokens, "output_tokens": 1}}
    return Reply(
        message=message,
        request_id=None,
        latency=0.0,
        time_to_first_token=None,
        emulated=True,
        build=lambda _: None,  # type: ignore[arg-type, return-value]  # is never called
    )


def asking(*steps: Any) -> Steps:
    """A turn that asks for these steps, and ends with the last answer."""
    came = None
    for step in steps:
        came = yield step
    return came


class World:
    """Answers whatever a crowd asks for: the latest step that was begun, first; time goes on when it waits."""

    def __init__(self, turns: list[tuple[str, Steps]], *, concurrency: int = 3, limits: Limits | None = None) -> None:
        self.now = 0.0
        self.begun: dict[int, Any] = {}
        self.most = 0
        self.sent = 0  # steps that were begun
        self.came: dict[str, Any] = {}
        self.failures: dict[str, Failure | None] = {}
        self.answers: Any = lambda step: reply() if isinstance(step, Send) else 0.0
        self.crowd: Crowd[str] = Crowd(
            lambda: self._take(iter_of), self._settle, pacer=Pacer(limits), concurrency=concurrency
        )
        iter_of = iter(turns)

    def _take(self, turns: Any) -> Steps:
        yield from ()
        found = next(turns, None)
        return None if found is None else (*found, 10.0)

    def _settle(self, item: str, came: Any, failure: Failure | None) -> Steps:
        self.came[item], self.failures[item] = came, failure
        yield from ()

    def run(self) -> None:
        steps, value = self.crowd.run(), None
        while True:
            try:
                step = steps.send(value)
            except StopIteration:
                return
            match step:
                case Now():
                    value = self.now
                case Begin(number=number, step=asked):
                    self.begun[number], value = asked, None
                    self.sent += 1
                    self.most = max(self.most, len(self.begun))
                case Next(timeout=timeout):
                    value = self._next(timeout)

    def _next(self, timeout: float | None) -> Any:
        if not self.begun:
            assert timeout is not None, "nothing is under way, and nobody waits for a time"
            self.now += timeout
            return None
        number, asked = self.begun.popitem()
        return number, self.answers(asked)


def test_every_turn_comes_to_its_end_and_no_more_are_under_way_than_allowed() -> None:
    world = World([(name, asking(send(), Wait(0, 1), send())) for name in "abcdefg"])

    world.run()

    assert sorted(world.came) == list("abcdefg")
    assert all(isinstance(came, Reply) for came in world.came.values())
    assert world.most == 3


def test_who_takes_later_is_asked_again_when_something_has_settled() -> None:
    world = World([])
    left = list("abcd")

    def take() -> Steps:
        yield from ()
        if world.crowd.under_way:
            return LATER
        return (left.pop(0), asking(send()), 1.0) if left else None

    world.crowd = Crowd(take, world._settle, pacer=Pacer(), concurrency=3)

    world.run()

    assert list(world.came) == list("abcd")
    assert world.most == 1


def test_calls_wait_for_the_rate_limit() -> None:
    world = World([(str(n), asking(send())) for n in range(12)], concurrency=12, limits=Limits(requests=6))

    world.run()

    assert len(world.came) == 12
    assert world.now > 30  # 6 at once, and then one every 10 seconds


def test_an_error_is_what_came_of_a_turn_with_its_failure() -> None:
    def failing() -> Steps:
        yield send()
        raise ValueError("no")

    world = World([("bad", failing()), ("good", asking(send()))])
    failure = Failure(kind="status", message="no", status=400)
    world.answers = lambda step: failure

    world.run()

    assert isinstance(world.came["bad"], ValueError)
    assert world.failures["bad"] == failure
    assert world.came["good"] == failure


def test_a_stop_sees_through_what_was_sent_and_begins_nothing_more() -> None:
    world = World([(name, asking(Wait(0, 1), send(), Wait(0, 1))) for name in "abcdef"], concurrency=2)

    def answer(step: Any) -> Any:
        if isinstance(step, Send):
            world.crowd.stop()
        return reply()

    world.answers = answer

    world.run()

    assert len(world.came) in (1, 2)
    assert world.crowd.under_way == 0
    assert isinstance(world.came[max(world.came)], Reply)


def test_a_stop_drops_those_that_still_wait_for_the_limit() -> None:
    world = World([(str(n), asking(send())) for n in range(5)], concurrency=5, limits=Limits(requests=2))

    def answer(step: Any) -> Any:
        world.crowd.stop()
        return reply()

    world.answers = answer

    world.run()

    assert len(world.came) == world.sent < 5
    assert world.crowd.under_way == 0
