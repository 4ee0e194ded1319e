"""Where the defaults of a service come from.

Defaults < clarion.toml < environment < arguments. This is the only module that reads the environment;
credentials and the base URL are the SDK's own business and are not read here.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion._budget import Budget
from clarion._config import ClaudeConfig
from clarion._errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _as_bool(text: str) -> bool:
    match text.strip().lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off" | "":
            return False
    raise ValueError(text)


def _as_thinking(text: str) -> str | int:
    return int(text) if text.isdecimal() else text


# Each setting that a file or the environment may hold, and how its text is read.
SETTINGS: dict[str, Callable[[str], object]] = {
    "model": str,
    "max_tokens": int,
    "system": str,
    "thinking": _as_thinking,
    "effort": str,
    "timeout": float,
    "stall_timeout": float,
    "deadline": float,
    "style": str,
    "adjust": str,
    "max_input_tokens": int,
    "max_cost": Decimal,
    "emulate": _as_bool,
    "catalog": str,
    "ledger": str,
}
TABLES = ("tags", "budgets")  # what only a file may hold

# OpenTelemetry's own switch for what was said, and its values that ask for it in spans.
CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CAPTURING = ("true", "span_only", "span_and_event")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a service starts from.

    `config` is the default configuration; `emulate` says whether the emulator answers; `catalog` is the path of a file
    that goes over the catalogue of models; `ledger` that of the file in which every attempt is recorded, and `budgets`
    what may be spent by it; `capture_content` whether prompts and answers are told to OpenTelemetry.
    """

    config: ClaudeConfig = field(default_factory=ClaudeConfig)
    emulate: bool = False
    catalog: Path | None = None
    ledger: Path | None = None
    budgets: tuple[Budget, ...] = ()
    capture_content: bool = False

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read clarion.toml (in the working directory, or where CLARION_CONFIG says), then the environment.

        `CLARION_MODEL`, `CLARION_MAX_TOKENS` and so on take precedence over the file. Raises
        InvalidSettingError that names the file or the variable.
        """
        environ = os.environ if environ is None else environ
        values = {**_from_file(environ.get("CLARION_CONFIG")), **_from_environment(environ)}
        return cls._of(values, capture_content=environ.get(CAPTURE, "").strip().lower() in CAPTURING)

    @classmethod
    def _of(cls, values: dict[str, Any], *, capture_content: bool) -> Settings:
        emulate = values.pop("emulate", False)
        if not isinstance(emulate, bool):
            raise InvalidSettingError(f"emulate must be true or false; got {emulate!r}")
        return cls(
            emulate=emulate,
            catalog=_path("catalog", values.pop("catalog", "")),
            ledger=_path("ledger", values.pop("ledger", "")),
            budgets=_budgets(values.pop("budgets", [])),
            capture_content=capture_content,
            config=ClaudeConfig(**values),
        )


def _path(name: str, value: object) -> Path | None:
    if not isinstance(value, str):
        raise InvalidSettingError(f"{name} must be the path of a file; got {value!r}")
    return Path(value) if value else None


def _budgets(tables: object) -> tuple[Budget, ...]:
    if not isinstance(tables, list):
        raise InvalidSettingError(f"budgets must be a list of tables; got {tables!r}")
    return tuple(map(Budget.of, tables))


def _from_file(named: str | None) -> dict[str, Any]:
    path = Path(named or "clarion.toml")
    if not named and not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSettingError(f"cannot read settings from {path}: {error}") from error
    for name in values:
        if name not in SETTINGS and name not in TABLES:
            known = ", ".join([*SETTINGS, *TABLES])
            raise InvalidSettingError(f"{path} has a setting named {name!r}; known settings: {known}")
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, read in SETTINGS.items():
        variable = f"CLARION_{name.upper()}"
        text = environ.get(variable, "")
        if not text:
            continue
        try:
            values[name] = read(text)
        except (ValueError, ArithmeticError):
            raise InvalidSettingError(f"{variable} has a value that cannot be: {text!r}") from None
    return values
