"""Make the pictures of the documentation: commands that run in a terminal, and the emulator's page in a browser.

    .venv/bin/python scripts/pictures [NAME ...]      needs tmux; the page, Chromium

A command runs in tmux against a server of the emulator on this machine, which takes its time like an API. What is on
the screen at the moment that a picture is of becomes `docs/pictures/NAME.svg`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from browser import chromium, photograph
from clarion import ClaudeService
from clarion.emulator import Emulator, Server
from terminal import Terminal

PICTURES = Path(__file__).parent.parent.parent / "docs/pictures"
PROMPT = r"\$\s*\Z"
PAGE = "page"


class Shot(NamedTuple):
    """A picture of a terminal: what is typed, each after something is on the screen, and when it is taken."""

    typed: tuple[tuple[str, str], ...]
    taken: str
    columns: int = 100
    rows: int = 24


SHOTS = {
    "chat": Shot(
        (
            (PROMPT, "clarion chat --no-store -m sonnet --system 'You are a harbour pilot.'"),
            (r"> *\n", "May a ship of 90 m come in?"),
            (r"(?s)req_.*> *\n", "/model haiku"),
        ),
        r"(?s)next answer.*> *\n",
        columns=110,
    ),
    "bulk": Shot(
        ((PROMPT, 'clarion bulk run reviews.csv --prompt "Sum up: {{ review }}" -m cheap --budget 5'),),
        r"[3-9]\d\d done",
    ),
    "usage": Shot(((PROMPT, "clarion usage --by tag --tag team --emulated"),), r"(?s)usage.*\n.*\$\s*\Z"),
}


def main(names: list[str]) -> None:
    """Make the pictures of these names, or all."""
    PICTURES.mkdir(exist_ok=True)
    with Server(Emulator(tokens_per_second=80, first_token_delay=0.4, tier="build")) as server:
        for name in names or [*SHOTS, PAGE]:
            if name == PAGE:
                page(server)
            else:
                shoot(name, SHOTS[name], server)


def shoot(name: str, shot: Shot, server: Server) -> None:
    """Type what is to be typed into a terminal, and draw its screen when it is time."""
    with tempfile.TemporaryDirectory() as folder:
        environment = prepared(Path(folder), server)
        with Terminal(Path(folder), environment, columns=shot.columns, rows=shot.rows) as terminal:
            for awaited, line in shot.typed:
                terminal.wait_for(awaited)
                terminal.type(line)
            terminal.wait_for(shot.taken)
            terminal.draw(PICTURES / f"{name}.svg", "clarion")


def prepared(folder: Path, server: Server) -> dict[str, str]:
    """Fill a folder with what the commands work on, and return the environment they run in."""
    rows = "".join(f'{n},"Review {n}: the soup was {("good", "cold", "late")[n % 3]}."\n' for n in range(1, 1001))
    (folder / "reviews.csv").write_text(f"id,review\n{rows}", "utf-8")
    ledger = folder / "usage.db"
    with ClaudeService(api_key="any", base_url=server.url, ledger=ledger) as claude:
        for team, model, times in (("search", "opus", 3), ("support", "sonnet", 4), ("ads", "cheap", 5)):
            claude.batch_process(["How are things?"] * times, model=model, tags={"team": team}, adjust="silent")
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "ANTHROPIC_BASE_URL": server.url,
        "ANTHROPIC_API_KEY": "any",
        "CLARION_LEDGER": str(ledger),
    }


def page(server: Server) -> None:
    """Take a picture of the emulator's page, one of its requests opened; left out where there is no Chromium."""
    program = chromium()
    if program is None:
        print("no Chromium: the picture of the page stays as it is", file=sys.stderr)
        return
    with ClaudeService(api_key="any", base_url=server.url) as claude:
        for question in ("Name three harbours in Norway.", "May a ship of 90 m come in?", "And at night?"):
            claude.complete(question, model="sonnet", system="You are a harbour pilot.", thinking="low")
    shot = photograph(
        program,
        f"{server.url}/_emulator/",
        act="if (shown.length > 2 && opened === null) open(shown[0].number)",
        until="document.getElementById('panel').innerText.includes('harbour pilot')",
        size_px=(1200, 640),
    )
    (PICTURES / f"{PAGE}.png").write_bytes(asyncio.run(shot))


if __name__ == "__main__":
    main(sys.argv[1:])
