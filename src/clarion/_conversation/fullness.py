"""When a conversation is full, and how it is made shorter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from clarion._conversation.history import ConversationTurn
from clarion._errors import InvalidSettingError
from clarion._repair.blocks import COMPACTION_BETA

if TYPE_CHECKING:
    from clarion._catalog import Model
    from clarion._completion import Completion
    from clarion._config import ClaudeConfig
    from clarion._prompt import Message

OnFull = Literal["error", "summarize", "compact"]

SUMMARY_TOKENS = 16_000  # the longest summary
SUMMARIZE = (
    "Sum up our conversation so far, so that it can go on from your summary alone. Keep what I want and why, what was "
    "found, decided and done, with every name, number, path and wording that may be needed again, and what is open. "
    "Write the summary and nothing else."
)
SUMMARY = "This is a summary of our conversation so far:\n\n<summary>\n{text}\n</summary>"
SHAPES = ("tool_choice", "context_management", "output_config")  # of an answer, in the way of a summary


@dataclass(frozen=True, slots=True)
class Watch:
    """What to do when a conversation is full, and at how many input tokens it is (None: by its model's window).

    Raises InvalidSettingError for a value that cannot be.
    """

    on_full: OnFull = "error"
    full_at: int | None = None

    def __post_init__(self) -> None:
        if self.on_full not in get_args(OnFull):
            raise InvalidSettingError(f"on_full must be one of {', '.join(get_args(OnFull))}; got {self.on_full!r}")
        full_at: object = self.full_at
        if full_at is not None and (not isinstance(full_at, int) or full_at < 1):
            raise InvalidSettingError(f"full_at must be a whole number of tokens from 1; got {full_at!r}")

    def limit(self, config: ClaudeConfig, model: Model | None) -> int | None:
        """Return at how many input tokens a conversation is full, which leaves room for the answer; None: unknown."""
        if self.full_at is not None:
            return self.full_at
        if model is None or model.context_window is None:
            return None
        return model.context_window - min(config.max_tokens, model.max_output or config.max_tokens)


def summary_request(
    messages: list[Message], config: ClaudeConfig, on_full: OnFull
) -> tuple[list[Message], ClaudeConfig]:
    """Return what is sent for a summary of messages: in words of ours, or by the API's own compaction."""
    extra = {name: value for name, value in config.extra.items() if name not in SHAPES}
    config = config.but(output_type=None, stop_sequences=None, max_tokens=SUMMARY_TOKENS)
    if on_full == "compact":
        extra["compaction"] = {"type": "summarize"}
        return messages, replace(config, extra=extra, betas=with_beta(config.betas))
    if config.tools:
        extra["tool_choice"] = {"type": "none"}
    return [*messages, {"role": "user", "content": SUMMARIZE}], replace(config, extra=extra)


def summary_turn(completion: Completion, ground: str) -> ConversationTurn | None:
    """Return the turn from which a conversation goes on after a summary; None if there is no whole summary."""
    content: Any = completion.content
    compacted = [block for block in content if block["type"] == "compaction"]
    if not compacted and (completion.truncated or not completion.text.strip()):
        return None
    if any(block.get("content") is None for block in compacted):
        return None
    words = compacted or SUMMARY.format(text=completion.text)
    return ConversationTurn(
        messages=({"role": "user", "content": words},),
        kind="summary",
        model=completion.model,
        ground=ground,
        usage=completion.usage,
        cost=completion.cost,
    )


def for_messages(config: ClaudeConfig, messages: list[Message]) -> ClaudeConfig:
    """Return the configuration with what the messages need to be taken: a beta, if they open with a compaction."""
    first = messages[0]["content"] if messages else ""
    if isinstance(first, str) or not any(block.get("type") == "compaction" for block in first):
        return config
    return config.but(betas=with_beta(config.betas))


def with_beta(betas: Any) -> tuple[str, ...]:
    """Return the betas with that of compaction among them."""
    return tuple(dict.fromkeys((*betas, COMPACTION_BETA)))
