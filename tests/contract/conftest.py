"""What the contract's tests share: one emulator, the SDK's clients on it, and a server for bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing

import anthropic
import httpx2
import pytest

from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport, Server
from contract.ways import DAY, Wire


@pytest.fixture(scope="session")
def emulator() -> Emulator:
    return Emulator(clock=lambda: DAY)


@pytest.fixture(scope="session")
def sdk(emulator: Emulator) -> Iterator[anthropic.Anthropic]:
    with httpx2.Client(transport=EmulatorTransport(emulator)) as http:
        yield anthropic.Anthropic(api_key="test", http_client=http, max_retries=0, _strict_response_validation=True)


@pytest.fixture(scope="session")
def async_sdk(emulator: Emulator) -> anthropic.AsyncAnthropic:
    http = httpx2.AsyncClient(transport=AsyncEmulatorTransport(emulator))
    return anthropic.AsyncAnthropic(api_key="test", http_client=http, max_retries=0, _strict_response_validation=True)


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def server(emulator: Emulator) -> Iterator[Server]:
    with Server(emulator) as server:
        yield server


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    with closing(Wire(server.url)) as wire:
        yield wire
