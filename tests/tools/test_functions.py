"""Decorated functions and methods stay what they were."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import pytest

from clarion._tools import Tool, Toolbox, ToolDefinitionError, validate
from clarion._tools.tool import tool


@dataclass
class Shop:
    stock: int

    @tool
    def left(self, wanted: int) -> int:
        """Say what is left."""
        return self.stock - wanted

    @tool(name="refill")
    async def fill(self, more: int) -> int:
        return self.stock + more

    @tool
    @staticmethod
    def price(item: str) -> int:
        return len(item)

    @staticmethod
    @tool
    def tax(item: str) -> int:
        return len(item)

    @tool
    @classmethod
    def empty(cls, why: str) -> str:
        return f"{cls.__name__} {why}"

    @classmethod
    @tool
    def closed(cls, why: str) -> str:
        return f"{cls.__name__} {why}"


def called(source: Any, **given: object) -> Any:
    made = Tool.of(source)
    arguments = validate(made, given)
    return made.function(*arguments.positional, **arguments.named)


def test_a_decorated_function_is_called_as_before() -> None:
    @tool
    def double(number: int) -> int:
        return 2 * number

    assert double(4) == 8
    assert double.__name__ == "double"


def test_a_method_is_bound_to_its_instance() -> None:
    shop = Shop(7)

    assert shop.left(2) == 5
    assert called(shop.left, wanted=2) == 5
    assert called(Shop(9).left, wanted=2) == 7


def test_an_async_method_stays_async() -> None:
    assert inspect.iscoroutinefunction(Shop(1).fill)
    assert Tool.of(Shop(1).fill).is_async
    assert Tool.of(Shop(1).fill).name == "refill"


@pytest.mark.parametrize("source", [Shop(1).price, Shop.price, Shop(1).tax, Shop.tax])
def test_a_static_method_takes_no_instance_whichever_decorator_is_outside(source: Any) -> None:
    assert source("pear") == 4
    assert called(source, item="pear") == 4


@pytest.mark.parametrize("source", [Shop(1).empty, Shop.empty, Shop(1).closed, Shop.closed])
def test_a_class_method_takes_the_class_whichever_decorator_is_outside(source: Any) -> None:
    assert source("today") == "Shop today"
    assert called(source, why="today") == "Shop today"


def test_a_method_without_its_instance_is_refused() -> None:
    with pytest.raises(ToolDefinitionError, match=r"Shop.left has no instance"):
        Toolbox([Shop.left])


def test_local_types_may_be_annotations() -> None:
    @dataclass
    class Seat:
        row: int

    @tool
    def book(seat: Seat) -> int:
        return seat.row

    def leave(seat: Seat) -> int:
        return -seat.row

    assert called(book, seat={"row": 4}) == 4
    assert Toolbox([leave]).names == ("leave",)


def test_an_object_that_is_called_can_be_a_tool() -> None:
    class Counter:
        def __call__(self, step: int) -> int:
            """Count on."""
            return step + 1

    made = Tool.from_function(Counter(), name="count")

    assert made.description == "Count on."
    assert made.function(step=1) == 2


def double(number: int) -> int:
    return 2 * number


def test_a_toolbox_takes_tools_functions_and_definitions_in_order() -> None:
    search = {"type": "web_search_20260318", "name": "web_search"}
    mine = {"name": "mine", "input_schema": {"type": "object"}}
    box = Toolbox([double, search, Tool.of(Shop.price), mine, {"type": "mcp_toolset", "mcp_server_name": "x"}])

    assert box.names == ("double", "web_search", "price", "mine")
    assert [definition.get("name") for definition in box.definitions()] == [*box.names, None]
    assert box.definitions()[1] == search
    assert [made.name for made in box] == ["double", "price"]
    assert box.find("double") is not None
    assert (box.find("mine"), box.find("nowhere")) == (None, None)
    assert box.is_callers("mine")
    assert not box.is_callers("double")
    assert not box.is_callers("nowhere")


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ([double, double], "two tools are called 'double'"),
        ([double, {"name": "double", "input_schema": {}}], "two tools are called 'double'"),
        ([{"input_schema": {}}], "tool 0 is a dict with neither a name nor a type"),
        ([double, 3], "tool 1 is a int; it must be a function"),
        ([Shop], "is no function"),
    ],
)
def test_a_toolbox_refuses_what_is_no_tool(tools: list[Any], why: str) -> None:
    with pytest.raises(ToolDefinitionError, match=why):
        Toolbox(tools)
