"""What is to be digested, for what, and in pieces of which size."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from clarion._cost import input_rates
from clarion._digest.asking import Asking
from clarion._errors import InvalidPromptError, InvalidSettingError
from clarion._limits import estimate
from clarion._numbers import is_whole
from clarion._retry import RetryPolicy
from clarion._tokens import table, units_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from pathlib import Path

    from clarion._catalog import Model
    from clarion._config import ClaudeConfig
    from clarion._digest.library import Sources
    from clarion._digest.progress import DigestProgress

PIECE = 32_000  # tokens of a piece: a tenth of what models read without losing much, and under every rise of prices
OVERLAP = 200  # tokens
CONCURRENCY = 8  # calls under way, each of which holds its piece in memory
LEAST_PIECE = 200  # tokens

NOTE_SHARE = 32  # notes are asked for that are this many times shorter than their piece
LEAST_NOTE = 100
MERGE = 4  # notes put together may be so many times as long as those on a piece
NOTES_READ = 3  # times the tokens of a piece are read at once when they are notes
THINKING_ROOM = 4_000  # tokens that a model may think before it writes notes
SURE = 0.9  # of a window are filled by an estimate
PATIENCE = RetryPolicy(attempts=8, deadline=900.0, cap=60.0)

REFUSED = ("output_type", "tools")  # options of ClaudeConfig that go with no citations, or no pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The arguments of `ClaudeService.digest`, and the address that answers, the `origin`.

    Raises InvalidSettingError and InvalidPromptError.
    """

    sources: Sources
    instruction: str
    config: ClaudeConfig
    origin: str
    store: Path | None = None
    piece_tokens: int | None = None
    overlap: int = OVERLAP
    concurrency: int = CONCURRENCY
    budget: Decimal | None = None
    on_progress: Callable[[DigestProgress], object] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        instruction: object = self.instruction
        if not isinstance(instruction, str) or not instruction.strip():
            raise InvalidPromptError(f"the instruction must be a text that says what to do; got {instruction!r}")
        for name in REFUSED:
            if getattr(self.config, name):
                raise InvalidSettingError(f"a digest takes no {name}: its answers cite, which excludes it")
        if "format" in (self.config.extra.get("output_config") or {}):
            raise InvalidSettingError("a digest takes no output_config.format: its answers cite, which excludes it")
        for name, value, least in (
            ("piece_tokens", self.piece, LEAST_PIECE),
            ("overlap", self.overlap, 0),
            ("concurrency", self.concurrency, 1),
        ):
            if not is_whole(value, least):
                raise InvalidSettingError(f"{name} must be a whole number from {least}; got {value!r}")
        if self.overlap > self.piece // 4:
            raise InvalidSettingError(
                f"overlap must be at most a quarter of piece_tokens ({self.piece // 4}); got {self.overlap}"
            )

    @property
    def piece(self) -> int:
        """The tokens of a piece."""
        return PIECE if self.piece_tokens is None else self.piece_tokens

    @property
    def note(self) -> int:
        """The tokens that notes on a piece are to have."""
        return max(LEAST_NOTE, self.piece // NOTE_SHARE)

    def notes_read(self, model: Model | None) -> float:
        """Return how many tokens of notes one call reads."""
        return min(NOTES_READ * self.piece, max(self.piece, self._most(model)))

    def whole(self, model: Model | None) -> float:
        """Return how many tokens of documents one call may read; no more than pieces of a size that was asked for."""
        return self._most(model) if self.piece_tokens is None else self.piece_tokens

    def check(self, model: Model | None) -> None:
        """Raise InvalidSettingError for pieces that do not fit the window of the model."""
        window = model.context_window if model else None
        if model and window and self.piece > SURE * (window - 2 * self.note - self.room(model)):
            raise InvalidSettingError(
                f"piece_tokens={self.piece:,} is more than {model.id} reads at once: "
                f"its window has {window:,} tokens, for a piece and the notes on it"
            )

    def _most(self, model: Model | None) -> float:
        """Return what a call may read of the window of a model, under the length from which on it costs more."""
        if model is None or model.context_window is None:
            return self.piece
        rises = (start for start, _ in input_rates(model.id, model) or () if start > 0)
        return SURE * min(*rises, model.context_window - self.config.max_tokens, model.context_window)

    def room(self, model: Model | None) -> int:
        """Return the tokens that are left for thinking where notes are taken; 0 if none is done."""
        thinking = self.config.thinking
        if isinstance(thinking, int):
            return max(THINKING_ROOM, thinking)
        if thinking is None:
            return THINKING_ROOM if model is None or model.thinks in ("always", "on") else 0
        return 0 if thinking == "off" or thinking == {"type": "disabled"} else THINKING_ROOM

    def asking(self, model: Model | None) -> Asking:
        """Return how the calls are made: patiently, and the notes with little effort unless another is asked for.

        What they begin with is marked for the prompt cache if it is long enough for that.
        """
        config = self.config
        if config.retry == RetryPolicy():
            config = config.but(retry=PATIENCE)
        noting: dict[str, Any] = {"max_tokens": 2 * self.note + self.room(model), "cache": False}
        if config.effort is None and config.thinking is None and model and "low" in (model.efforts or ()):
            noting["effort"] = "low"
        asking = Asking(
            instruction=self.instruction,
            config=config,
            noting=config.but(**noting),
            note_tokens=self.note,
            merge_tokens=MERGE * self.note,
        )
        least = model.min_cacheable if model else None
        if not least or not config.cache:
            return asking
        rules = {"messages": [], "system": asking.notes(()).body()["system"]}
        return replace(asking, marks_rules=estimate(rules, model).tokens >= least)


def scales(model: Model | None) -> Callable[[str], float]:
    """Return what tells about how many tokens a text is: by the table of units, which takes a second for megabytes."""
    prices = table(model.tokenizer if model and model.tokenizer else "new")
    return lambda text: prices.tokens(units_of(text))
