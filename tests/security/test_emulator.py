"""The emulator as a server: who reaches it, and what it reads of a disk."""

from __future__ import annotations

import http.client
import socket
from contextlib import ExitStack
from pathlib import Path

import click
import pytest

from clarion.emulator import Emulator, Server
from clarion.emulator.scenario import Scenario, ScenarioError
from commands import COMMANDS


def test_it_listens_to_this_machine_alone_unless_told_otherwise() -> None:
    (host,) = (option for option in COMMANDS["emulate"].params if option.name == "host")

    with Server(Emulator()) as server:
        assert server.url.startswith("http://127.0.0.1:")
        others = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in others - {"127.0.0.1", "127.0.1.1"}:
            with pytest.raises(OSError), socket.create_connection((str(address), int(server.url.rsplit(":")[-1])), 1):  # noqa: PT011
                pass
    assert isinstance(host, click.Option)
    assert host.default == "127.0.0.1"


@pytest.mark.parametrize(
    "path",
    [
        "/_emulator/../../../../etc/passwd",
        "/_emulator/%2e%2e/%2e%2e/etc/passwd",
        "/_emulator//etc/passwd",
        "/v1/files/..%2f..%2f..%2fetc%2fpasswd/content",
        "/../etc/passwd",
        "file:///etc/passwd",
    ],
)
def test_no_path_of_a_request_is_one_of_the_disk(path: str) -> None:
    with Server(Emulator()) as server, ExitStack() as stack:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        stack.callback(connection.close)
        connection.request("GET", path, headers={"x-api-key": "any", "anthropic-version": "2023-06-01"})
        answer = connection.getresponse()

        assert answer.status in (400, 404)
        assert b"root:" not in answer.read()


@pytest.mark.parametrize(
    "text",
    [
        "rules: !!python/object/apply:os.system ['touch owned']",
        "rules: !!python/name:os.system",
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    ],
)
def test_a_scenario_is_data_and_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ScenarioError):
        Scenario.parse(text)

    assert list(tmp_path.iterdir()) == []
