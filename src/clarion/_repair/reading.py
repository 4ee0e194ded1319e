"""From whatever a user holds to a draft: every message found, every block of a shape that the API takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from clarion._prompt import ROLES, Answered, is_part
from clarion._repair.blocks import KINDS, fitted
from clarion._repair.borrowed import own
from clarion._repair.draft import Slot, Turn
from clarion._repair.fields import Unfit, among, completed, mapping, optional
from clarion._repair.plain import Plainness
from clarion._repair.trail import Trail

if TYPE_CHECKING:
    from clarion._repair.report import Findings

MOST_MESSAGES = 100_000

# What others call the one who speaks.
ROLE_NAMES = {
    "human": "user",
    "tool": "user",
    "function": "user",
    "ai": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "developer": "system",
}
SYSTEM_FIELDS = {
    "clear_at": optional(among("next_user_message", "never")),
    "output_config": optional(mapping),
}


def listed(given: object, findings: Findings) -> list[Any]:
    """Return the items of a history, in whatever it comes; more than a request takes are beyond repair."""
    items = _items(given, findings)
    if len(items) > MOST_MESSAGES:
        findings.give_up("too-many-messages", "messages", f"at most {MOST_MESSAGES:,}")
    return items


def _items(given: object, findings: Findings) -> list[Any]:
    match given:
        case list():
            return given
        case str():
            findings.mend("no-message", "messages")
            return [{"role": "user", "content": given}]
        case Mapping() if "role" in given:
            return [given]
        case Mapping() if isinstance(given.get("messages"), list):
            return list(given["messages"])
        case Iterable() if not isinstance(given, bytes | bytearray | Mapping) and not hasattr(given, "role"):
            return list(islice(given, MOST_MESSAGES + 1))
    if hasattr(given, "role"):  # a message of the SDK
        return [given]
    findings.give_up("no-history", "messages", type(given).__name__)
    return []


def turns_of(items: list[Any], findings: Findings, trail: Trail) -> list[Turn]:
    """Return the messages of a history, and note on the trail what came before every thinking block.

    System messages at the very beginning leave no trail: they are part of the system prompt, whenever they are sent.
    """
    turns: list[Turn] = []
    for index, item in enumerate(items):
        where = f"messages[{index}]"
        message, model = _message(item, where, findings)
        if message is None:
            trail.add_junk(where)
            continue
        if (said := own(message)) is not message:
            findings.mend("other-api", where)
            message = said
        role = _role(message, where, findings)
        is_opening = role == "system" and all(turn.role == "system" for turn in turns)
        turn = _turn(message, role, where, findings, Trail() if is_opening else trail)
        turn.model = model
        if message is not item:
            turn.source = None
        turns.append(turn)
    return turns


def _turn(message: Mapping[str, Any], role: str, where: str, findings: Findings, trail: Trail) -> Turn:
    """Return a message as a turn; its source is None if it cannot go out as it came."""
    content = message.get("content")
    slots: list[Slot] = []
    for place, (block, is_lossy) in enumerate(_blocks(content, where, findings)):
        here = f"{where}.content[{place}]" if isinstance(content, list | tuple) else f"{where}.content"
        made = [block] if is_part(block) else fitted(block, here, findings)
        fresh = [Slot(here, one) for one in made]
        trail.add(role, block, fresh, is_lossy=is_lossy)
        slots += fresh
    more = _more(message, role, where, findings)
    if strange := [str(key) for key in message if key not in ("role", "content") and key not in more]:
        findings.mend("extra-field", where, ", ".join(strange))
    turn = Turn(where, role, slots, more=more, said_by=role)
    turn.read = turn.blocks if isinstance(content, str) else list(content) if isinstance(content, list) else []
    is_whole = not strange and role == message["role"] and all(more[key] is message[key] for key in more)
    is_whole &= not isinstance(content, str) or all(slot.block["text"] is content for slot in slots)
    if is_whole and (isinstance(content, str | list) or "content" not in message):
        turn.source = message
    return turn


def _message(item: Any, where: str, findings: Findings) -> tuple[dict[str, Any] | None, str | None]:
    """Return an item as a message, the same object if it is one, and the model that wrote it, if it says so."""
    message: Any = None
    if isinstance(item, dict) and "role" in item:
        message = item
    elif isinstance(item, str) and item.strip():
        message = {"role": "user", "content": item}
    elif is_part(item) and not hasattr(item, "to_dict"):
        message = {"role": "user", "content": [item]}
    else:
        match Plainness().of(item):
            case {"role": _} as said:
                findings.mend("loose-content", where, type(item).__name__)
                return said, _model(said)
            case {"type": str(kind)} as block if kind in KINDS:
                message = {"role": KINDS[kind].roles[0], "content": [block]}
    if message is not item:
        findings.mend("no-message", where, type(item).__name__)
    return message, _model(message)


def _model(message: Any) -> str | None:
    model = message.model if isinstance(message, Answered) else (message or {}).get("model")
    return model if isinstance(model, str) else None


def _role(message: Mapping[str, Any], where: str, findings: Findings) -> str:
    role = message["role"]
    if isinstance(role, str) and role in ROLES:
        return role
    findings.mend("wrong-role", where, repr(role)[:40])
    if isinstance(role, str) and role.lower() in (*ROLE_NAMES, *ROLES):
        return ROLE_NAMES.get(role.lower(), role.lower())
    content = message.get("content")
    kinds = [block.get("type") for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    return "assistant" if any(_roles(kind) == ("assistant",) for kind in kinds) else "user"


def _roles(kind: Any) -> tuple[str, ...]:
    return KINDS[kind].roles if isinstance(kind, str) and kind in KINDS else ()


def _blocks(content: Any, where: str, findings: Findings) -> list[tuple[Any, bool]]:
    """Return the blocks of a message's content, each with whether making it plain lost something."""
    match content:
        case str():
            plain = Plainness()
            words = plain.of(content)
            if plain.is_lossy:
                findings.mend("not-json", f"{where}.content")
            return [({"type": "text", "text": words}, plain.is_lossy)] if words else []
        case list():
            parts: list[Any] = content
        case None:
            return []
        case tuple():
            findings.mend("loose-content", where, "a tuple")
            parts = list(content)
        case _:
            findings.mend("loose-content", where, type(content).__name__)
            parts = [content]
    return [_plain(part, f"{where}.content[{place}]", findings) for place, part in enumerate(parts)]


def _plain(part: Any, where: str, findings: Findings) -> tuple[Any, bool]:
    if is_part(part) and not hasattr(part, "to_dict"):
        return part, False
    plain = Plainness()
    made = plain.of(part)
    if made is not part:
        findings.mend("not-json" if plain.is_lossy else "loose-content", where, type(part).__name__)
    return made, plain.is_lossy


def _more(message: Mapping[str, Any], role: str, where: str, findings: Findings) -> dict[str, Any]:
    """Return the fields that only a system message has."""
    if role != "system":
        return {}
    kept = {key: Plainness().of(message[key]) for key in SYSTEM_FIELDS if key in message}
    try:
        return completed(kept, SYSTEM_FIELDS, (), {}, where, findings)
    except Unfit:
        return {}
