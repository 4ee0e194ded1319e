"""What a docstring tells the model: the first paragraph, and what it says of each argument."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field

FIRST = "-"  # a summary put before every docstring: the parser takes no section for one, were it the first line


@dataclass(frozen=True, slots=True)
class Docs:
    """The description of a function and of its arguments, by name."""

    description: str = ""
    arguments: dict[str, str] = field(default_factory=dict)


def docs_of(text: str | None) -> Docs:
    """Read a docstring in the style of Google, NumPy or reST. One that is malformed has only its first paragraph."""
    if not text:
        return Docs()
    import docstring_parser

    cleaned = inspect.cleandoc(text)
    try:
        parsed = docstring_parser.parse(f"{FIRST}\n\n{cleaned}")
    except docstring_parser.ParseError:
        return Docs(_line(cleaned.split("\n\n")[0]))
    paragraphs = (parsed.description or "").split("\n\n")
    return Docs(
        description=_line(paragraphs[1]) if len(paragraphs) > 1 else "",
        arguments={param.arg_name: _line(param.description) for param in parsed.params if param.description},
    )


def _line(paragraph: str) -> str:
    return " ".join(paragraph.split())
