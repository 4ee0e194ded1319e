"""What a call is made with: its configuration, the options over it, and what each may be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

from clarion._brief import NAMES_ONLY, brief
from clarion._errors import InvalidSettingError
from clarion._numbers import is_number, is_whole
from clarion._retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from clarion._completion import ToolCall
    from clarion._tools import Tool

Effort = Literal["low", "medium", "high", "xhigh", "max"]
Thinking = Effort | Literal["off"] | int | Mapping[str, Any]

Style = Literal["factual", "balanced", "creative"]
CacheSpan = Literal["5m", "1h"]
Adjust = Literal["warn", "strict", "silent"]

EFFORTS: tuple[str, ...] = get_args(Effort)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ClaudeConfig:
    """What a call is made with: a default per service, another per call.

    `model` is an id, an alias, a line ("opus") or a preset ("default", "smart", "fast", "cheap"). `max_tokens` bounds
    the answer, thinking included. `system` is a text or a sequence of text blocks. `thinking` is an effort ("low" ...
    "max": the model decides how long it thinks, and the summary of it is returned), a budget in tokens, "off", or the
    API's own mapping; `effort` sets `output_config.effort` and leaves thinking as the model has it. `style` stands in
    for temperature: it becomes one where the model takes it, and a sentence in the system prompt where it does not.

    `adjust` says what to do with a request that its model would refuse: change it and warn, change it in silence, or
    raise ("strict"). `cache` marks the stable part of the prompt for caching, for five minutes or an hour.
    `max_input_tokens` and `max_cost` (US dollars, if the answer is as long as `max_tokens` allows) are kept before
    anything is sent.

    `tools` are functions, Tools, or definitions of the API; those with a function are run, `max_parallel` at a time,
    each call after `approve` if that is given, and answered, for at most `max_rounds`. `output_type` is a pydantic
    model, a dataclass, a TypedDict, a list, a Literal or an Enum that the answer is made to fit (`completion.parsed`);
    one that does not is sent back `repair_rounds` times.

    `retry` says how persistent a turn is; `resume` whether a stream that breaks after it has shown text is taken up
    from there; `continue_rounds` how often an answer that `max_tokens` cut off is continued. `timeout` bounds one
    read, in seconds; `stall_timeout` how long a stream may be silent once it is open, in seconds (None: as long as
    `timeout` lets it); `deadline` how long the whole turn may take, with its retries, rounds and repairs, in seconds.
    `tags` are for your own accounts and are never sent.
    `extra` goes into the request's body as it is.

    Raises InvalidSettingError for a value that cannot be.
    """

    model: str = "claude-opus-5-5"
    max_tokens: int = 16_000
    system: str | Sequence[Mapping[str, Any]] | None = None
    thinking: Thinking | None = None
    effort: Effort | None = None
    temperature: float | None = None
    stop_sequences: Sequence[str] | None = None
    tools: Sequence[Tool | Callable[..., Any] | Mapping[str, Any]] = ()
    max_rounds: int = 10
    max_parallel: int = 8
    approve: Callable[[ToolCall], Any] | None = None
    output_type: Any = None
    repair_rounds: int = 1
    style: Style | None = None
    cache: bool | CacheSpan = False
    adjust: Adjust = "warn"
    max_input_tokens: int | None = None
    max_cost: float | Decimal | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    resume: bool = True
    continue_rounds: int = 0
    timeout: float | None = None
    stall_timeout: float | None = 120.0
    deadline: float | None = None
    betas: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict, metadata=NAMES_ONLY)
    tags: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict, metadata=NAMES_ONLY)

    __repr__ = brief

    def __post_init__(self) -> None:
        for name, (is_right, wanted) in RULES.items():
            value = getattr(self, name)
            if not (is_right(value) or (value is None and name in OPTIONAL)):
                shown = list(value) if name == "headers" and _is_mapping(value) else value  # they may hold keys
                raise InvalidSettingError(f"{name} must be {wanted}; got {shown!r}")
        for name in LOOKED_INTO.keys() & self.extra.keys():
            (is_right, wanted), value = LOOKED_INTO[name], self.extra[name]
            if value is not None and not is_right(value):
                raise InvalidSettingError(f"{name} must be {wanted}; got {value!r}")

    def but(self, **options: Any) -> ClaudeConfig:
        """Return the same configuration with some options changed.

        What is no field of ClaudeConfig goes into `extra`, and so into the request, as it is. Raises
        InvalidSettingError for a name that is most likely a slip (`max_token`).
        """
        if not options:
            return self
        known = {name: value for name, value in options.items() if name in FIELDS}
        unknown = {name: value for name, value in options.items() if name not in FIELDS}
        for name in unknown:
            _refuse_slip(name)
        extra = {**self.extra, **known.pop("extra", {}), **unknown}
        return replace(self, **known, extra=extra)


def chosen(config: ClaudeConfig | None, default: ClaudeConfig) -> ClaudeConfig:
    """Return the configuration that was passed, else the default. Raises InvalidSettingError for what is none."""
    if config is None:
        return default
    if not isinstance(config, ClaudeConfig):
        raise InvalidSettingError(f"config must be a ClaudeConfig; got {type(config).__name__}")
    return config


class UntypedOptions(TypedDict, total=False):
    """The options that every call takes by keyword, but for `output_type`, which says what its answer is parsed to."""

    model: str
    max_tokens: int
    system: str | Sequence[Mapping[str, Any]] | None
    thinking: Thinking | None
    effort: Effort | None
    temperature: float | None
    stop_sequences: Sequence[str] | None
    max_rounds: int
    max_parallel: int
    approve: Callable[[ToolCall], Any] | None
    repair_rounds: int
    style: Style | None
    cache: bool | CacheSpan
    adjust: Adjust
    max_input_tokens: int | None
    max_cost: float | Decimal | None
    retry: RetryPolicy
    resume: bool
    continue_rounds: int
    timeout: float | None
    stall_timeout: float | None
    deadline: float | None
    betas: Sequence[str]
    headers: Mapping[str, str]
    tags: Mapping[str, str]
    extra: Mapping[str, Any]
    cache_control: Mapping[str, Any]
    container: str | Mapping[str, Any]
    context_management: Mapping[str, Any]
    diagnostics: Mapping[str, Any]
    fallbacks: str | Sequence[Mapping[str, Any]]
    inference_geo: str
    mcp_servers: Sequence[Mapping[str, Any]]
    metadata: Mapping[str, Any]
    output_config: Mapping[str, Any]
    service_tier: Literal["auto", "standard_only"]
    speed: Literal["standard", "fast"]
    tool_choice: Mapping[str, Any]
    tools: Sequence[Tool | Callable[..., Any] | Mapping[str, Any]]


class Options(UntypedOptions, total=False):
    """The options that every call takes by keyword: the fields of ClaudeConfig and those of the API."""

    output_type: Any


def _is_thinking(value: object) -> bool:
    if isinstance(value, str):
        return value in EFFORTS or value == "off"
    if isinstance(value, Mapping):
        return value.get("budget_tokens") is None or is_whole(value["budget_tokens"], 0)
    return is_whole(value, 1)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_system(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Sequence) and all(map(_is_mapping, value)))


def _are_texts(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(each, str) for each in value)


def _are_headers(value: object) -> bool:
    texts = (text for pair in value.items() for text in pair) if isinstance(value, Mapping) else (None,)
    return all(isinstance(text, str) and text.isprintable() for text in texts)


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model": (lambda v: isinstance(v, str) and v.strip() == v != "", "the id of a model"),
    "max_tokens": (lambda v: is_whole(v, 0), "a whole number of tokens"),
    "system": (_is_system, "a text or a sequence of text blocks"),
    "thinking": (_is_thinking, f"one of {', '.join(EFFORTS)}, off, a budget in tokens, or a mapping"),
    "effort": (lambda v: v in EFFORTS, f"one of {', '.join(EFFORTS)}"),
    "temperature": (lambda v: is_number(v) and math.isfinite(v), "a number"),
    "stop_sequences": (_are_texts, "a sequence of texts"),
    "tools": (lambda v: isinstance(v, Sequence) and not isinstance(v, str), "a sequence of tools"),
    "max_rounds": (lambda v: is_whole(v, 1), "a whole number of rounds from 1"),
    "max_parallel": (lambda v: is_whole(v, 1), "a whole number of calls from 1"),
    "approve": (callable, "a function of a ToolCall"),
    "repair_rounds": (lambda v: is_whole(v, 0), "a whole number of rounds"),
    "style": (lambda v: v in get_args(Style), f"one of {', '.join(get_args(Style))}"),
    "cache": (lambda v: isinstance(v, bool) or v in get_args(CacheSpan), "true, false, 5m or 1h"),
    "adjust": (lambda v: v in get_args(Adjust), f"one of {', '.join(get_args(Adjust))}"),
    "max_input_tokens": (lambda v: is_whole(v, 1), "a whole number of tokens"),
    "max_cost": (lambda v: is_number(v) and v >= 0, "a number of US dollars"),
    "retry": (lambda v: isinstance(v, RetryPolicy), "a RetryPolicy"),
    "resume": (lambda v: isinstance(v, bool), "true or false"),
    "continue_rounds": (lambda v: is_whole(v, 0), "a whole number of rounds"),
    "timeout": (lambda v: is_number(v) and v > 0, "a number of seconds above 0"),
    "stall_timeout": (lambda v: is_number(v) and v > 0, "a number of seconds above 0"),
    "deadline": (lambda v: is_number(v) and v > 0, "a number of seconds above 0"),
    "betas": (lambda v: isinstance(v, Sequence) and not isinstance(v, str), "a sequence of beta names"),
    "headers": (_are_headers, "a mapping of header names to texts, all of one line"),
    "tags": (_is_mapping, "a mapping of names to texts"),
    "extra": (_is_mapping, "a mapping of fields of the request"),
}

# Fields of the API that fitting looks into.
LOOKED_INTO: dict[str, tuple[Callable[[Any], bool], str]] = {
    "cache_control": (_is_mapping, "a mapping, as the API takes it"),
    "output_config": (
        lambda v: _is_mapping(v) and isinstance(v.get("effort") or "", str),
        "a mapping, as the API takes it, its effort a text",
    ),
    "tool_choice": (_is_mapping, "a mapping, as the API takes it"),
    "top_k": (lambda v: is_whole(v, 0), "a whole number"),
    "top_p": (is_number, "a number"),
}
FIELDS = frozenset(f.name for f in fields(ClaudeConfig))
OPTIONAL = frozenset(f.name for f in fields(ClaudeConfig) if f.default is None) | {"stall_timeout"}
ELSEWHERE = {  # what is said otherwise, here or by the SDK
    "stream": "call stream() for an answer as it is written",
    "messages": "the prompt itself may be a list of messages",
    "max_retries": "pass retry=RetryPolicy(attempts=...)",
    "extra_headers": "pass headers=",
    "extra_body": "pass extra=, or the fields themselves",
    "api_key": "it is an argument of the service",
    "base_url": "it is an argument of the service",
}
API_FIELDS = frozenset(Options.__annotations__) - FIELDS


def is_well_formed(name: str, value: object) -> bool:
    """Whether a value has the form that a setting, or a field of the API that fitting looks into, should have."""
    is_right, _ = RULES.get(name) or LOOKED_INTO[name]
    return is_right(value)


def _refuse_slip(name: str) -> None:
    if name in API_FIELDS:
        return
    if name in ELSEWHERE:
        raise InvalidSettingError(f"no option named {name!r}: {ELSEWHERE[name]}")
    import difflib

    near = difflib.get_close_matches(name, FIELDS | API_FIELDS, n=1, cutoff=0.8)
    if near:
        raise InvalidSettingError(
            f"no option named {name!r}: did you mean {near[0]!r}? To send it all the same, pass extra={{{name!r}: ...}}"
        )
