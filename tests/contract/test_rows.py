"""Every row comes out as the API has it, whichever way it is sent."""

from __future__ import annotations

import asyncio
from collections import Counter

import anthropic
import pytest

from clarion.emulator import Emulator
from contract.row import Row
from contract.rows import ROWS
from contract.ways import Call, Wire, check, through_async_sdk, through_sdk, through_wire

every_row = pytest.mark.parametrize("row", ROWS, ids=str)
STREAMED = [row for row in ROWS if row.is_accepted and row.to == "messages" and row.body["max_tokens"]]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")  # of old models


@every_row
def test_a_row_comes_out_through_the_sdk(sdk: anthropic.Anthropic, emulator: Emulator, row: Row) -> None:
    check(row, through_sdk(sdk, emulator, row))


@every_row
@pytest.mark.untraced
def test_a_row_comes_out_through_the_async_sdk(
    async_sdk: anthropic.AsyncAnthropic, emulator: Emulator, loop: asyncio.Runner, row: Row
) -> None:
    check(row, loop.run(through_async_sdk(async_sdk, emulator, row)))


@every_row
@pytest.mark.untraced
def test_a_row_comes_out_over_a_socket(wire: Wire, emulator: Emulator, row: Row) -> None:
    check(row, through_wire(wire, emulator, row))


@pytest.mark.parametrize("row", STREAMED, ids=str)
def test_an_answer_streams_to_the_message_it_is_when_whole(sdk: anthropic.Anthropic, row: Row) -> None:
    whole, streamed = Call.of(sdk, row), Call.of(sdk, row, stream=True)

    with streamed.method(**streamed.arguments) as stream:
        message = stream.get_final_message().to_dict()

    expected = whole.method(**whole.arguments).to_dict()
    assert without_ids(message) == without_ids(expected)


def without_ids(value: object) -> object:
    """Leave out what differs from call to call."""
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if key not in {"id", "tool_use_id", "signature"}}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def test_no_two_rows_share_an_id() -> None:
    assert [one for one, count in Counter(row.id for row in ROWS).items() if count > 1] == []
