"""The tools of a turn, found by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from clarion._tools.errors import ToolDefinitionError

if TYPE_CHECKING:
    from clarion._tools.tool import Tool

Definition = Mapping[str, Any]


class Toolbox:
    """The tools of a turn: tools, functions, and definitions that go to the API as they are.

    A definition is of a server tool, or of one that the caller runs himself. Raises ToolDefinitionError for two tools
    with one name.
    """

    __slots__ = ("_items", "_named")

    def __init__(self, tools: Iterable[Tool | Callable[..., Any] | Definition] = ()) -> None:
        self._items = tuple(_item(source, index) for index, source in enumerate(tools))
        self._named: dict[str, Tool | Definition] = {}
        for item in self._items:
            name = item.get("name") if isinstance(item, Mapping) else item.name
            if name in self._named:
                raise ToolDefinitionError(
                    f"two tools are called {name!r}: give one of them another name with name=, "
                    "or those of an MCP server a prefix="
                )
            if name is not None:
                self._named[name] = item

    def __repr__(self) -> str:
        return f"Toolbox({', '.join(self.names)})"

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Tool]:
        return (item for item in self._items if not isinstance(item, Mapping))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tools that have one, in order."""
        return tuple(self._named)

    def definitions(self) -> list[dict[str, Any]]:
        """Return what the API's `tools` takes, in order."""
        return [dict(item) if isinstance(item, Mapping) else item.definition() for item in self._items]

    def find(self, name: str) -> Tool | None:
        """Return the tool with this name; None if there is none, or if it is the caller's to run."""
        item = self._named.get(name)
        return None if isinstance(item, Mapping) else item

    def is_callers(self, name: str) -> bool:
        """Whether there is a tool with this name that the caller runs himself."""
        return name in self._named and self.find(name) is None


def _item(source: Tool | Callable[..., Any] | Definition, index: int) -> Tool | Definition:
    if isinstance(source, Mapping):
        if not source.keys() & {"name", "type"}:
            raise ToolDefinitionError(f"tool {index} is a dict with neither a name nor a type: {dict(source)!r}")
        if not isinstance(name := source.get("name", ""), str):
            raise ToolDefinitionError(f"tool {index} has the name {name!r}; it must be a text")
        return source
    from clarion._tools.tool import Tool

    if isinstance(source, Tool) or callable(source):
        return Tool.of(source)
    raise ToolDefinitionError(f"tool {index} is a {type(source).__name__}; it must be a function, a Tool or a dict")
