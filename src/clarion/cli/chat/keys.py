"""Keys that are pressed while an answer comes: Ctrl-C stops it, all others wait for the next line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output


@contextlib.contextmanager
def watched(source: Input, output: Output, on_interrupt: Callable[[], object]) -> Iterator[None]:
    """Watch the keys of a terminal in raw mode. A paste stays one: the terminal goes on marking it."""

    def ready() -> None:
        for key in source.read_keys():
            match key.key:
                case Keys.ControlC | Keys.SIGINT:
                    on_interrupt()
                case Keys.CPRResponse:  # an answer to a question of the last line
                    continue
                case _:
                    store_typeahead(source, [key])

    output.enable_bracketed_paste()
    output.flush()
    try:
        with source.attach(ready):
            yield
    finally:
        output.disable_bracketed_paste()
        output.flush()
