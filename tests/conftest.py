from __future__ import annotations

import asyncio
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from clarion import AsyncClaudeService, ClaudeService
from colours import Awaited, Make
from wire import RememberingEmulator

pytest_plugins = ["clarion.testing", "pytester"]

settings.register_profile("clarion", deadline=None)  # a busy machine is no bug
settings.load_profile("clarion")


@pytest.fixture(scope="session")
def homes() -> list[Path]:
    return []


@pytest.fixture
def home(homes: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder: that of the test before if it was left empty, since many a test is done before one is made."""
    if not homes or any(homes[-1].iterdir()):
        homes.append(tmp_path_factory.mktemp("home"))
    return homes[-1]


@pytest.fixture(autouse=True)
def bare_surroundings(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No key, no settings and no proxy of the machine reach a test; an SDK profile of its user neither."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "CLARION_EMULATE",
        "CLARION_MODEL",
        "CLARION_CONFIG",
        "CLARION_LEDGER",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("ANTHROPIC_CONFIG_DIR", raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))


@pytest.fixture(params=["sync", "async"])
def make_claude(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes services of one colour, used alike, and closes them."""
    with asyncio.Runner() as runner:
        made: list[Any] = []

        def make(**options: Any) -> Any:
            is_sync = request.param == "sync"
            made.append(ClaudeService(**options) if is_sync else Awaited(AsyncClaudeService(**options), runner))
            return made[-1]

        yield make
        for service in made:
            service.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run what is marked `untraced` outside of coverage."""
    tracer = sys.gettrace()
    if item.get_closest_marker("untraced"):
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many cells of the fault matrix were tried."""
    tried = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    cells = sum("test_fault_matrix" in report.nodeid and "[" in report.nodeid for report in tried)
    if cells:
        terminalreporter.write_line(f"fault matrix: {cells} cells")


@pytest.fixture
def emulator() -> RememberingEmulator:
    return RememberingEmulator()


@pytest.fixture
def claude(make_claude: Make, emulator: RememberingEmulator) -> Any:
    """A service, in both colours in turn, on an emulator of its own."""
    return make_claude(emulate=emulator)
