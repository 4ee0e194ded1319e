"""What a user may write as a prompt, and the messages it becomes.

A text, one part, a list of parts (texts, images, documents, content blocks), or a list of messages as the SDK takes
them, whose content may hold the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

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


def messages_of(prompt: Prompt) -> tuple[MessageParam, ...]:
    """Return the messages that a prompt becomes.

    Raises InvalidPromptError, which names the part that cannot be, and MediaError for an image or a document that
    cannot be read.
    """
    parts: Any = [prompt] if isinstance(prompt, str | Part) else prompt
    if not _is_list(parts):
        raise InvalidPromptError(
            "a prompt is a text, an image, a document, a list of these, or a list of messages; "
            f"got a {type(prompt).__name__}"
        )
    if not parts:
        raise InvalidPromptError("the prompt is an empty list: there is nothing to send")
    is_message = [_is_message(part) for part in parts]
    if all(is_message):
        return tuple(_message(message, f"message {index}") for index, message in enumerate(parts))
    if any(is_message):
        raise InvalidPromptError(
            "the prompt mixes messages (with a role) and content: "
            f"item {is_message.index(False)} is no message; put it into the content of one"
        )
    return ({"role": "user", "content": _content(parts, "the prompt")},)


def reads_files(prompt: Any) -> bool:
    """Whether making messages of the prompt may read a file, which must not happen on an event loop."""
    match prompt:
        case str():
            return False
        case Part():
            return True
        case Mapping():
            return reads_files(prompt.get("content", ""))
        case Sequence():
            return any(map(reads_files, prompt))
    return False


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _is_message(value: object) -> bool:
    return isinstance(value, Mapping) and "role" in value


def _message(message: Mapping[str, Any], where: str) -> MessageParam:
    if message["role"] not in ROLES:
        raise InvalidPromptError(f"{where} has the role {message['role']!r}; roles: {', '.join(ROLES)}")
    if "content" not in message:
        raise InvalidPromptError(f"{where} has no content")
    if isinstance(message, Answered):
        return cast("MessageParam", message)
    content = message["content"]
    whole = {**message, "content": content if isinstance(content, str) else _content(content, where)}
    return cast("MessageParam", whole)


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
        case Part():
            return part.block()
        case Mapping() if "type" in part:
            return part
    if hasattr(part, "to_dict"):  # a content block of the SDK, echoed from a reply
        return part.to_dict()
    raise InvalidPromptError(
        f"{where} is a {type(part).__name__}; it must be a text, an Image, a Document or a content block with a type"
    )
