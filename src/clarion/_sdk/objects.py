"""What the API answered as objects of the SDK, which cost more than the work they are for: made when asked for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from anthropic.types import Message, RawMessageStreamEvent

    from clarion._reply import Event, Reply


def sdk_message(reply: Reply) -> Message:
    """Return the message of a reply as the SDK's own object."""
    from anthropic.types import Message

    message = Message.construct(**reply.message)
    message._request_id = reply.request_id  # noqa: SLF001 -- the SDK's own public name for it, underscore and all
    return message


def as_event(event: Event) -> RawMessageStreamEvent | None:
    """Return an event of a stream as the SDK's own object; None for a kind that the SDK does not know."""
    kind = _event_types().get(event["type"])
    return None if kind is None else kind.construct(**event)


@functools.cache
def _event_types() -> dict[str, Any]:
    from anthropic.types import RawMessageStreamEvent

    members = get_args(get_args(RawMessageStreamEvent)[0])  # of Annotated[Union[...], ...]
    return {get_args(member.model_fields["type"].annotation)[0]: member for member in members}
