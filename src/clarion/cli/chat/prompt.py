"""The line in which a person writes: several lines, history, completion, and what stands below it.

Enter sends. But where more keys follow at its heels, it is the end of a line of something that was pasted into a
terminal that does not mark what is pasted, and so a new line: a paste is one message, or none.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style

from clarion.cli.chat.pasting import terminal_input

PROMPT = "> "
AT_ITS_HEELS = 0.02  # seconds in which the rest of a paste comes, and no person types

STYLE = Style.from_dict({"prompt": "bold", "bottom-toolbar": "noreverse ansibrightblack", "note": "ansibrightblack"})

Choices = Callable[[], Iterable[str]]


class Line:
    """Asks for what a person has to say."""

    def __init__(
        self,
        *,
        history: Path | None,
        completer: Completer,
        toolbar: Callable[[], str],
    ) -> None:
        self._enter = _Enter()
        self.session: PromptSession[str] = PromptSession(
            history=_history(history),
            completer=completer,
            complete_while_typing=Condition(_is_command),
            reserve_space_for_menu=6,
            bottom_toolbar=lambda: [("class:bottom-toolbar", toolbar())],
            key_bindings=_bindings(self._enter),
            multiline=True,
            prompt_continuation=lambda _width, _line, _wraps: [("class:note", "· ")],
            enable_suspend=True,
            tempfile_suffix=".md",
            erase_when_done=True,
            style=STYLE,
            input=terminal_input(),
        )
        self.session.app.key_processor.before_key_press += lambda _: self._enter.followed(self.session.default_buffer)

    async def ask(self, before: str, default: str) -> str | None:
        """Return what was written, None to leave. `before` stands before it, `default` is there to be changed."""
        try:
            return await self.session.prompt_async([("class:note", before), ("class:prompt", PROMPT)], default=default)
        except EOFError:
            return None
        except KeyboardInterrupt:  # by a signal, not by the key
            return ""


class _Enter:
    """An Enter of which it is not known yet whether more follows."""

    def __init__(self) -> None:
        self._waiting: asyncio.TimerHandle | None = None

    def pressed(self, buffer: Any) -> None:
        """Send the text if nothing follows."""

        def send() -> None:
            self._waiting = None
            buffer.validate_and_handle()

        self._waiting = asyncio.get_running_loop().call_later(AT_ITS_HEELS, send)

    def followed(self, buffer: Any) -> None:
        """Make a new line of it: another key has come."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            buffer.insert_text("\n")


class Words(Completer):
    """Completes commands, and what each of them takes."""

    def __init__(self, commands: Sequence[tuple[str, str, str]], choices: Mapping[str, Choices]) -> None:
        """Take the commands as name, kind of argument and summary, and the choices there are of each kind."""
        self._commands = commands
        self._choices = choices
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what could stand at the cursor."""
        text = document.text_before_cursor
        if not text.startswith("/") or "\n" in text:
            return
        name, space, argument = text.partition(" ")
        if not space:
            for command, _, summary in self._commands:
                if command.startswith(name):
                    yield Completion(command, start_position=-len(name), display_meta=summary)
            return
        kind = next((kind for command, kind, _ in self._commands if command == name), "")
        if kind == "file":
            yield from self._paths.get_completions(Document(argument), complete_event)
            return
        for choice in self._choices.get(kind, list)():
            if choice.lower().startswith(argument.lower()):
                yield Completion(choice, start_position=-len(argument))


class Written(FileHistory):
    """What was written before, in a file; where that cannot be used, it is not kept, which is no reason not to talk."""

    def load_history_strings(self) -> Iterable[str]:
        """Yield what was written, the last first."""
        with contextlib.suppress(OSError):
            yield from super().load_history_strings()

    def store_string(self, string: str) -> None:
        """Keep what was written."""
        with contextlib.suppress(OSError):
            super().store_string(string)


def _history(path: Path | None) -> History:
    return InMemoryHistory() if path is None else Written(path)


def _is_command() -> bool:
    text: str = get_app().current_buffer.text
    return text.startswith("/") and "\n" not in text


def _bindings(enter: _Enter) -> KeyBindings:
    bindings = KeyBindings()

    writing = has_focus(DEFAULT_BUFFER)  # and not searching

    @bindings.add("enter", filter=writing)
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if not buffer.text:
            return
        if buffer.document.text_before_cursor.endswith("\\") and buffer.document.is_cursor_at_the_end_of_line:
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            enter.pressed(buffer)

    @bindings.add("escape", "enter", filter=writing)
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("c-c", filter=writing)
    def clear(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    @bindings.add("c-x", "c-e", filter=writing)
    def edit(event: KeyPressEvent) -> None:
        event.current_buffer.open_in_editor()  # and come back, to send it or not

    return bindings
