"""The emulator of a test: made as its marks say, and put in the API's place."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from clarion import _sdk
from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport, Step
from clarion.emulator.scenario import Scenario, ScenarioError
from clarion.testing.network import IN_PROCESS, REAL
from clarion.testing.tapes import taped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anthropic import Anthropic, AsyncAnthropic

    from clarion.emulator.recording import Upstream

__all__ = ["ClaudeEmulator", "prepared"]

OTHER_CREDENTIALS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_CUSTOM_HEADERS")


class ClaudeEmulator(Emulator):
    """An emulator that hands out SDK clients which talk to it."""

    def client(self, **options: Any) -> Anthropic:
        """Return an SDK client on this emulator; the options are those of the client."""
        return _sdk.client(api_key=None, base_url=None, emulate=self).copy(**options)

    def async_client(self, **options: Any) -> AsyncAnthropic:
        """Return an asynchronous SDK client on this emulator; the options are those of the client."""
        return _sdk.async_client(api_key=None, base_url=None, emulate=self).copy(**options)


@contextlib.contextmanager
def prepared(item: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClaudeEmulator]:
    """Yield the emulator of a test, with its scenario or recordings, in the place of the API."""
    seed = item.config.getoption("claude_seed")
    with taped(item) as tape:
        emulator = ClaudeEmulator(seed=seed, answerer=tape.answerer)
        if mark := item.get_closest_marker("claude_scenario"):
            _play(emulator, item, mark.args)
        _stand_in(emulator, monkeypatch, besides=tape.upstream)
        yield emulator


def _play(emulator: Emulator, item: pytest.Item, what: tuple[Any, ...]) -> None:
    if what and all(isinstance(step, Step) for step in what):
        emulator.add(*what)
        return
    if len(what) != 1 or not isinstance(what[0], str | Path | Scenario):
        pytest.fail(f"claude_scenario takes one scenario, by name, file or value, or steps: {what}", pytrace=False)
    try:
        emulator.play(_beside(item, what[0]))
    except ScenarioError as error:
        pytest.fail(str(error), pytrace=False)


def _beside(item: pytest.Item, source: str | Path | Scenario) -> str | Path | Scenario:
    """Return a file beside the test if there is such a one, and the source as it is if not."""
    if isinstance(source, Scenario):
        return source
    beside = item.path.parent / source
    return beside if beside.is_file() else source


def _stand_in(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, besides: Upstream | None) -> None:
    """Let clients of httpx2, such as the SDK's, reach the emulator when they mean the API; not that of the upstream."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://{IN_PROCESS}")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "emulated")
    monkeypatch.setenv("CLARION_EMULATE", "0")  # else services would have emulators of their own
    for name in OTHER_CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    for kind, transport in (
        (httpx2.Client, EmulatorTransport(emulator)),
        (httpx2.AsyncClient, AsyncEmulatorTransport(emulator)),
    ):
        monkeypatch.setattr(kind, "_transport_for_url", _routed(kind, transport, besides))


def _routed(kind: Any, transport: object, besides: Upstream | None) -> Any:
    usual = kind._transport_for_url  # noqa: SLF001 -- where every client passes, whatever transport it has

    def route(client: Any, url: httpx2.URL) -> Any:
        is_ours = url.host in {REAL, IN_PROCESS} and not (besides and client is besides.http)
        return transport if is_ours else usual(client, url)

    return route
