"""The public face: its names, its twins, and what importing it costs."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import clarion
from clarion import AsyncClaudeService, AsyncCompletionStream, ClaudeService, CompletionStream

HEAVY = (
    "anthropic",
    "pydantic",
    "PIL",
    "pypdf",
    "uvicorn",
    "aiohttp",
    "httpx2",
    "genai_prices",
    "rich",
    "asyncio",
    "mcp",
)


@pytest.mark.parametrize(
    "code",
    [
        "import clarion",
        "import clarion; clarion.ClaudeConfig(); clarion.Image('a.png'); clarion.Settings.load({})",
        "from clarion.cli import run; run(['--help'])",
        "from clarion.cli import run; run(['ask', '--help'])",
        "from clarion.cli import run; run(['bulk', 'run', '--help'])",
        "from clarion.cli import run; run(['--version'])",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    script = f"import sys\n{code}\nprint([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_every_public_name_is_there_and_documented() -> None:
    for name in clarion.__all__:
        value = getattr(clarion, name)
        assert name == "__version__" or inspect.getdoc(value), name


def test_the_lists_of_public_names_agree() -> None:
    source = ast.parse(Path(clarion.__file__).read_text("utf-8"))
    (typed,) = (node for node in source.body if isinstance(node, ast.If))
    seen_by_type_checkers = {
        alias.name for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }

    assert seen_by_type_checkers == {name for names in clarion._HOMES.values() for name in names}
    assert seen_by_type_checkers == set(clarion.__all__) - {"__version__"}


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'ClaudeManager'"):
        _ = clarion.ClaudeManager


@pytest.mark.parametrize(
    ("sync", "other"), [(ClaudeService, AsyncClaudeService), (CompletionStream, AsyncCompletionStream)]
)
def test_the_twins_have_the_same_methods_with_the_same_arguments(sync: type, other: type) -> None:
    assert public(sync) == public(other)


def test_the_twins_take_the_same_arguments_but_for_the_event_loop() -> None:
    sync = set(inspect.signature(ClaudeService).parameters)

    assert sync - {"allow_in_event_loop"} == set(inspect.signature(AsyncClaudeService).parameters)


def public(kind: type) -> dict[str, list[str]]:
    """The public attributes of a class, with the arguments of its methods."""
    return {
        name: list(map(str, inspect.signature(value).parameters.values())) if inspect.isfunction(value) else []
        for name, value in vars(kind).items()
        if not name.startswith("_")
    }


def test_the_version_is_the_one_of_the_package() -> None:
    from importlib.metadata import version

    assert clarion.__version__ == version("clarion")
