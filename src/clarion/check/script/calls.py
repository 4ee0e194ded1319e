"""The calls of a script that go to the Messages API through the SDK, and what it names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from clarion.check.values import Table

if TYPE_CHECKING:
    from clarion.check.script.syntax import Syntax
    from clarion.check.values import Value

METHODS = ("create", "stream", "parse", "countTokens")
PACKAGE = "@anthropic-ai/"
SHAPE = {"model", "messages"}


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of the Messages API: its method, where that stands among the tokens, and the requests in sight."""

    method: str
    index: int
    requests: tuple[Table, ...]


class Script:
    """A script's syntax, its constants, its clients and its calls of the API."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax

    @cached_property
    def imports_sdk(self) -> bool:
        """Whether the script imports anything of the SDK."""
        return any(token.kind == "string" and token.text[1:].startswith(PACKAGE) for token in self.syntax.tokens)

    @cached_property
    def constants(self) -> dict[str, Value]:
        """What each `const` is that the script has once, and that is a literal."""
        found, twice, syntax = dict[str, "Value"](), set[str](), self.syntax
        for index, token in enumerate(syntax.tokens):
            if token.kind == "name" and token.text == "const" and syntax.is_name(index + 1):
                name = syntax.tokens[index + 1].text
                equals = self._equals(index + 2)
                if name in found or equals is None or equals + 1 >= len(syntax.tokens):
                    twice.add(name)
                    continue
                value, after = syntax.value(equals + 1)
                if after == len(syntax.tokens) or syntax.is_mark(after, ";", "}") or self._is_on_next_line(after):
                    found[name] = value
        return {name: value for name, value in found.items() if name not in twice}

    def _is_on_next_line(self, index: int) -> bool:
        before, token = self.syntax.tokens[index - 1], self.syntax.tokens[index]
        is_new = "\n" in self.syntax.text[before.end : token.start]
        return is_new and not self.syntax.is_mark(index, ".", "?.", "(", "[", "+", "??", "||", "?")

    def _equals(self, index: int) -> int | None:
        """Return where `=` stands after a name and its type."""
        syntax = self.syntax
        if syntax.is_mark(index, ":"):
            while index < len(syntax.tokens) and not syntax.is_mark(index, "=", ";", ")", "]", "}"):
                index = syntax.partner.get(index, index) + 1
        return index if syntax.is_mark(index, "=") else None

    @cached_property
    def clients(self) -> frozenset[str]:
        """The names that are given a client of the SDK."""
        syntax, found = self.syntax, set[str]()
        for index, token in enumerate(syntax.tokens):
            if token.kind != "name" or not token.text.startswith("Anthropic"):
                continue
            if syntax.is_name(index - 1, "new") and syntax.is_mark(index - 2, "="):
                found.add(self._before_equals(index - 3))
            elif syntax.is_mark(index - 1, ":") and syntax.is_name(index - 2) and not syntax.is_mark(index + 1, "."):
                found.add(syntax.tokens[index - 2].text)
        return frozenset(found - {""})

    def _before_equals(self, index: int) -> str:
        """Return the name that `=` after a token gives a value to."""
        syntax = self.syntax
        if syntax.is_name(index) and syntax.is_mark(index - 1, ":"):
            index -= 2
        return syntax.tokens[index].text if syntax.is_name(index) else ""

    @cached_property
    def calls(self) -> tuple[ApiCall, ...]:
        """Every call of the Messages API."""
        return tuple(call for index in range(len(self.syntax.tokens)) if (call := self._call(index)) is not None)

    def _call(self, index: int) -> ApiCall | None:
        syntax = self.syntax
        if not syntax.is_name(index, *METHODS) or not syntax.is_mark(index + 1, "(") or index + 1 not in syntax.partner:
            return None
        if not syntax.is_mark(index - 1, ".", "?."):
            return None
        method = syntax.tokens[index].text
        if syntax.is_name(index - 2, "batches") and syntax.is_name(index - 4, "messages") and method == "create":
            requests = self._params(index + 1)
            return ApiCall("batches.create", index, requests) if self.imports_sdk else None
        if not syntax.is_name(index - 2, "messages"):
            return None
        value = self._argument(index + 2)
        requests = (value,) if isinstance(value, Table) else ()
        has_shape = any(request.by_key.keys() >= SHAPE for request in requests)
        return ApiCall(method, index, requests) if has_shape or self.imports_sdk else None

    def _argument(self, index: int) -> Value | None:
        if self.syntax.is_name(index):
            return self.constants.get(self.syntax.tokens[index].text)
        return self.syntax.value(index)[0] if self.syntax.is_mark(index, "{") else None

    def _params(self, opener: int) -> tuple[Table, ...]:
        """Return the parameters of the requests that a batch is made of, wherever they stand within its call."""
        syntax = self.syntax
        found = (
            syntax.value(index + 2)[0]
            for index in range(opener, syntax.partner[opener])
            if syntax.is_name(index, "params") and syntax.is_mark(index + 1, ":") and syntax.is_mark(index + 2, "{")
        )
        return tuple(value for value in found if isinstance(value, Table))
