"""What can go wrong with tools: when they are defined, when they are called, and when they want everything to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._errors import ClarionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._completion import Completion


class ToolDefinitionError(ClarionError, TypeError):
    """A function, a schema or a list of tools that the model cannot be offered; the message names it and says why.

    Way out: give the function annotations and a docstring, or rename one of two tools.
    """


class UnsupportedSchemaError(ClarionError, TypeError):
    """A type or a schema that constrained decoding cannot follow; the message says which part and what to do.

    Way out: use a type that the message allows, or a plain JSON schema.
    """


class ToolError(ClarionError):
    """Raise it in a tool to tell the model why it failed: its text, and no other exception's, is sent.

    Way out: nothing to do: the model is told.
    """


class ToolInputError(ToolError, ValueError):
    """An input that does not fit its tool. The text is written for the model; `problems` has one line a field.

    Way out: nothing to do: the model is told, and calls again.
    """

    def __init__(self, tool: str, problems: Sequence[str]) -> None:
        lines = "\n".join(f"- {problem}" for problem in problems)
        super().__init__(
            f"The input of {tool} is not valid, so it was not run:\n{lines}\nCorrect this and call it again."
        )
        self.tool = tool
        self.problems = tuple(problems)


class InterruptTurn(ClarionError):
    """Raise it in a tool, or in an `approve` hook, to stop the turn.

    `completion` is the turn as far as it had come, `results` answers every call of the round: the calls that were run
    have their results, the others say that they were not.

    Way out: go on from `messages`, when you like.
    """

    def __init__(self, reason: str = "the turn was interrupted by a tool") -> None:
        super().__init__(reason)
        self.reason = reason
        self.results: tuple[dict[str, Any], ...] = ()
        self.completion: Completion | None = None

    @property
    def messages(self) -> list[Any]:
        """The transcript to go on from, with the results; empty outside a turn."""
        if self.completion is None:
            return []
        return [*self.completion.messages, {"role": "user", "content": [*self.results]}]
