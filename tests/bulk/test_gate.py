"""The gate lets calls go in order, each when the pacer says so, and holds nobody up for one who has left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from clarion._pacing import Limits, Pacer
from clarion._reply import Reply
from clarion._sdk import sdk_message
from clarion.bulk.gate import Gate, GateClosed, Ticket, guess

BODY = {"model": "claude-haiku-5-5", "messages": [{"role": "user", "content": "Hi"}]}


def reply(headers: Mapping[str, str] | None = None) -> Reply:
    message = {"type": "message", "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}
    return Reply(
        message=message,
        request_id=None,
        latency=0.1,
        time_to_first_token=None,
        emulated=True,
        build=sdk_message,
        headers=headers or {},
    )


async def entered(gate: Gate, order: list[int], number: int) -> Ticket:
    ticket = await gate.enter(BODY)
    order.append(number)
    return ticket


def test_calls_go_in_the_order_in_which_they_came() -> None:
    async def main() -> list[int]:
        order: list[int] = []
        gate = Gate(Pacer(Limits(requests=60_000)))
        first = await entered(gate, order, 0)
        waiting = [asyncio.ensure_future(entered(gate, order, number)) for number in range(1, 30)]
        await asyncio.sleep(0)
        assert order == [0]  # which finds out for all of them
        gate.leave(first, reply())
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(main()) == list(range(30))


def test_who_is_cancelled_holds_nobody_up() -> None:
    async def main() -> list[int]:
        order: list[int] = []
        gate = Gate(Pacer())
        first = await entered(gate, order, 0)
        left, stays = (asyncio.ensure_future(entered(gate, order, number)) for number in (1, 2))
        await asyncio.sleep(0)
        left.cancel()
        gate.leave(first, reply())
        await asyncio.wait_for(stays, 60)
        return order

    assert asyncio.run(main()) == [0, 2]


def test_a_closed_gate_lets_only_those_go_on_that_have_begun() -> None:
    async def main() -> None:
        gate = Gate(Pacer())
        first = await gate.enter(BODY)
        begins, goes_on = (asyncio.ensure_future(gate.enter(BODY, begins=begins)) for begins in (True, False))
        await asyncio.sleep(0)
        gate.close()
        gate.leave(first, reply())
        await asyncio.wait_for(goes_on, 60)
        with pytest.raises(GateClosed):
            await begins
        with pytest.raises(GateClosed):
            await gate.enter(BODY)

    asyncio.run(main())


def test_who_waits_for_too_long_is_told_and_holds_nobody_up() -> None:
    async def main() -> None:
        gate = Gate(Pacer())
        first = await gate.enter(BODY)
        with pytest.raises(TimeoutError):
            await gate.enter(BODY, within=0.01)
        gate.leave(first, reply())
        await asyncio.wait_for(gate.enter(BODY), 60)

    asyncio.run(main())


def test_fast_mode_has_a_pace_of_its_own() -> None:
    said = {
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "anthropic-ratelimit-output-tokens-limit": "80000",
        "anthropic-ratelimit-output-tokens-remaining": "80000",
        "anthropic-fast-output-tokens-limit": "8000",
        "anthropic-fast-output-tokens-remaining": "8000",
    }

    async def main() -> dict[str, float]:
        gate = Gate(Pacer())
        for body in (BODY, {**BODY, "speed": "fast"}):
            gate.leave(await gate.enter(body), reply(said))
        return {group: standing.limits["output_tokens"][0] for group, standing in gate.standings().items()}

    assert asyncio.run(main()) == {"claude-haiku-5-5": 80_000, "claude-haiku-5-5, fast": 8_000}


def test_pictures_are_guessed_to_take_the_same_however_many_bytes_they_have() -> None:
    def picture(size: int) -> dict[str, object]:
        block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * size}}
        return {"model": "m", "messages": [{"role": "user", "content": [block]}]}

    assert guess(picture(10)) == guess(picture(1_000_000)) > 1_000
