"""The words a script is written in: each function returns a step. Seconds are real ones."""

from __future__ import annotations

import json as jsons
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from clarion.emulator.pace import Pace
from clarion.emulator.script import answers, endings, oddities, replies
from clarion.emulator.script.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Number = TypeVar("Number", int, float)
PHRASES = {status.value: status.phrase for status in HTTPStatus}  # proxies use others too, such as 524


def ok() -> Step:
    """Answer as if there were no script."""
    return Step(name="ok()")


def error(
    status: int,
    type: str | None = None,
    message: str | None = None,
    *,
    code: str | None = None,
    retry_after: float | None = None,
    headers: Mapping[str, str] | None = None,
) -> Step:
    """Answer with an error in the API's own body.

    Args:
        status: The HTTP status, such as 429 or 529.
        type: The `error.type`; the API's own for the status if left out.
        message: The `error.message`; one in the API's words if left out.
        code: The `error.details.error_code`, such as `enforced_spend_limit_reached`.
        retry_after: Seconds for the `retry-after` header, which is left out otherwise.
        headers: More headers, over the API's own.

    """
    if not 400 <= status <= 599:
        raise ValueError(f"an error has a status from 400 to 599, not {status}")
    waits = {} if retry_after is None else {"retry-after": f"{retry_after:.10g}"}
    reply = replies.ApiError(
        status=status,
        type=type or replies.type_of(status),
        message=message or replies.message_of(status),
        code=code,
        headers=waits | {name.lower(): value for name, value in (headers or {}).items()},
    )
    return Step(name=_name("error", status, code=code, retry_after=retry_after), reply=reply)


def html(status: int = 502) -> Step:
    """Answer as a proxy does that never asked the API: an HTML page, and none of the API's headers."""
    title = f"{status} {PHRASES.get(status, 'Error')}"
    page = f"<html>\n<head><title>{title}</title></head>\n<body><center><h1>{title}</h1></center></body>\n</html>\n"
    headers = {"content-type": "text/html", "via": "1.1 proxy"}
    return Step(name=_name("html", status), reply=replies.Raw(page.encode(), status, headers))


def body(data: bytes, *, status: int = 200) -> Step:
    """Answer with these bytes under the headers of a good answer: empty, half a JSON, half a stream."""
    return Step(name=_name("body", data), reply=replies.Raw(data, status))


def reset() -> Step:
    """Reset the connection before the status line."""
    return Step(name="reset()", reply=replies.Gone(is_reset=True))


def hangup() -> Step:
    """Close the connection before the status line, as happens to one that was kept alive too long."""
    return Step(name="hangup()", reply=replies.Gone(is_reset=False))


def hang(seconds: float) -> Step:
    """Send not a byte for so many seconds, then go on with the step's other parts."""
    return Step(name=_name("hang", _checked(seconds)), wait=seconds)


def slow(*, first_token: float = 0.0, per_event: float = 0.0, tokens_per_second: float | None = None) -> Step:
    """Answer slowly, whatever the emulator's pace. For a slow first byte, see `hang`.

    Args:
        first_token: Seconds before the first event.
        per_event: Seconds before every event; an answer that is no stream takes as long as its stream would.
        tokens_per_second: How fast the model writes.

    """
    pace = Pace(_checked(first_token), tokens_per_second, _checked(per_event))
    shown = {"first_token": first_token or None, "per_event": per_event or None}
    return Step(name=_name("slow", **shown, tokens_per_second=tokens_per_second), pace=pace)


def cut(after: int = 0) -> Step:
    """End a stream in good order after so many deltas, with no `message_stop`. Another body is broken off."""
    return Step(name=_name("cut", after=_checked(after)), ending=endings.Cut(after))


def drop(after: int = 0, *, reset: bool = False) -> Step:
    """Lose the connection in the middle of the event after so many deltas.

    Args:
        after: The deltas of text or tool input that come whole.
        reset: Reset the connection instead of closing it. Over a socket, what the client has not read yet is
            lost with it.

    """
    name = _name("drop", after=_checked(after), reset=reset or None)
    return Step(name=name, ending=endings.Drop(after, reset))


def truncated() -> Step:
    """Send half of the body that was promised, then close the connection; a stream has not said a word yet."""
    return Step(name="truncated()", ending=endings.Drop(0, is_reset=False))


def stall(after: int = 0, *, seconds: float, pings: float | None = None) -> Step:
    """Send nothing for a while in the middle of the answer, then the rest.

    Args:
        after: The deltas of text or tool input that come first.
        seconds: How long it lasts.
        pings: Seconds between pings meanwhile; None sends none.

    """
    if pings is not None and pings <= 0:
        raise ValueError(f"pings must be seconds between two of them, or None, not {pings}")
    name = _name("stall", after=_checked(after), seconds=_checked(seconds), pings=pings)
    return Step(name=name, ending=endings.Stall(after, seconds, pings))


def error_event(
    after: int = 0, *, type: str = "overloaded_error", message: str | None = None, code: str | None = None
) -> Step:
    """Send an `error` event after so many deltas and end the stream. Without a stream it is a plain error."""
    words = message or replies.message_of(replies.status_of(type))
    ending = endings.ErrorEvent(after=_checked(after), type=type, message=words, code=code)
    return Step(name=_name("error_event", after=after, type=type, code=code), ending=ending)


def garbage(after: int = 0) -> Step:
    """Send an event that is not JSON after so many deltas, then the rest. Another body is half a JSON."""
    return Step(name=_name("garbage", after=_checked(after)), ending=endings.Garbage(after))


def say(text: str, stop_reason: str = "end_turn") -> Step:
    """Answer with this text, uncut; an empty text is no content."""
    return Step(name=_name("say", text, stop_reason), answer=answers.Said(text, stop_reason))


def stop(reason: str, *, after: int | None = None) -> Step:
    """Give the answer another stop reason, and only so many deltas of its text if `after` is given."""
    return Step(name=_name("stop", reason, after=after), answer=answers.Stopped(reason, _deltas(after)))


def empty() -> Step:
    """Answer with no content and `end_turn`."""
    return Step(name="empty()", answer=answers.Empty())


def refusal(category: str | None = None, *, after: int | None = None, explanation: str | None = None) -> Step:
    """Refuse with HTTP 200 and `stop_details`, before any text or after so many deltas of it.

    Args:
        category: `cyber`, `bio`, `frontier_llm`, `reasoning_extraction`, `general_harms` or None.
        after: Deltas of text that come first; None refuses before any content, thinking included.
        explanation: The `stop_details.explanation`.

    """
    answer = answers.Refused(category, explanation, _deltas(after))
    return Step(name=_name("refusal", category=category, after=after), answer=answer)


def pause() -> Step:
    """Stop with `pause_turn`: a call of an offered server tool left open, or half of the text if there is none."""
    return Step(name="pause()", answer=answers.Pause())


def call(
    name: str,
    input: Mapping[str, Any] | None = None,  # noqa: A002 - the API's word for it
    *,
    cut: int | None = None,
) -> Step:
    """Call a tool, offered or not.

    Args:
        name: The tool; with `*` for anything, the first one offered that fits: `get_*`.
        input: Its arguments; left out, none, or for a name with `*` some that fit the tool's schema.
        cut: Bytes of the arguments' JSON to send before `max_tokens` stops the answer.

    """
    text = None if input is None else _json(input)
    uses = (answers.UseOfTool(name, text, _deltas(cut)),)
    reason = "tool_use" if cut is None else "max_tokens"
    return Step(name=_name("call", name, input, cut=cut), answer=answers.Calls(uses, reason))


def calls(uses: Iterable[tuple[str, Mapping[str, Any] | None]]) -> Step:
    """Call several tools in one answer, each given with its input: `calls([("add", {"a": 1}), ("now", {})])`."""
    made = ((name, None if arguments is None else _json(arguments)) for name, arguments in uses)
    found = tuple(answers.UseOfTool(name, text) for name, text in made)
    name = _name("calls", [(use.name, use.json) for use in found])
    return Step(name=name, answer=answers.Calls(found, "tool_use"))


def bad_tool_json(name: str, json: str = '{"city": "Oslo", "days": tw}') -> Step:
    """Call a tool with arguments that are no JSON; an answer that is no stream has an empty input."""
    uses = (answers.UseOfTool(name, json),)
    return Step(name=_name("bad_tool_json", name), answer=answers.Calls(uses, "tool_use"))


def blocks(content: Iterable[Mapping[str, Any]], stop_reason: str | None = None) -> Step:
    """Answer with these blocks of content, word by word, whatever their types.

    Args:
        content: The blocks. A tool call may leave out its `id`.
        stop_reason: `tool_use` if there is a tool call and `end_turn` otherwise, if left out.

    """
    found = tuple(dict(block) for block in content)
    if untyped := [block for block in found if not isinstance(block.get("type"), str)]:
        raise ValueError(f"a block has a type: {untyped[0]}")
    name = _name("blocks", [block["type"] for block in found], stop_reason)
    return Step(name=name, answer=answers.Blocks(found, stop_reason))


def answer(by: Callable[[dict[str, Any]], str | list[dict[str, Any]]]) -> Step:
    """Answer with the text, or the blocks, that a function makes of the request's JSON body."""
    return Step(name=_name("answer", getattr(by, "__name__", by)), answer=answers.Made(by))


def replay(path: str | Path, *, timed: bool = False) -> Step:
    """Answer with what was recorded in a file of `clarion emulate --record`, whatever the request.

    Args:
        path: The recording.
        timed: Send a stream at the pace at which it was recorded, and not at once.

    Raises:
        ValueError: There is no recording in the file.

    """
    from clarion.emulator.recording.recording import Recording, TapeError  # tapes are for few, and take a while

    try:
        recording = Recording.parse(Path(path).read_bytes(), str(path))
    except (OSError, TapeError) as error:
        raise ValueError(f"cannot replay this: {error}") from error
    name = _name("replay", str(path), timed=timed or None)
    return Step(name=name, reply=replies.Recorded(recording, timed))


def usage(counts: Mapping[str, Any]) -> Step:
    """Report these counts in the answer's `usage`, under the API's names: `usage({"output_tokens": 900})`."""
    return Step(name=_name("usage", dict(counts)), usage=dict(counts))


def evict() -> Step:
    """Empty the prompt cache before the call, so that what was written is written, and paid, again."""
    return Step(name="evict()", evicts=True)


def duplicate(event: str = "message_delta") -> Step:
    """Send every event of this name twice, such as `ping` or `message_delta`, whose usage is cumulative."""
    return Step(name=_name("duplicate", event), oddities=(oddities.Duplicates(event),))


def unknown_event(name: str = "future_event") -> Step:
    """Send events that nobody knows between those of the stream."""
    return Step(name=_name("unknown_event", name), oddities=(oddities.UnknownEvent(name),))


def unknown_delta(type: str = "future_delta") -> Step:
    """Begin every block of a stream with a delta of a type that nobody knows."""
    return Step(name=_name("unknown_delta", type), oddities=(oddities.UnknownDelta(type),))


def unknown_block(type: str = "future_block", *, first: bool = False) -> Step:
    """Add a block of a type that nobody knows, at the end of the answer or at its beginning."""
    name = _name("unknown_block", type, first=first or None)
    return Step(name=name, oddities=(oddities.UnknownBlock(type, first),))


def index_gap(by: int = 1) -> Step:
    """Let the indices of a stream's blocks begin so much later than at 0."""
    return Step(name=_name("index_gap", by), oddities=(oddities.IndexGap(_checked(by)),))


def out_of_order() -> Step:
    """Send the blocks of a stream in the reverse order of their indices."""
    return Step(name="out_of_order()", oddities=(oddities.OutOfOrder(),))


def _checked(number: Number) -> Number:
    if number < 0:
        raise ValueError(f"seconds and numbers of deltas must not be negative: {number}")
    return number


def _deltas(after: int | None) -> int | None:
    return None if after is None else _checked(after)


def _json(data: Mapping[str, Any]) -> str:
    return jsons.dumps(dict(data), ensure_ascii=False)


def _name(word: str, *plain: object, **named: object) -> str:
    """Return the call as it is written, without what was left out."""
    shown = [_shown(value) for value in plain if value is not None]
    shown += [f"{name}={_shown(value)}" for name, value in named.items() if value is not None]
    return f"{word}({', '.join(shown)})"


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
