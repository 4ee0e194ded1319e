"""What a type checker knows of an answer: mypy reads this with the tests, and the emulator answers it."""

from __future__ import annotations

import asyncio
from typing import Any, Literal, assert_type

from pydantic import BaseModel

from clarion import AsyncClaudeService, ClaudeService, Completion, CompletionStream


class Invoice(BaseModel):
    number: str


def text_of(completion: Completion) -> str:
    return completion.text


def test_the_type_of_an_answer_is_that_of_output_type() -> None:
    claude = ClaudeService(emulate=True)
    completion = claude.complete("Extract.", output_type=Invoice, model="sonnet")
    assert_type(completion, Completion[Invoice])
    assert completion.parsed.number in text_of(completion)

    assert_type(claude.complete("Which cities?", output_type=list[str]).parsed, list[str])
    assert_type(claude.complete("Classify.", output_type=Literal["spam", "ham"]).parsed, Any)
    assert_type(claude.complete("Hi").parsed, Any)


def test_the_type_of_a_stream_is_that_of_output_type() -> None:
    with ClaudeService(emulate=True).stream("Extract.", output_type=Invoice) as stream:
        assert_type(stream, CompletionStream[Invoice])
        assert_type(stream.finish().parsed, Invoice)

    assert stream.completion.parsed.number


def test_the_type_of_a_turn_of_a_conversation_is_that_of_output_type() -> None:
    chat = ClaudeService(emulate=True).conversation()
    assert_type(chat.send("Extract.", output_type=Invoice).parsed, Invoice)
    with chat.stream("Extract.", output_type=Invoice) as stream:
        assert_type(stream.finish().parsed, Invoice)

    assert len(chat.turns) == 2


def test_the_types_are_those_of_the_other_colour() -> None:
    async def ask() -> None:
        claude = AsyncClaudeService(emulate=True)
        assert_type((await claude.complete("Extract.", output_type=Invoice)).parsed, Invoice)
        async with claude.stream("Extract.", output_type=Invoice) as stream:
            assert_type((await stream.finish()).parsed, Invoice)
        chat = await claude.conversation()
        assert_type((await chat.send("Extract.", output_type=Invoice)).parsed, Invoice)
        async with chat.stream("Extract.", output_type=Invoice) as turn:
            assert_type((await turn.finish()).parsed, Invoice)

    asyncio.run(ask())
