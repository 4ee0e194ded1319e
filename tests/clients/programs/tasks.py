"""What the programs in Python share: their words, a tool, a form to fill, and how they are run.

Each is run by an interpreter that has its client: `python ask_x.py PICTURE TASK=URL ...`. It prints as JSON what came
of each task: what the function of that name returned, or what it raised.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
MODEL, HELLO, WEATHER, REPORT, LOOK = (WORDS[name] for name in ("model", "hello", "weather", "report", "look"))
PICTURE = Path(sys.argv[1])


class Report(BaseModel):
    """A report of the weather."""

    city: str
    degrees: int
    dry: bool


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"{city} has 21 degrees"


def run(*tasks: Callable[[str], object], **others: Callable[[str], object]) -> None:
    """Do what the command line says with the tasks, by their names."""
    known = {task.__name__: task for task in tasks} | others
    said = {}
    for argument in sys.argv[2:]:
        name, _, url = argument.partition("=")
        try:
            said[name] = known[name](url)
        except Exception as error:  # noqa: BLE001  # whatever a client raises is what the test looks at
            said[name] = {"raised": type(error).__name__, "message": str(error)}
    print(json.dumps(said))
