"""The tokens a turn used, by the names and in the classes of the API's own `usage`.

Some calls are several: the API compacts the context first, asks an advisor, or another model after a refusal. Then
`usage.iterations` lists them all, and the totals beside it leave out what did not make the answer (Claude
documentation, "Compaction" and "Server-side fallback", November 2026). What is paid is the sum of the list.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens by class; usages of several calls add up with `+`.

    `input_tokens` are those after the last cache mark only, as the API counts them; `total_input_tokens` is
    what the model read. `output_tokens` include thinking. The cache writes of five minutes and of one hour
    are two parts of `cache_creation_input_tokens`.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0
    thinking_tokens: int = 0
    web_search_requests: int = 0

    @classmethod
    def of(cls, usage: Mapping[str, Any]) -> Usage:
        """Read the `usage` of a message: all that is paid. What a server leaves out counts as none."""
        return sum_of(parts_of(usage))

    @classmethod
    def of_context(cls, usage: Mapping[str, Any]) -> Usage:
        """Read from the `usage` of a message what its last answer alone read and wrote: how long the context is."""
        answers = [each for each in usage.get("iterations") or () if each.get("type") in ANSWERING]
        return cls._told(answers[-1] if answers else usage)

    @classmethod
    def _told(cls, usage: Mapping[str, Any]) -> Usage:
        return cls(
            input_tokens=usage.get("input_tokens") or 0,
            output_tokens=usage.get("output_tokens") or 0,
            cache_creation_input_tokens=usage.get("cache_creation_input_tokens") or 0,
            cache_read_input_tokens=usage.get("cache_read_input_tokens") or 0,
            ephemeral_1h_input_tokens=(usage.get("cache_creation") or NONE).get("ephemeral_1h_input_tokens") or 0,
            thinking_tokens=(usage.get("output_tokens_details") or NONE).get("thinking_tokens") or 0,
            web_search_requests=(usage.get("server_tool_use") or NONE).get("web_search_requests") or 0,
        )

    @property
    def total_input_tokens(self) -> int:
        """Everything the model read: new input, cache writes and cache reads."""
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})

    def to_dict(self) -> dict[str, int]:
        """Return the tokens by class as plain data."""
        return asdict(self)


Part = tuple[str | None, Usage]

NAMES = tuple(f.name for f in fields(Usage))
ANSWERING = ("message", "fallback_message")  # iterations that make an answer, or a part of it


def parts_of(usage: Mapping[str, Any]) -> list[Part]:
    """Return what is paid of a message, by model; None stands for the model of the message.

    Where the list of iterations has nothing that the totals leave out, the totals are the one part.
    """
    told = Usage._told(usage)  # noqa: SLF001 -- of this module
    iterations: list[Mapping[str, Any]] = usage.get("iterations") or []
    if not iterations or all(each.get("type") == "message" and not each.get("model") for each in iterations):
        return [(None, told)]
    only_told = Usage(thinking_tokens=told.thinking_tokens, web_search_requests=told.web_search_requests)
    return [(None, only_told), *((each.get("model"), Usage._told(each)) for each in iterations)]  # noqa: SLF001


def sum_of(parts: list[Part]) -> Usage:
    """Return all that is paid of a message."""
    return parts[0][1] if len(parts) == 1 else sum((usage for _, usage in parts), Usage())
