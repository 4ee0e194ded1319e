"""Structured outputs and strict tools: which schemas constrained decoding follows."""

from __future__ import annotations

from typing import Any

from contract.row import Row, about, assistant, formatted, like, ok, refused, shaped, tool, user

PATH = "output_config.format.schema"
CLOSED = "For 'object' type, 'additionalProperties' must be explicitly set to false"
COMPLEX = "Schema is too complex for compilation."


def takes(id: str, part: Any, **root: Any) -> tuple[Row, Row]:
    """Return the rows of a schema that is followed, as a format and as the input of a strict tool."""
    schema = shaped({"a": part}, **root)
    return (
        ok(f"{id}, as a format", **formatted(schema)),
        ok(f"{id}, as a strict tool", tools=[{"name": "a", "input_schema": schema, "strict": True}]),
    )


def keeps_out(id: str, message: Any, part: Any, **root: Any) -> tuple[Row, Row]:
    """Return the rows of a schema that is not followed; tools that are not strict take it."""
    schema = shaped({"a": part}, **root)
    words = message if isinstance(message, tuple) else (message,)
    return (
        refused(f"{id}, as a format", like(PATH, *words), **formatted(schema)),
        refused(f"{id}, as a strict tool", like("tools.0.custom.input_schema", *words),
                tools=[{"name": "a", "input_schema": schema, "strict": True}]),
    )  # fmt: skip


FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
LINKED = {"$defs": {"n": {"type": "integer"}}}
NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}, "additionalProperties": False}
LOOP = {"$defs": {"node": NODE}}
TAKEN = (
    *(row for kind in ("string", "integer", "number", "boolean", "null") for row in takes(f"a {kind}", {"type": kind})),
    *(row for name in FORMATS for row in takes(f"the format {name}", {"type": "string", "format": name})),
    *takes("an array", {"type": "array", "items": {"type": "string"}}),
    *takes("an array of one or more", {"type": "array", "items": {"type": "string"}, "minItems": 1}),
    *takes("an array of none or more", {"type": "array", "items": {"type": "string"}, "minItems": 0}),
    *takes("an object", shaped({"b": {"type": "string"}})),
    *takes("an enum", {"enum": ["x", 1, True, None]}),
    *takes("a constant", {"const": "x"}),
    *takes("alternatives", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    *takes("two types", {"type": ["string", "null"]}),
    *takes("all of several", {"allOf": [shaped({"b": {"type": "string"}})]}),
    *takes("a definition", {"$ref": "#/$defs/n"}, **LINKED),
    *takes("a default and notes", {"type": "string", "default": "x", "title": "t", "description": "d"}),
    *takes("a plain pattern", {"type": "string", "pattern": "^[a-z]{2,4}-\\d+$"}),
    *takes("an optional property", {"type": "string"}, required=[]),
)  # fmt: skip
KEPT_OUT = (
    refused("an open object, as a format", f"{PATH}: {CLOSED}", **formatted({"type": "object"})),
    refused("an object open to strings, as a format", f"{PATH}: {CLOSED}",
            **formatted({"type": "object", "additionalProperties": {"type": "string"}})),
    refused("an open object, as a strict tool", f"tools.0.custom.input_schema: {CLOSED}", tools=[tool(strict=True)]),
    ok("an open object, as a tool that is not strict", tools=[tool(strict=False)]),
    *keeps_out("an open object inside", CLOSED, {"type": "object", "properties": {}}),
    *keeps_out("an open object in an array", CLOSED, {"type": "array", "items": {"type": "object"}}),
    *keeps_out("an open object among definitions", CLOSED, {"type": "string"}, **{"$defs": {"o": {"type": "object"}}}),
    refused("a bound, word for word", f"{PATH}: For 'integer' type, properties maximum, minimum are not supported",
            **formatted({"type": "integer", "minimum": 1, "maximum": 2})),
    *(row for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
      for kind in ("integer", "number") for row in keeps_out(f"{key} of a {kind}", (kind, key), {"type": kind,
      key: 1})),
    *(row for key in ("minLength", "maxLength") for row in keeps_out(key, ("string", key), {"type": "string", key: 1})),
    *(row for key, value in (("maxItems", 3), ("uniqueItems", True), ("prefixItems", []), ("contains", {}))
      for row in keeps_out(key, ("array", key), {"type": "array", "items": {"type": "string"}, key: value})),
    *keeps_out("an array of two or more", ("minItems", "0 or 1"), {"type": "array", "items": {}, "minItems": 2}),
    *(row for key, value in (("patternProperties", {}), ("minProperties", 1), ("propertyNames", {}))
      for row in keeps_out(key, ("object", key), shaped() | {key: value})),
    *keeps_out("oneOf", "oneOf", {"oneOf": [{"type": "string"}, {"type": "integer"}]}),
    *keeps_out("not", "not", {"not": {"type": "string"}}),
    *keeps_out("if", "if", {"if": {}, "then": {}}),
    *keeps_out("an enum of objects", "num", {"enum": [{"x": 1}]}),
    *keeps_out("an unknown format", "phone", {"type": "string", "format": "phone"}),
    *keeps_out("a reference to elsewhere", "https://e", {"$ref": "https://e/schema.json"}),
    *keeps_out("a reference to nowhere", "#/$defs/none", {"$ref": "#/$defs/none"}),
    *keeps_out("a reference inside allOf", "allOf", {"allOf": [{"$ref": "#/$defs/n"}]}, **LINKED),
    *keeps_out("recursion", "ecursive", {"$ref": "#/$defs/node"}, **LOOP),
    *keeps_out("recursion to the root", "ecursive", {"$ref": "#"}),
    *(row for name, pattern in (("a back-reference", r"(a)\1"), ("a lookahead", "a(?=b)"),
                                ("a negative lookahead", "a(?!b)"), ("a lookbehind", "(?<=a)b"),
                                ("a negative lookbehind", "(?<!a)b"), ("a word boundary", r"\ba"))
      for row in keeps_out(name, "Unsupported regex feature in pattern field: ", {"type": "string",
      "pattern": pattern})),
    refused("no JSON schema", like(PATH, "2020-12"), **formatted({"type": "object", "properties": []})),
)  # fmt: skip


def strict(count: int, schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": f"t{index}", "input_schema": schema, "strict": True} for index in range(count)]


OPTIONAL = {f"p{index}": {"type": "string"} for index in range(24)}
UNIONS = {f"p{index}": {"type": ["string", "null"]} for index in range(16)}
ONE_MORE: dict[str, Any] = {"more": {"type": "string"}}
SIZES = (
    ok("20 strict tools", tools=strict(20, shaped())),
    refused("21 strict tools", COMPLEX, tools=strict(21, shaped())),
    ok("21 tools, one of them not strict", tools=[*strict(20, shaped()), tool()]),
    ok("24 optional parameters", tools=strict(1, shaped(OPTIONAL, required=[]))),
    refused("25 optional parameters", COMPLEX, tools=strict(1, shaped(OPTIONAL | ONE_MORE, required=[]))),
    refused("25 optional parameters over tools", COMPLEX, tools=strict(5, shaped(
        {f"p{index}": {"type": "string"} for index in range(5)}, required=[]))),
    refused("25 optional parameters of a format", COMPLEX, **formatted(shaped(OPTIONAL | ONE_MORE, required=[]))),
    ok("25 required parameters", tools=strict(1, shaped(OPTIONAL | ONE_MORE))),
    ok("16 parameters of two types", tools=strict(1, shaped(UNIONS))),
    refused("17 parameters of two types", COMPLEX, tools=strict(1, shaped(UNIONS | {
        "more": {"anyOf": [{"type": "string"}, {"type": "null"}]}}))),
    ok("25 optional parameters of a tool that is not strict", tools=[
        {"name": "a", "input_schema": shaped(OPTIONAL | ONE_MORE, required=[])}]),
)  # fmt: skip
OLD_FIELD: dict[str, Any] = {"output_format": {"type": "json_schema", "schema": shaped({"a": {"type": "string"}})}}
COMBINED = (
    ok("a format beside tools", tools=[tool()], **formatted(shaped({"a": {"type": "string"}}))),
    ok("a format beside an effort", output_config={
        "effort": "low", "format": {"type": "json_schema", "schema": shaped()}}),
    refused("a format beside a prefill", like("Assistant message prefill"), model="claude-haiku-4-5",
            messages=[user("Hi"), assistant("{")],
            **formatted(shaped())),
    refused("an unknown format", like("output_config.format: Input tag 'yaml'"),
            output_config={"format": {"type": "yaml"}}),
    ok("the field as it was before", betas="structured-outputs-2025-11-13", **OLD_FIELD),
    refused("the field as it was before, with a bad schema", like("output_format.schema", CLOSED),
            betas="structured-outputs-2025-11-13", output_format={"type": "json_schema", "schema": {"type": "object"}}),
)  # fmt: skip

ROWS = about("structured outputs", *TAKEN, *KEPT_OUT, *SIZES, *COMBINED)
