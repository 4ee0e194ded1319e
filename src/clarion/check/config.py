"""What a project wants of a check: `[tool.clarion.check]` in its pyproject.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion._errors import InvalidSettingError
from clarion.check.codes import BY_CODE, codes_of
from clarion.check.facts import HORIZON

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What is looked for, and where.

    `select` and `ignore` are codes, beginnings of codes or names; `exclude` patterns of names or paths that are left
    out; `per_file_ignores` such patterns with what is not looked for there; `horizon` is in days. Paths are those from
    `root`.
    """

    root: Path = field(default_factory=Path)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    horizon: int = HORIZON
    gitignore: bool = True

    @property
    def codes(self) -> frozenset[str]:
        """The codes that are looked for. Raises InvalidSettingError for a code there is not."""
        selected = _all(self.select) if self.select else frozenset(BY_CODE)
        return selected - _all(self.ignore)

    def codes_for(self, path: Path, codes: frozenset[str]) -> frozenset[str]:
        """Return those of the codes that are looked for in a file."""
        for pattern, ignored in self.per_file_ignores.items():
            if matches(path, pattern, self.root):
                codes -= _all(ignored)
        return codes


def matches(path: Path, pattern: str, root: Path) -> bool:
    """Whether a pattern is of a file's name, of its path from a root, or of a directory it is in."""
    if fnmatch(path.name, pattern):
        return True
    try:
        inner = path.resolve().relative_to(root.resolve())
    except ValueError:
        return False
    return any(fnmatch(each.as_posix(), pattern.rstrip("/")) for each in (inner, *inner.parents))


def _all(selectors: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(codes_of, selectors))


def find(start: Path) -> Config:
    """Return the configuration nearest above a path; the defaults if there is none.

    Raises InvalidSettingError for one that cannot be read or has what cannot be.
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        file = directory / FILE
        if file.is_file() and (table := _table(file)) is not None:
            return _config(table, file)
    return Config()


def _table(file: Path) -> dict[str, Any] | None:
    try:
        tool = tomllib.loads(file.read_text("utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSettingError(f"cannot read {file}: {error}") from error
    table = tool.get("clarion", {}).get("check") if isinstance(tool.get("clarion", {}), dict) else None
    return table if isinstance(table, dict) else None


def _config(table: dict[str, Any], file: Path) -> Config:
    config = Config(root=file.parent, **{_name(key, file): _value(key, value, file) for key, value in table.items()})
    for selectors in (config.select, config.ignore, *config.per_file_ignores.values()):
        _all(selectors)
    return config


SHAPES: Mapping[str, str] = {
    "select": "a list of codes",
    "ignore": "a list of codes",
    "exclude": "a list of patterns",
    "per-file-ignores": "a table of patterns, each with a list of codes",
    "horizon": "a number of days",
    "gitignore": "true or false",
}


def _name(key: str, file: Path) -> str:
    if key not in SHAPES:
        raise InvalidSettingError(f"{file}: [tool.clarion.check] has no {key!r}; it has {', '.join(SHAPES)}")
    return key.replace("-", "_")


def _value(key: str, value: object, file: Path) -> Any:
    match key, value:
        case (("select" | "ignore" | "exclude"), list()) if all(isinstance(each, str) for each in value):
            return tuple(value)
        case "per-file-ignores", dict() if all(_is_strings(each) for each in value.values()):
            return {pattern: tuple(codes) for pattern, codes in value.items()}
        case "horizon", int() if not isinstance(value, bool) and value >= 0:
            return value
        case "gitignore", bool():
            return value
    raise InvalidSettingError(f"{file}: {key} in [tool.clarion.check] is {SHAPES[key]}, not {value!r}")


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
