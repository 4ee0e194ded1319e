"""The clients, each running once for all tests, side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from PIL import Image

from clients.environments import CLIENTS, Unavailable
from clients.run import Outcome, run

Runs = Mapping[str, Future[dict[str, Outcome]]]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    if os.environ.get("CLARION_TEST_CLIENTS") == "0":
        pytest.skip("CLARION_TEST_CLIENTS=0")
    home = str(tmp_path_factory.mktemp("home"))
    surroundings = {**os.environ, "HOME": home, "XDG_RUNTIME_DIR": home}  # while tests run, theirs are others
    with ThreadPoolExecutor(len(CLIENTS)) as threads:
        started = {}
        for name, client in CLIENTS.items():
            picture = tmp_path_factory.mktemp(name) / "picture.png"
            Image.new("RGB", (40, 30), "teal").save(picture)
            started[name] = threads.submit(run, client, surroundings, picture)
        yield started


@pytest.fixture
def outcome(runs: Runs) -> Callable[[str, str], Outcome]:
    """Returns what came of a client's task; skips the test if the client cannot be run here."""

    def outcome(client: str, task: str) -> Outcome:
        try:
            return runs[client].result()[task]
        except Unavailable as error:
            pytest.skip(f"{client}: {error}")

    return outcome
