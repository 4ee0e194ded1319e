"""What can be found: one table, of which the documentation, `--explain` and the rules of SARIF are made.

Hundreds: 1 models, 2 what a request asks, 3 what the SDK no longer has, 4 how an answer is read, 5 errors and crowds,
6 tests, 7 money. A code is never given to anything else.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from clarion._errors import InvalidSettingError

Severity = Literal["error", "warning", "note"]

PAGE = "docs/check.md"


class Code(NamedTuple):
    """A kind of finding: what it is called, how grave it is, why it matters and what to do, and what `--fix` does."""

    code: str
    name: str
    severity: Severity
    summary: str
    advice: str
    fix: str = ""

    @property
    def link(self) -> str:
        """Where the documentation has it."""
        return f"{PAGE}#{self.code.lower()}"


CODES: tuple[Code, ...] = (
    Code(
        "CLA101",
        "retired-model",
        "error",
        "A model that is retired: the API answers 404.",
        "Use its successor, and keep the name in one place of your configuration. Where Clarion itself is given "
        "the name, it asks the successor, and this is a note.",
        "writes the successor's id",
    ),
    Code(
        "CLA102",
        "retiring-model",
        "warning",
        "A model whose retirement is near (`--horizon`, 90 days by default).",
        "Move to its successor before the date. It may refuse what the old model took: check again after the change.",
    ),
    Code(
        "CLA103",
        "retired-model-elsewhere",
        "warning",
        "A model of Bedrock or Google Cloud that is retired, or soon will be, on the Claude API.",
        "These platforms keep schedules of their own: look up the date there, and move in time.",
    ),
    Code(
        "CLA201",
        "removed-argument",
        "error",
        "`temperature`, `top_p` or `top_k` in a call of the SDK, which has no such parameter: `TypeError`.",
        "Leave them out, and say in the prompt how the answer should be. With Clarion, `style=` does that.",
        "drops the argument",
    ),
    Code(
        "CLA202",
        "removed-field",
        "error",
        "`temperature`, `top_p` or `top_k` in the body of a request: the API refuses them, at any value, with 400.",
        "Leave them out. Only under the API version before, and on models before Claude 4.7, are they taken.",
        "drops the field",
    ),
    Code(
        "CLA211",
        "thinking-budget",
        "error",
        "A thinking budget on a model that takes none: 400.",
        'Ask for `thinking={"type": "adaptive"}` and say how hard by `output_config={"effort": ...}`.',
        "writes adaptive thinking, with the effort that stands for the budget ([fitting](fitting.md))",
    ),
    Code(
        "CLA212",
        "thinking-type",
        "error",
        "A type of thinking that the model does not take: 400.",
        "Newer models cannot be kept from thinking: a low effort keeps it short. Older ones know only budgets.",
        "writes the nearest that the model takes",
    ),
    Code(
        "CLA213",
        "budget-bounds",
        "error",
        "A thinking budget below 1,024 tokens, or not below `max_tokens`: 400.",
        "Raise `max_tokens`, or lower the budget.",
        "bounds the budget",
    ),
    Code(
        "CLA214",
        "effort",
        "error",
        "An effort that the model does not offer, or not while thinking is off: 400.",
        "Use one that it offers: `clarion models NAME` lists them.",
        "writes the nearest that is offered",
    ),
    Code(
        "CLA221",
        "forced-tool",
        "error",
        "A forced tool (`tool_choice` any or tool) on a model that cannot be made to call one: 400.",
        "Ask for the call in the system prompt, or for JSON by `output_config.format`.",
    ),
    Code(
        "CLA222",
        "prefill",
        "error",
        "A last message of the assistant, to begin the answer with, on a model that takes none: 400.",
        "Say in the prompt how the answer begins, or ask for a format (`output_config.format`).",
    ),
    Code(
        "CLA223",
        "max-tokens",
        "error",
        "`max_tokens` above what the model gives: 400.",
        "Lower it; `clarion models NAME` has the limit.",
        "lowers it to the limit",
    ),
    Code(
        "CLA224",
        "unstreamed",
        "error",
        "`max_tokens` so high that the SDK will not wait for the answer without streaming: `ValueError`.",
        "Stream, or give the call or the client a `timeout`.",
    ),
    Code(
        "CLA225",
        "unavailable-option",
        "error",
        "`speed` or `inference_geo` on a model that does not have them.",
        "Leave them out.",
        "drops the argument",
    ),
    Code(
        "CLA301",
        "removed-count-tokens",
        "error",
        "`client.count_tokens` or `client.get_tokenizer`, which are gone: `AttributeError`.",
        "`client.messages.count_tokens(model=..., messages=...)` counts; it is a request of its own.",
        "writes that, where one text is counted and the module asks only one model",
    ),
    Code(
        "CLA302",
        "removed-completions",
        "error",
        "Text completions (`client.completions`, `HUMAN_PROMPT`, `AI_PROMPT`), which are gone.",
        "Use `client.messages`.",
    ),
    Code(
        "CLA303",
        "removed-beta",
        "error",
        "`client.beta.tools` or `client.beta.prompt_caching`, which are gone: `AttributeError`.",
        "They are part of `client.messages`.",
        "writes `client.messages`",
    ),
    Code(
        "CLA304",
        "called-union",
        "error",
        "`MessageParam(...)`, which is a union of types now: `TypeError`.",
        "Write a dictionary.",
        "writes `dict(...)`",
    ),
    Code(
        "CLA401",
        "first-block",
        "warning",
        "`content[0].text`: the first block may be thinking or a tool call, and after a refusal there may be none.",
        "Join the text of the blocks whose type is text. Asking for the type of the block first is enough, too.",
        "writes that",
    ),
    Code(
        "CLA501",
        "unbounded-gather",
        "warning",
        "Calls of the API for all items at once, unbounded: they meet limits, time-outs and each other's retries.",
        "Hold a semaphore or a limiter in the task, gather in parts, or send a batch. Clarion's `batch_process` is "
        "bounded.",
    ),
    Code(
        "CLA502",
        "overloaded-stream",
        "warning",
        "`except OverloadedError` around a stream: an overload within it is an `APIStatusError` with status 200.",
        "Catch `APIStatusError` and look at its `type`.",
    ),
    Code(
        "CLA503",
        "retry-by-lambda",
        "error",
        "`retry=` of tenacity with a function of the error: it gets a `RetryCallState`, so nothing is retried.",
        "Use `retry_if_exception_type(...)` or `retry_if_exception(...)`, and keep the SDK from retrying as well.",
        "wraps it in `retry_if_exception`",
    ),
    Code(
        "CLA504",
        "bare-error",
        "error",
        "An error of the SDK made without its request or response: `TypeError`.",
        "Raise an error of your own.",
    ),
    Code(
        "CLA601",
        "httpx-object",
        "error",
        "An `httpx` client or timeout given to the SDK, which uses `httpx2`: `TypeError`.",
        "Make it of `httpx2`.",
    ),
    Code(
        "CLA602",
        "deaf-mock",
        "error",
        "`respx`, or `pytest-httpx`, answering for the API: they patch `httpx`, and the SDK uses `httpx2`.",
        "Use `httpx2.MockTransport`, or Clarion's fixture `claude_emulator` ([testing](testing.md)).",
    ),
    Code(
        "CLA701",
        "price-in-code",
        "warning",
        "Prices of models in code: they change, and depend on prompt length, cache, batches and speed.",
        "Take them from `genai-prices`, or let Clarion keep a ledger ([costs](cost.md)).",
    ),
)

BY_CODE = {code.code: code for code in CODES}


def codes_of(selector: str) -> frozenset[str]:
    """Return the codes that a code ("CLA101"), its beginning ("CLA1") or a name ("retired-model") stands for.

    Raises InvalidSettingError if there is none.
    """
    found = frozenset(
        code.code for code in CODES if code.name == selector or (selector and code.code.startswith(selector.upper()))
    )
    if not found:
        raise InvalidSettingError(f"no code or name of a check is {selector!r}: see `clarion check --list`")
    return found
