"""The one door to the official SDK: clients, calls that carry bytes, and the SDK's errors as values.

    doors ──▶ streams ──▶ replies ──▶ objects
          ──▶ belonging (connections of this process and loop), unsent (what cannot be sent)
    clients, failures

Nothing else in Clarion imports `anthropic`, whose import takes more than a second of CPU; here it happens inside
functions. Credentials, base URL, headers and API version are always the SDK client's.
"""

from clarion._sdk.clients import account_of, address_of, async_client, client, credentials_of, is_emulated, peer_of
from clarion._sdk.doors import COUNT_TOKENS, MESSAGES, Answer, AsyncDoor, Door
from clarion._sdk.failures import SHOULD_RETRY, failure_of, retry_after_in
from clarion._sdk.objects import as_event, sdk_message
from clarion._sdk.replies import EMULATOR
from clarion._sdk.streams import AsyncEventStream, EventStream, Lines

__all__ = [
    "COUNT_TOKENS",
    "EMULATOR",
    "MESSAGES",
    "SHOULD_RETRY",
    "Answer",
    "AsyncDoor",
    "AsyncEventStream",
    "Door",
    "EventStream",
    "Lines",
    "account_of",
    "address_of",
    "as_event",
    "async_client",
    "client",
    "credentials_of",
    "failure_of",
    "is_emulated",
    "peer_of",
    "retry_after_in",
    "sdk_message",
]
