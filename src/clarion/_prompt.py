"""What a user may write as a prompt, and the messages it becomes.

A text, one part, a list of parts (texts, images, documents, content blocks), or a list of messages as the SDK takes
them, whose content may hold the same parts. Messages are made in two steps, because images and documents are read from
files and fitted to the model: `drafted` checks everything and leaves them in, `with_blocks` puts blocks in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, runtime_checkable

from clarion._errors import InvalidPromptError

if TYPE_CHECKING:
    from anthropic.types import ContentBlockParam, MessageParam

ROLES = ("user", "assistant", "system")


@runtime_checkable
class Part(Protocol):
    """Something that becomes one content block, such as an image or a document."""

    def block(self) -> dict[str, Any]:
        """Return the content block; this may read a file."""
        ...


Message = dict[str, Any]


def is_part(value: object) -> TypeGuard[Part]:
    """Whether a value is a part; plain data is told apart without the long look that a protocol takes."""
    return not isinstance(value, str | dict | list | tuple) and isinstance(value, Part)


if TYPE_CHECKING:
    Prompt = str | Part | Sequence[str | Part | ContentBlockParam | MessageParam]


class Answered(dict[str, Any]):
    """An assistant message of a transcript, which remembers the model that wrote it: only that one reads its thinking.

    In every other respect it is the plain message it holds.
    """

    __slots__ = ("model",)

    def __init__(self, message: Mapping[str, Any], model: str) -> None:
        super().__init__(message)
        self.model = model

    def __reduce__(self) -> tuple[type[Answered], tuple[dict[str, Any], str]]:
        return Answered, (dict(self), self.model)


def drafted(prompt: Prompt) -> list[Message]:
    """Return the messages that a prompt becomes, whose content may still hold images and documents.

    Raises InvalidPromptError, which names the part that cannot be.
    """
    parts: Any = [prompt] if isinstance(prompt, str) or is_part(prompt) else prompt
    if not _is_list(parts):
        raise InvalidPromptError(
            "a prompt is a text, an image, a document, a list of these, or a list of messages; "
            f"got {type(prompt).__name__}"
        )
    if not parts:
        raise InvalidPromptError("the prompt is an empty list: there is nothing to send")
    is_message = [_is_message(part) for part in parts]
    if all(is_message):
        return [_message(message, f"message {index}") for index, message in enumerate(parts)]
    if any(is_message):
        raise InvalidPromptError(
            "the prompt mixes messages (with a role) and content: "
            f"item {is_message.index(False)} is no message; put it into the content of one"
        )
    return [{"role": "user", "content": _content(parts, "the prompt")}]


def parts_of(messages: list[Message]) -> list[Part]:
    """Return the images and documents that are still in the content of messages, in order."""
    return [
        block
        for message in messages
        if not isinstance(message["content"], str)
        for block in message["content"]
        if is_part(block)
    ]


def with_blocks(messages: list[Message], blocks: list[dict[str, Any]]) -> list[Message]:
    """Return the messages with these blocks in place of their images and documents."""
    made = iter(blocks)
    return [
        message
        if isinstance(message["content"], str) or not parts_of([message])
        else {
            **message,
            "content": [next(made) if is_part(block) else block for block in message["content"]],
        }
        for message in messages
    ]


def images_in(messages: list[Message]) -> int:
    """Return how many images the messages hold already as blocks, those in tool results included."""
    return sum(
        _images(block) for message in messages if isinstance(message["content"], list) for block in message["content"]
    )


def _images(block: Any) -> int:
    match block:
        case {"type": "image"}:
            return 1
        case {"type": "tool_result", "content": list(parts)}:
            return sum(map(_images, parts))
    return 0


def _is_list(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray))


def _is_message(value: object) -> bool:
    return not isinstance(value, str) and isinstance(value, Mapping) and "role" in value


def _message(message: Mapping[str, Any], where: str) -> Message:
    if message["role"] not in ROLES:
        raise InvalidPromptError(f"{where} has the role {message['role']!r}; roles: {', '.join(ROLES)}")
    if "content" not in message:
        raise InvalidPromptError(f"{where} has no content")
    if isinstance(message, Answered):
        return message
    content = message["content"]
    return {**message, "content": content if isinstance(content, str) else _content(content, where)}


def _content(parts: Any, where: str) -> Any:
    if not _is_list(parts):
        raise InvalidPromptError(f"the content of {where} is a {type(parts).__name__}; it must be a text or a list")
    return [_block(part, f"part {index} of {where}") for index, part in enumerate(parts)]


def _block(part: Any, where: str) -> Any:
    match part:
        case str():
            if not part.strip():
                raise InvalidPromptError(f"{where} is empty text, which the API refuses: {part!r}")
            return {"type": "text", "text": part}
        case Mapping() if "type" in part:
            if part["type"] == "text" and not isinstance(part.get("text"), str):
                raise InvalidPromptError(
                    f"{where} is a text block whose text is {part.get('text')!r}; it must be a text"
                )
            return part
    if is_part(part):
        return part
    if hasattr(part, "to_dict"):  # a content block of the SDK, echoed from a reply
        return part.to_dict()
    raise InvalidPromptError(
        f"{where} is a {_kind(part)}; it must be a text, an Image, a Document or a content block with a type"
    )


def _kind(part: object) -> str:
    """Return what a part is, and how it could be one, where that can be guessed."""
    kind = type(part)
    if isinstance(part, bytes) or hasattr(part, "__fspath__"):
        return f"{kind.__name__} (pass Image(...) or Document(...) of it)"
    if kind.__module__.startswith("PIL."):
        return "picture of Pillow (pass clarion's Image(...) of it)"
    return kind.__name__
