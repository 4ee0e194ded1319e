"""Structured outputs and strict tools: schemas within the subset, and not too many or too open of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.rules.schema import check_schema
from clarion.emulator.rules.subset import Size, check_subset, size_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.call import Call

__all__ = ["check_format", "check_strict_tools"]

MAX_STRICT_TOOLS = 20
MAX_SIZE = Size(optional=24, unions=16)  # over all strict tools and the format together
TOO_COMPLEX = "Schema is too complex for compilation."


def check_format(call: Call) -> None:
    """Refuse a schema outside the subset of structured outputs, and citations beside it."""
    if call.schema is None:
        return
    path = "output_config.format"
    if call.body.get("output_format") is not None:
        path = "output_format"
        if (call.body.get("output_config") or {}).get("format") is not None:
            raise invalid("output_format", "cannot be combined with `output_config.format`")
    if not call.model.structured_outputs:
        raise invalid(path, "structured outputs are not supported for this model")
    check_schema(f"{path}.schema", call.schema)
    check_subset(f"{path}.schema", call.schema)
    if any((block.get("citations") or {}).get("enabled") for _, block in call.blocks() if "source" in block):
        raise invalid(path, "Citations cannot be used together with structured outputs.")


def check_strict_tools(call: Call) -> None:
    """Refuse strict tools outside the subset, and strict schemas that are too many or too open in all."""
    schemas: list[dict[str, Any]] = [call.schema] if call.schema is not None else []
    for path, schema in _strict(call):
        check_subset(path, schema)
        schemas.append(schema)
    strict = sum(bool(tool.get("strict")) for tool in call.tools)
    size = sum((size_of(schema) for schema in schemas), Size())
    if strict > MAX_STRICT_TOOLS or size.optional > MAX_SIZE.optional or size.unions > MAX_SIZE.unions:
        raise invalid("", TOO_COMPLEX)


def _strict(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, tool in enumerate(call.tools):
        if tool.get("strict") and "input_schema" in tool:
            yield f"tools.{index}.custom.input_schema", tool["input_schema"]
