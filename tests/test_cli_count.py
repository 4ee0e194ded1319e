"""`clarion count --offline`: the short way comes to the same counts as a request, and the facts are of today."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import Catalog, ClaudeConfig, ClaudeService, Document
from clarion._media.kinds import is_html
from clarion._prompt import Part
from clarion.cli import run
from clarion.cli._counter import Counter
from clarion.cli._facts import Facts, facts_of, sheet

CapSys = pytest.CaptureFixture[str]
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(
    lambda text: text.strip() and not is_html(text.encode())
)
MODELS = ("opus", "claude-haiku-4-5", "claude-opus-4-6", "claude-2.1", "claude-of-tomorrow")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache/clarion/models.json"


def dollars(capsys: CapSys, *more: str) -> object:
    Path("notes.txt").write_text("Remember the milk. " * 100)
    assert run(["count", "notes.txt", "--offline", "--json", "-m", "opus", *more]) == 0
    return json.loads(capsys.readouterr().out)["models"][0]["dollars"]


@given(texts=st.lists(TEXTS, min_size=1, max_size=3), system=st.none() | st.text())
def test_texts_are_counted_as_a_request_of_them_is(texts: list[str], system: str | None) -> None:
    content: list[Part] = [Document(text.encode()) for text in texts]
    config = ClaudeConfig(adjust="silent", system=system)
    counter = Counter(offline=True, emulate=False, system=system)

    with ClaudeService(emulate=True) as claude:
        for model in MODELS:
            estimate = claude.estimate_tokens(content, config=config, model=model)
            assert counter.tokens(content, model) == estimate.tokens


def test_a_model_is_looked_up_once_a_day(cache: Path) -> None:
    asked: list[str] = []

    def look_up(name: str) -> Facts:
        asked.append(name)
        return facts_of(name, Catalog.load())

    first = sheet("2026-11-25").facts("opus", look_up)
    again = sheet("2026-11-25").facts("opus", look_up)
    tomorrow = sheet("2026-11-26").facts("opus", look_up)

    assert first == again == tomorrow
    assert asked == ["opus", "opus"]


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"stamp": 1}', b'{"stamp": null, "models": 3}', b"\xff"])
def test_a_broken_sheet_is_made_anew(cache: Path, broken: bytes, capsys: CapSys) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(broken)

    price = dollars(capsys)

    assert price
    assert price == dollars(capsys)
    assert json.loads(cache.read_bytes())["models"]["opus"][0] == "claude-opus-5-5"


def test_where_no_sheet_can_be_kept_it_is_done_without(cache: Path, capsys: CapSys) -> None:
    cache.parent.parent.write_bytes(b"a file where the directory should be")

    assert dollars(capsys)


def test_settings_of_the_users_own_are_counted_with(cache: Path, capsys: CapSys) -> None:
    before = dollars(capsys)

    Path("clarion.toml").write_text('system = "You are a poet. Answer in rhymes, whatever is asked."')

    assert before != dollars(capsys)


def test_the_sheet_is_not_for_a_catalogue_of_the_users_own(
    cache: Path, capsys: CapSys, monkeypatch: pytest.MonkeyPatch
) -> None:
    dollars(capsys)
    Path("own.toml").write_text('presets.opus = "claude-haiku-4-5-20251001"')
    monkeypatch.setenv("CLARION_CATALOG", "own.toml")

    run(["count", "notes.txt", "--offline", "--json", "-m", "opus"])

    assert json.loads(capsys.readouterr().out)["models"][0]["model"] == "claude-haiku-4-5-20251001"


def test_counting_texts_loads_nothing_heavy(cache: Path, capsys: CapSys) -> None:
    dollars(capsys)
    heavy = (
        "anthropic",
        "pydantic",
        "genai_prices",
        "rich",
        "asyncio",
        "PIL",
        "tomllib",
        "pathlib",
        "decimal",
        "logging",
    )
    script = (
        "import sys; from clarion.cli import run; run(['count', 'notes.txt', '--offline', '-m', 'opus']); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {script}"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"
