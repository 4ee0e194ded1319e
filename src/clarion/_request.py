"""One request as Clarion holds it: what to ask (messages) and how (configuration). Frozen; grows by `then`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from clarion._errors import InvalidSettingError
from clarion._tools import Toolbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._config import ClaudeConfig
    from clarion._fit import Adjustment

# Above this the SDK refuses a call that is not streamed: 3,600 s * n / 128,000 would be over ten minutes.
LONGEST_UNSTREAMED = 21_333

# What the token counting endpoint takes of a request.
COUNTED_FIELDS = frozenset(
    {
        *("cache_control", "context_management", "mcp_servers", "messages", "model", "output_config", "speed"),
        *("system", "thinking", "tool_choice", "tools"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, and how."""

    messages: tuple[dict[str, Any], ...]
    config: ClaudeConfig
    toolbox: Toolbox = field(default_factory=Toolbox)
    adjustments: tuple[Adjustment, ...] = ()  # what was changed in the messages on the way here

    def then(self, *messages: dict[str, Any]) -> Request:
        """Return the same request with more messages at its end."""
        return replace(self, messages=(*self.messages, *messages))

    def body(self) -> dict[str, Any]:
        """Return the body of the request as the API takes it. Raises InvalidSettingError for a contradiction."""
        config = self.config
        plain = {
            "system": config.system or None,
            "temperature": config.temperature,
            "stop_sequences": config.stop_sequences,
            "tools": self.toolbox.definitions() or None,
        }
        return {
            "model": config.model,
            "max_tokens": config.max_tokens,
            "messages": list(self.messages),
            **{name: value for name, value in plain.items() if value is not None},
            **_output(config),
            **{name: value for name, value in config.extra.items() if name != "output_config"},
        }

    def headers(self) -> dict[str, str]:
        """Return the headers that this request adds to those of the client."""
        headers = dict(self.config.headers)
        if self.config.betas:
            headers["anthropic-beta"] = ",".join(self.config.betas)
        return headers


def counted(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a request's body that the token counting endpoint takes."""
    return {name: value for name, value in body.items() if name in COUNTED_FIELDS}


def _output(config: ClaudeConfig) -> dict[str, Any]:
    """Return `thinking` and `output_config` as the API takes them."""
    output = dict(config.extra.get("output_config") or {})
    effort = config.effort
    fields: dict[str, Any] = {}
    match config.thinking:
        case None:
            pass
        case "off":
            fields["thinking"] = {"type": "disabled"}
        case str(level):
            if effort not in (None, level):
                raise InvalidSettingError(f"thinking={level!r} and effort={effort!r} ask for two efforts: pass one")
            effort = level
            fields["thinking"] = {"type": "adaptive", "display": "summarized"}
        case int(budget):
            fields["thinking"] = {"type": "enabled", "budget_tokens": budget}
        case mapping:
            fields["thinking"] = dict(mapping)
    if effort:
        output.setdefault("effort", effort)
    if config.output_type is not None:
        from clarion._output import Output

        output["format"] = Output.of(config.output_type).format
    if output:
        fields["output_config"] = output
    return fields
