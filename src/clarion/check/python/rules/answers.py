"""How answers are read."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from clarion.check.finding import Finding
from clarion.check.python.edits import replaced
from clarion.check.python.scopes import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Edit
    from clarion.check.python.calls import Program

MESSAGE = re.compile(
    r"(?:anthropic\.Anthropic\(\)\.messages\.(?:create|parse)\(\)"
    r"|anthropic\.Anthropic\(\)\.messages\.stream\(\)\.__enter__\(\)\.get_final_message\(\)"
    r"|anthropic\.types\.(?:\w+\.)*(?:Parsed)?(?:Beta)?Message\(\))"
)
FIRST_TEXT = re.compile(MESSAGE.pattern + r"\.content\[0\]\.text")


def first_blocks(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield places where the first block of an answer is taken for its text."""
    del facts
    for node in program.module.every(ast.Attribute):
        if node.attr == "text" and FIRST_TEXT.fullmatch(program.origins.of(node)) and not _is_looked_at(node, program):
            start, end = program.module.span(node)
            message = (
                f"{program.module.segment(node.value)} may be thinking or a tool call, or not be there: "
                "join the text of the blocks whose type is text"
            )
            edits = _joined(node, program) if isinstance(node.ctx, ast.Load) else ()
            yield Finding(code="CLA401", start=start, end=end, message=message, edits=edits)


def _joined(node: ast.Attribute, program: Program) -> tuple[Edit, ...]:
    """Return the edit to the text of all blocks; none if the answer is not named there, or quotes get in the way."""
    match node.value:
        case ast.Subscript(value=ast.Attribute(attr="content", value=message)):
            segment = program.module.segment(message)
        case _:
            return ()
    quote = "'" if _is_in_quotes(node, program) else '"'
    if "\n" in segment or quote in segment:
        return ()
    code = f'"".join(block.text for block in {segment}.content if block.type == "text")'.replace('"', quote)
    return replaced(node, code, program.module)


def _is_in_quotes(node: ast.AST, program: Program) -> bool:
    """Whether code stands in an f-string in double quotes."""
    outer = next((each for each in program.module.ancestors(node) if isinstance(each, ast.JoinedStr)), None)
    return outer is not None and program.module.segment(outer).lstrip("fFrR").startswith('"')


def _is_looked_at(node: ast.Attribute, program: Program) -> bool:
    """Whether the type of the block is asked for, in the same function or module."""
    block = ast.dump(node.value)
    home = next((each for each in program.module.ancestors(node) if isinstance(each, FUNCTIONS)), program.module.tree)
    for each in ast.walk(home):
        match each:
            case ast.Attribute(value=other, attr="type") if ast.dump(other) == block:
                return True
            case ast.Call(func=ast.Name(id="isinstance" | "hasattr" | "getattr"), args=[other, *_]):
                if ast.dump(other) == block:
                    return True
            case ast.Match(subject=other) if ast.dump(other) == block:
                return True
    return False
