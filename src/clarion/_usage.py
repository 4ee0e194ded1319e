"""The tokens a turn used, by the names and in the classes of the API's own `usage`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS = ("cache_creation", "output_tokens_details", "server_tool_use")  # of counts, within the API's usage


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
        """Read the `usage` of a message; what a server leaves out counts as none."""
        flat = usage
        for group in GROUPS:
            if inside := usage.get(group):
                flat = {**flat, **inside}
        return cls(
            input_tokens=flat.get("input_tokens") or 0,
            output_tokens=flat.get("output_tokens") or 0,
            cache_creation_input_tokens=flat.get("cache_creation_input_tokens") or 0,
            cache_read_input_tokens=flat.get("cache_read_input_tokens") or 0,
            ephemeral_1h_input_tokens=flat.get("ephemeral_1h_input_tokens") or 0,
            thinking_tokens=flat.get("thinking_tokens") or 0,
            web_search_requests=flat.get("web_search_requests") or 0,
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


NAMES = tuple(f.name for f in fields(Usage))
