"""Rules of the conversation: how it opens and closes, whose thinking it holds, what may stand in a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit.draft import THINKING, VERSION, blocks_of, is_foreign

if TYPE_CHECKING:
    from clarion._fit.draft import Draft

BEGIN = "Begin your answer with exactly the following text, and go on from there:\n\n"
SYSTEM_NOTE = "[System message] "


def is_prefilled(draft: Draft) -> bool:
    return _prefill(draft) is not None and (draft.model.prefill is False or draft.thinks)


def ask_for_prefill(draft: Draft) -> str:
    prefill = _prefill(draft)
    *before, _ = draft.messages
    draft.replace_messages([*before, {"role": "user", "content": [{"type": "text", "text": f"{BEGIN}{prefill}"}]}])
    why = "while it thinks" if draft.model.prefill else "at all"
    return (
        f"{draft.model.id} takes no prefilled answer {why}: an instruction asks for it, "
        f"so the answer itself begins with {str(prefill)[:40]!r}"
    )


def has_loose_prefill(draft: Draft) -> bool:
    prefill = _prefill(draft)
    return prefill is not None and prefill[-1].isspace()


def trim_prefill(draft: Draft) -> str:
    *before, last = draft.messages
    *blocks, text = blocks_of(last)
    trimmed = {**text, "text": text["text"].rstrip()}
    draft.replace_messages([*before, {**last, "content": [*blocks, trimmed]}])
    return "a prefilled answer cannot end in white space: it was trimmed"


def _prefill(draft: Draft) -> str | None:
    """Return the text the answer is to begin with: that of a last assistant message that holds nothing else."""
    last = draft.messages[-1]
    if last["role"] != "assistant" or draft.body.get("compaction"):
        return None
    blocks = blocks_of(last)
    if not all(block["type"] == "text" for block in blocks):
        return None
    return "".join(str(block["text"]) for block in blocks) or None


def opens_with_system(draft: Draft) -> bool:
    return 0 < _leading_system(draft) < len(draft.messages)


def move_system_up(draft: Draft) -> str:
    leading = _leading_system(draft)
    for message in draft.messages[:leading]:
        draft.add_to_system("\n\n".join(block["text"] for block in blocks_of(message)))
    draft.replace_messages(draft.messages[leading:])
    return "the first message cannot have role 'system': it moved to the system prompt"


def _leading_system(draft: Draft) -> int:
    """Return how many messages at the beginning are system messages of nothing but text."""
    for index, message in enumerate(draft.messages):
        if message["role"] != "system" or any(block["type"] != "text" for block in blocks_of(message)):
            return index
    return len(draft.messages)


def has_system_turns_in_vain(draft: Draft) -> bool:
    return draft.model.system_messages is False and draft.survey.has_system_turns


def system_turns_to_user(draft: Draft) -> str:
    draft.replace_messages(map(as_user, draft.messages))
    return f"{draft.model.id} takes no system messages within the conversation: they became marked user messages"


def as_user(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] != "system":
        return message
    return {"role": "user", "content": [{"type": "text", "text": SYSTEM_NOTE}, *blocks_of(message)]}


def has_foreign_thinking(draft: Draft) -> bool:
    return draft.survey.has_foreign_thinking


def drop_foreign_thinking(draft: Draft) -> str:
    kept = [_without_foreign(message, draft) for message in draft.messages]
    draft.replace_messages([message for message in kept if message["content"]] or draft.messages)
    return f"{draft.model.id} cannot read the thinking of another model: those blocks were dropped"


def _without_foreign(message: dict[str, Any], draft: Draft) -> dict[str, Any]:
    if not is_foreign(message, draft.model.id, draft.catalog):
        return message
    return {**message, "content": [block for block in message["content"] if block["type"] not in THINKING]}


def has_citations_beside_format(draft: Draft) -> bool:
    return bool((draft.body.get("output_config") or {}).get("format")) and draft.survey.has_citing_documents


def drop_citations(draft: Draft) -> str:
    draft.replace_messages(
        message
        if isinstance(message["content"], str)
        else {**message, "content": list(map(_uncited, message["content"]))}
        for message in draft.messages
    )
    return "an answer in a given format cannot cite: citations were switched off"


def _uncited(block: dict[str, Any]) -> dict[str, Any]:
    match block:
        case {"type": "document", "citations": _}:
            return {name: value for name, value in block.items() if name != "citations"}
        case {"type": "tool_result", "content": list(parts)}:
            return {**block, "content": list(map(_uncited, parts))}
    return block


def has_old_content(draft: Draft) -> bool:
    survey = draft.survey
    return draft.version >= VERSION and (survey.has_assistant_documents or survey.has_user_citations)


def send_by_old_version(draft: Draft) -> str:
    draft.use_old_version()
    return (
        f"documents of the assistant and citations of the user are refused under API version {VERSION}: "
        f"the one before is sent"
    )


def has_blank_stops(draft: Draft) -> bool:
    return any(not stop.strip() for stop in draft.body.get("stop_sequences") or ())


def drop_blank_stops(draft: Draft) -> str:
    stops = [stop for stop in draft.body["stop_sequences"] if stop.strip()]
    if stops:
        draft.body["stop_sequences"] = stops
    else:
        del draft.body["stop_sequences"]
    return "stop sequences of nothing but white space are refused: they were dropped"


def has_no_system(draft: Draft) -> bool:
    return not draft.body.get("system")


def note_no_system(draft: Draft) -> str:
    return "there is no system prompt: answers may vary in tone and form"
