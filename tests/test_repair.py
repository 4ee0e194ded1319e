"""What is wrong with a history, each ailment alone: it is named, mended, and then the emulator takes it."""

from __future__ import annotations

import base64
import io
from typing import Any

import orjson
import pypdf
import pytest
from anthropic.types import Message, TextBlock

from breaking import GO_ON, QUESTIONS, SYSTEM, TOOLS, asked, healthy, picture
from clarion import Catalog, Document, Image, Repaired, repair
from clarion._prompt import Answered
from clarion._repair.ailments import AILMENTS, UNMENDABLE
from clarion._repair.blocks import KINDS

OPUS, HAIKU = "claude-opus-5-5", "claude-haiku-4-5"  # one that binds thinking to what came before, one that does not


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def call(id: str = "toolu_1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": "get_weather", "input": {"city": "Oslo"}, **more}


def result(id: str = "toolu_1", content: Any = "Rain.", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": content, **more}


def pdf(pages: int = 1, password: str | None = None) -> dict[str, Any]:
    writer, buffer = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(buffer)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}}


HI, HELLO = user(text("Hi")), assistant(text("Hello"))
FIVE_MINUTES, HOUR = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "dues"}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
HAND_OVER = {"type": "fallback", "from": {"model": "claude-fable-5"}, "to": {"model": "claude-opus-5"}}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "AAAA"}
SUMMARY = {"type": "compaction", "content": "So far.", "signature": "AAAA"}
SMALL = Catalog.load().with_facts({"models": {HAIKU + "-20251001": {"images": 1, "pdf_pages": 2}}})

# Each ailment: a model, a history that has it and no other, and what is left of it, where that can be said shortly.
EXAMPLES: dict[str, tuple[str, Any, Any]] = {
    "not-json": (OPUS, [user(text("\ud83d\ude00"))], [user(text("\N{GRINNING FACE}"))]),
    "no-message": (OPUS, ["Hi"], [{"role": "user", "content": [text("Hi")]}]),
    "wrong-role": (OPUS, [{"role": "human", "content": "Hi"}], [HI]),
    "loose-content": (OPUS, [{"role": "user", "content": ["Hi"]}], [HI]),
    "other-api": (
        OPUS,
        [
            HI,
            {"role": "assistant", "content": None, "tool_calls": [{
                "id": "toolu_1", "type": "function",
                "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'},
            }]},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "Rain."},
            user({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}),
        ],
        [
            HI, assistant(call()), user(result()),
            user({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
        ],
    ),
    "extra-field": (OPUS, [{"role": "user", "content": "Hi", "id": "msg_1"}], [HI]),
    "loose-field": (
        OPUS,
        [HI, assistant({**call(), "input": '{"city": "Oslo"}'}), user(result())],
        [HI, assistant(call()), user(result())],
    ),
    "bad-field": (OPUS, [HI, assistant(call()), user(result(is_error="?"))], [HI, assistant(call()), user(result())]),
    "bad-block": (OPUS, [user({"type": "spell", "text": "Hi"})], [HI]),
    "misplaced-block": (
        OPUS,
        [HI, assistant(text("See:"), pdf())],
        [HI, assistant(text("See:")), user(pdf())],
    ),
    "empty-text": (OPUS, [user(text(" \n"), text("Hi"))], [HI]),
    "empty-message": (OPUS, [HI, {"role": "assistant", "content": ""}, HI], [HI, HI]),
    "system-first": (OPUS, [{"role": "system", "content": "Be brief."}, HI], [HI]),
    "system-turn": (
        HAIKU,
        [HI, {"role": "system", "content": "Be brief."}],
        [HI, user(text("[System message] "), text("Be brief."))],
    ),
    "no-opening": (OPUS, [HELLO, HI], [user(text("[The beginning of this conversation is not here.]")), HELLO, HI]),
    "misplaced-summary": (OPUS, [HI, HELLO, user(SUMMARY), HI], [user(SUMMARY), HI]),
    "bad-id": (OPUS, [HI, assistant(call("call.1")), user(result("call.1"))], [
        HI, assistant(call("call_2")), user(result("call_2"))
    ]),
    "repeated-id": (
        OPUS,
        [HI, assistant(call()), user(result()), assistant(call()), user(result())],
        [HI, assistant(call()), user(result()), assistant(call("toolu_1_2")), user(result("toolu_1_2"))],
    ),
    "unanswered-call": (OPUS, [HI, assistant(call()), HI], None),
    "misplaced-result": (
        OPUS,
        [HI, assistant(call("a"), call("b")), user(result("b"), text("So?")), HELLO, user(result("a"), text("?"))],
        [HI, assistant(call("a"), call("b")), user(result("b"), result("a"), text("So?")), HELLO, user(text("?"))],
    ),
    "relinked-result": (
        OPUS, [HI, assistant(call()), user(result("toolu_9"))], [HI, assistant(call()), user(result())]
    ),
    "repeated-result": (
        OPUS, [HI, assistant(call()), user(result(), result(content="Sun."))], [HI, assistant(call()), user(result())]
    ),
    "unasked-result": (
        OPUS,
        [user(result()), HELLO],
        [user(text("[Result of a call of a tool that is not in this conversation]"), text("Rain.")), HELLO],
    ),
    "open-server-call": (OPUS, [HI, assistant(SEARCH, text("Hm")), HI], [HI, assistant(text("Hm")), HI]),
    "unasked-server-result": (OPUS, [HI, assistant(FOUND, text("Hm"))], [HI, assistant(text("Hm"))]),
    "before-fallback": (
        OPUS, [HI, assistant(THOUGHT, HAND_OVER, text("Hm"))], [HI, assistant(HAND_OVER, text("Hm"))]
    ),
    "foreign-thinking": (
        OPUS, [HI, Answered(assistant(THOUGHT, text("Hm")), "claude-sonnet-5")], [HI, assistant(text("Hm"))]
    ),
    "broken-thinking": (
        OPUS, [HI, assistant({"type": "thinking", "thinking": "Hm."}, text("Hm"))], [HI, assistant(text("Hm"))]
    ),
    "unreadable-media": (
        OPUS,
        [user({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}})],
        [user(text("[An image that could not be read was here.]"))],
    ),
    "mislabelled-media": (
        OPUS,
        [user({"type": "image", "source": {**picture()["source"], "media_type": "image/jpeg"}})],
        [user(picture())],
    ),
    "oversized-image": (OPUS, [user(picture(8001, 100))], None),
    "too-many-images": (
        HAIKU,
        [user(picture(), picture(8, 9))],
        [user(text("[An image was here. It was left out, because a request takes no more of them.]"), picture(8, 9))],
    ),
    "too-many-pages": (
        HAIKU,
        [user(pdf(2), pdf(1))],
        [user(text("[A PDF was here. It was left out, because a request takes no more pages.]"), pdf(1))],
    ),
    "mixed-citations": (OPUS, [user({**pdf(), "citations": {"enabled": True}}, pdf())], [
        user(*[{**pdf(), "citations": {"enabled": True}}] * 2)
    ]),
    "cited-by-user": (
        OPUS,
        [user(text("Hi", citations=[{
            "type": "char_location", "cited_text": "i", "document_index": 0, "document_title": None,
            "start_char_index": 0, "end_char_index": 1,
        }]))],
        [HI],
    ),
    "cache-marks": (
        OPUS,
        [user(*(text(str(n), cache_control=FIVE_MINUTES) for n in range(5)))],
        [user(*(text(str(n), **({} if n == 1 else {"cache_control": FIVE_MINUTES})) for n in range(5)))],
    ),
    "cache-order": (
        OPUS,
        [user(text("1", cache_control=FIVE_MINUTES), text("2", cache_control=HOUR))],
        [user(text("1", cache_control=FIVE_MINUTES), text("2", cache_control={"type": "ephemeral", "ttl": "5m"}))],
    ),
    "trailing-space": (HAIKU, [HI, assistant(text("So "))], [HI, assistant(text("So"))]),
}  # fmt: skip
OF_MODELS = {"unbound-thinking", "dropped-thinking"}  # have tests of their own, with thinking that the emulator signed
DOUBTED = {"misplaced-summary"}  # what is left is signed, and here not by the API
BY_ORDER_ALONE = {"bad-id"}  # the emulator takes it


def mended(name: str) -> Repaired:
    model, history, _ = EXAMPLES[name]
    return repair(history, model, catalog=SMALL)


def test_every_ailment_has_an_example() -> None:
    assert EXAMPLES.keys() | OF_MODELS == AILMENTS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_ailment_is_named_with_its_place(name: str) -> None:
    repaired = mended(name)

    assert {ailment.name for ailment in repaired.mended} == {name}
    assert all(ailment.where.startswith("messages") for ailment in repaired.mended)
    assert all(ailment.lost == AILMENTS[name].lost for ailment in repaired.mended)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in DOUBTED])
def test_what_was_mended_is_taken(name: str) -> None:
    repaired = mended(name)
    messages = repaired.messages
    more = [GO_ON] if messages[-1]["role"] == "assistant" else []

    status, answer = asked(EXAMPLES[name][0], [*messages, *more], repaired.betas)

    assert status == 200, answer


@pytest.mark.parametrize("name", [name for name, (_, _, left) in EXAMPLES.items() if left])
def test_nothing_else_is_changed(name: str) -> None:
    assert [plain(message) for message in mended(name).messages] == [plain(one) for one in EXAMPLES[name][2]]


def plain(message: Any) -> Any:
    content = message["content"]
    return {**message, "content": [text(content)] if isinstance(content, str) else content}


@pytest.mark.parametrize("messages", [None, 7, b"[]", {}, {"messages": 1}], ids=repr)
def test_what_is_no_history_is_named(messages: Any) -> None:
    repaired = repair(messages, OPUS)

    assert [ailment.name for ailment in repaired.unmendable] == ["no-history"]
    assert repaired.messages == []


@pytest.mark.parametrize("messages", [[], [user()], [user(text(" "))], [None], [assistant(THOUGHT)]], ids=repr)
def test_a_history_without_anything_to_send_is_named(messages: Any) -> None:
    assert [ailment.name for ailment in repair(messages, OPUS).unmendable] == ["nothing-left"]


def test_more_messages_than_a_request_takes_are_named() -> None:
    repaired = repair([HI] * 100_001, OPUS)

    assert [ailment.name for ailment in repaired.unmendable] == ["too-many-messages"]
    assert UNMENDABLE.keys() == {"no-history", "nothing-left", "too-many-messages"}


@pytest.mark.parametrize(
    "wrap", [tuple, iter, lambda history: {"messages": history}], ids=["tuple", "iterator", "body"]
)
def test_a_history_is_found_in_what_holds_it(wrap: Any) -> None:
    repaired = repair(wrap([HI, HELLO]), OPUS)

    assert repaired.messages == [HI, HELLO]
    assert repaired.is_healthy


def test_messages_and_blocks_of_the_sdk_become_plain() -> None:
    block = TextBlock(type="text", text="Hello", citations=None)
    answer = Message.model_validate({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5", "stop_reason": "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}, "content": [THOUGHT, block.to_dict()],
    })  # fmt: skip

    repaired = repair([HI, answer, HI, {"role": "assistant", "content": [block]}], OPUS)

    assert {ailment.name for ailment in repaired.mended} == {"loose-content", "extra-field", "foreign-thinking"}
    assert asked(OPUS, [*repaired.messages, GO_ON])[0] == 200


def test_one_message_of_the_sdk_is_a_history() -> None:
    message = Message.model_construct(role="user", content=[TextBlock(type="text", text="Hi")])

    assert repair(message, OPUS).messages == [HI]


def test_what_another_api_calls_and_cannot_be_read_is_kept_as_far_as_it_can_be() -> None:
    broken = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{"}}

    repaired = repair([HI, {"role": "assistant", "content": "Hm", "tool_calls": [broken]}, HI], OPUS)

    assert [ailment.name for ailment in repaired.mended] == ["other-api", "bad-block"]
    assert repaired.messages == [HI, assistant(text("Hm")), HI]


def test_images_and_documents_still_to_be_read_stay() -> None:
    history = [user(Image("a.png"), Document("b.pdf"), text("What is this?"))]

    assert repair(history, OPUS).messages is history


def test_system_messages_at_the_beginning_are_added_to_the_system_prompt() -> None:
    repaired = repair([{"role": "system", "content": "Be brief."}, HI], OPUS, system="You are a pilot.")

    assert repaired.system == "You are a pilot.\n\nBe brief."
    assert repaired.messages == [HI]


def test_a_history_that_holds_itself_is_cut() -> None:
    loop: dict[str, Any] = {"city": "Oslo"}
    loop["again"] = loop

    repaired = repair([HI, assistant(call(input=loop)), user(result())], OPUS)

    assert [ailment.name for ailment in repaired.mended] == ["not-json"]
    assert orjson.dumps(repaired.messages)


def test_white_space_is_a_result_like_any_other() -> None:
    history = [HI, assistant(call()), user(result(content=[text("\n")]))]

    assert repair(history, OPUS).messages is history
    assert asked(OPUS, history)[0] == 200


def test_white_space_in_a_result_of_no_call_does_not_become_text() -> None:
    repaired = repair([user(result(content=[text(" "), text("Rain.")]))], OPUS)

    assert repaired.messages == [
        user(text("[Result of a call of a tool that is not in this conversation]"), text("Rain."))
    ]
    assert asked(OPUS, repaired.messages)[0] == 200


def test_what_only_a_system_message_may_have_is_lost_with_its_role_and_said_to_be() -> None:
    history = [HI, {"role": "system", "content": "Be brief.", "clear_at": "never"}, HI]

    repaired = repair(history, HAIKU)

    assert [ailment.name for ailment in repaired.mended] == ["system-turn", "extra-field"]
    assert asked(HAIKU, repaired.messages)[0] == 200


def test_calls_at_the_end_wait_if_they_may() -> None:
    history = [HI, assistant(call())]

    assert repair(history, OPUS, keep_open_calls=True).messages is history
    assert repair(history, OPUS).messages[-1]["content"][0]["is_error"] is True


def test_a_paused_answer_may_go_on() -> None:
    history = [HI, assistant(text("Let me see."), SEARCH)]

    assert repair(history, OPUS, keep_open_calls=True, tools=TOOLS).messages is history
    assert repair(history, OPUS, keep_open_calls=True, tools=[]).messages == [HI, assistant(text("Let me see."))]


def test_what_needs_a_beta_says_so() -> None:
    repaired = repair([user({"type": "compaction", "content": "So far."}), HI], OPUS)

    assert repaired.is_healthy
    assert repaired.betas == ("compact-2026-09-04",)
    assert asked(OPUS, repaired.messages, repaired.betas)[0] == 200


def test_a_conversation_may_open_with_what_an_answer_summed_up() -> None:
    history = [assistant({"type": "compaction", "content": "So far."}, text("Go on.")), HI]

    repaired = repair(history, OPUS)

    assert repaired.is_healthy
    assert asked(OPUS, repaired.messages, repaired.betas)[0] == 200


def test_a_summary_keeps_no_text_or_signature_that_is_empty() -> None:
    repaired = repair([user({"type": "compaction", "content": "So far.", "signature": ""}, text("Hi"))], OPUS)

    assert repaired.messages == [user({"type": "compaction", "content": "So far."}, text("Hi"))]
    assert asked(OPUS, repaired.messages, repaired.betas)[0] == 200


def test_a_model_that_is_not_known_is_mended_by_what_holds_for_all() -> None:
    assert repair([HI, assistant(call()), HI], "claude-next").mended[0].name == "unanswered-call"


def test_a_retired_model_is_that_which_answers_for_it() -> None:
    history = [HI, {"role": "system", "content": "Be brief."}, HI]

    assert repair(history, "claude-3-opus-20240229").is_healthy == repair(history, OPUS).is_healthy


def thought() -> list[Any]:
    history: list[Any] = orjson.loads(healthy(OPUS, QUESTIONS[0]))
    return history


def thoughts(messages: list[Any]) -> list[int]:
    """In which messages there is thinking."""
    return [
        index
        for index, message in enumerate(messages)
        if any(block["type"] == "thinking" for block in message["content"] if isinstance(block, dict))
    ]


def test_thinking_after_what_had_to_change_goes_and_what_is_before_stays() -> None:
    history = thought()
    before = thoughts(history)
    at = next(index for index, message in enumerate(history) if "tool_result" in str(message))
    history[at]["content"].pop()

    repaired = repair(history, OPUS, system=SYSTEM, tools=TOOLS)

    assert thoughts(repaired.messages) == [index for index in before if index < at] != []
    assert {ailment.name for ailment in repaired.mended} == {"unanswered-call", "unbound-thinking"}
    assert asked(OPUS, [*repaired.messages, GO_ON])[0] == 200


def test_thinking_stays_where_the_model_does_not_bind_it() -> None:
    history = orjson.loads(healthy("claude-opus-5", QUESTIONS[0]))
    before = thoughts(history)
    history[2]["content"].pop()

    repaired = repair(history, "claude-opus-5", system=SYSTEM, tools=TOOLS)

    assert thoughts(repaired.messages) == before
    assert asked("claude-opus-5", [*repaired.messages, GO_ON])[0] == 200


@pytest.mark.parametrize("change", ["fields", "marks", "text", "split"])
def test_thinking_stays_after_what_changes_nothing_that_is_read(change: str) -> None:
    history = thought()
    before = sum(len(thoughts([message])) for message in history)
    match change:
        case "fields":
            history[1] |= {"id": "msg_1", "usage": {}}
            history[2]["content"][0]["elapsed"] = 0.2
        case "marks":
            history[0]["content"] = [text(history[0]["content"], cache_control={"type": "forever"})]
        case "text":
            history[0]["content"] = (history[0]["content"],)
        case "split":
            first, *rest = history[1]["content"]
            history[1:2] = [{"role": "ai", "content": [first]}, assistant(*rest)]

    repaired = repair(history, OPUS, system=SYSTEM, tools=TOOLS)

    assert repaired.mended
    assert sum(len(thoughts([message])) for message in repaired.messages) == before
    assert asked(OPUS, [*repaired.messages, GO_ON])[0] == 200


def test_thinking_that_was_refused_can_be_dropped() -> None:
    history = thought()
    history[0]["content"] = "Something else."
    repaired = repair(history, OPUS, system=SYSTEM, tools=TOOLS)
    assert repaired.is_healthy
    assert {doubt.name for doubt in repaired.doubts} == {"signature"}
    assert "signature" in asked(OPUS, [*repaired.messages, GO_ON])[1]["error"]["message"]

    dropped = repair(history, OPUS, system=SYSTEM, tools=TOOLS, drop_thinking=True)

    assert {ailment.name for ailment in dropped.mended} == {"dropped-thinking"}
    assert asked(OPUS, [*dropped.messages, GO_ON])[0] == 200


def test_the_report_is_a_line_each() -> None:
    assert str(repair([HI, assistant(call()), HI], OPUS)) == (
        "mended messages[1].content[0]: is a call of a tool without a result (toolu_1): a result that says so was added"
    )
    assert str(repair([HI], OPUS)) == "healthy"


def test_doubts_are_a_line_each_kind() -> None:
    healthy, doubt = str(repair(thought(), OPUS, system=SYSTEM, tools=TOOLS)).splitlines()

    assert healthy == "healthy"
    assert doubt.startswith("not known: messages[1].content[0] (and 3 more) is signed: only the API can tell")


def test_the_blocks_are_those_of_the_sdk() -> None:
    """The table of fields is as the SDK's types have it, those of betas included."""
    import typing

    from anthropic.types.beta import BetaContentBlockParam

    fields: dict[str, set[str]] = {}
    for kind in typing.get_args(BetaContentBlockParam):
        if typing.is_typeddict(kind):
            hints = typing.get_type_hints(kind)
            tag = typing.get_args(hints["type"])[0]
            fields[tag] = set(hints) - {"type"}

    assert {tag: set(kind.fields) for tag, kind in KINDS.items() if tag in fields} == fields
