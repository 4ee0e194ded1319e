"""The pytest plugin: test a program that talks to Claude, offline.

    def test_a_summary_is_short(claude_emulator):
        claude_emulator.add(say("Ships sail."))

        assert summary("A long story") == "Ships sail."
        assert claude_emulator.requests[0].model == "claude-haiku-5-5"

pytest loads it wherever Clarion is installed. Until a test asks for something of it, it imports nothing and does one
thing: it keeps tests from calling the real API by accident.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from clarion.emulator import Server
    from clarion.testing.emulated import ClaudeEmulator

__all__ = ["claude_emulator", "claude_server"]

EMULATOR = pytest.StashKey["ClaudeEmulator"]()
MARKERS = (
    "claude_scenario(what, ..., all_consumed=None, verdict=False): what the calls of the test meet: the name or file "
    "of a scenario, or steps of a script; the test fails if a step is never taken (of a scenario that comes with the "
    "emulator: if none is), if the scenario expects something else, and with verdict=True if the client misbehaves",
    "claude_recording(directory=None, ignore=(), on_miss='error'): answers come from recordings, in a directory of the "
    "test's own within the one named; they are made anew with --claude-record",
    "claude_network: the test may call the real API",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("claude", "Claude, emulated by Clarion")
    group.addoption("--claude-seed", type=int, default=0, help="Varies the answers that the emulator makes up.")
    group.addoption("--claude-record", action="store_true", help="Record what tests with claude_recording ask, anew.")
    group.addoption(
        "--claude-upstream",
        metavar="URL",
        help="Who answers while recording: a URL, or 'emulator'. The real API, with ANTHROPIC_API_KEY, if left out.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Refuse connections to the real API, unless the test may have them."""
    from clarion.testing import network

    is_recording = item.config.getoption("claude_record") and item.get_closest_marker("claude_recording")
    is_free = bool(is_recording or item.get_closest_marker("claude_network"))
    with nullcontext() if is_free else network.refused():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passes, but has not met what it asked for."""
    result = yield
    if (emulator := item.stash.get(EMULATOR, None)) is not None:
        from clarion.testing.checks import check

        check(item, emulator)
    return result


@pytest.fixture(autouse=True)
def _claude_marks(request: pytest.FixtureRequest) -> None:
    """Let a test with a mark have the emulator, though it does not name it."""
    if any(request.node.get_closest_marker(name) for name in ("claude_scenario", "claude_recording")):
        request.getfixturevalue("claude_emulator")


@pytest.fixture
def claude_emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClaudeEmulator]:
    """An emulator of the API, for this test alone, in this process.

    Every SDK client and every Clarion service of the test reaches it, those made elsewhere too, unless they have been
    given the base URL of another server. For clients that do not use httpx2 there is `claude_server`.
    """
    from clarion.testing.emulated import prepared

    with prepared(request.node, monkeypatch) as emulator:
        request.node.stash[EMULATOR] = emulator
        yield emulator
        del request.node.stash[EMULATOR]


@pytest.fixture
def claude_server(claude_emulator: ClaudeEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The emulator of the test on a port of this machine; `ANTHROPIC_BASE_URL` says which to any client."""
    from clarion.emulator import Server

    with Server(claude_emulator) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        yield server


def __getattr__(name: str) -> Any:
    if name != "ClaudeEmulator":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from clarion.testing.emulated import ClaudeEmulator

    return ClaudeEmulator
