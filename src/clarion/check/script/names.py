"""Which strings of a script are names of models that it asks for.

A name that is compared, that is the key of a table, a case, a type, or a word in running text asks for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._model_names import named
from clarion.check.models import judged
from clarion.check.script.syntax import unescaped
from clarion.check.wording import holds_model, speaks_of_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.script.syntax import Syntax

OPERATORS = ("??", "||", "??=", "||=")
STARTS = ("(", "[", "{", ",", ";", "=", "=>", "...")


def retiring_models(syntax: Syntax, facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every name of a retired model, or one that soon will be, that is asked for."""
    for index, token in enumerate(syntax.tokens):
        if token.kind in ("string", "template") and "claude-" in token.text:
            found = named(unescaped(token.text[1:-1]), facts.catalog)
            if found is not None and _holds(syntax, index):
                finding = judged(found, facts, syntax.text, token.start, token.end)
                if finding is not None:
                    yield finding


def _holds(syntax: Syntax, index: int) -> bool:
    """Whether the value that begins with a token stands where the name of a model is taken."""
    while index > 0:
        before = index - 1
        if syntax.is_mark(before, *OPERATORS):
            index = _operand(syntax, before)
            if syntax.is_name(before - 1) and holds_model(syntax.tokens[before - 1].text):
                return True
        elif syntax.is_mark(before, "?"):
            index = _operand(syntax, before)
        elif syntax.is_mark(before, ":"):
            if (key := _key(syntax, before - 1)) is None:
                if (question := _question(syntax, before)) is None:
                    return False
                index = question + 1
                continue
            if speaks_of_models(key):
                return holds_model(key)
            index = syntax.within[before]
        elif syntax.is_mark(before, "="):
            return holds_model(_assigned(syntax, before - 1))
        elif syntax.is_mark(before, "(", ",", "["):
            opener = before if syntax.is_mark(before, "(", "[") else syntax.within[before]
            if opener < 0 or syntax.is_mark(opener, "{"):
                return False
            if syntax.is_mark(opener, "(") and syntax.is_name(opener - 1):
                return holds_model(syntax.tokens[opener - 1].text)
            index = opener
        else:
            return False
    return False


def _operand(syntax: Syntax, end: int) -> int:
    """Return where the operand, or the condition, begins that ends before a token."""
    index, within = end - 1, syntax.within[end]
    while index > within and not (syntax.within[index] == within and _begins_after(syntax, index)):
        index -= 1
    return index + 1


def _begins_after(syntax: Syntax, index: int) -> bool:
    if syntax.is_mark(index, ":"):
        return _key(syntax, index - 1) is not None or _question(syntax, index) is not None
    return syntax.is_mark(index, *STARTS) or syntax.is_name(index, "return", "await")


def _key(syntax: Syntax, index: int) -> str | None:
    """Return the key of a table that a token is, before its colon."""
    token = syntax.tokens[index]
    if token.kind not in ("name", "string") or not syntax.is_mark(index - 1, "{", ","):
        return None
    opener = syntax.within[index]
    if not syntax.is_mark(opener, "{"):
        return None
    return token.text[1:-1] if token.kind == "string" else token.text


def _question(syntax: Syntax, colon: int) -> int | None:
    """Return the question mark that a colon belongs to."""
    depth = 0
    for index in range(colon - 1, syntax.within[colon], -1):
        if syntax.within[index] != syntax.within[colon]:
            continue
        if syntax.is_mark(index, ":") and _key(syntax, index - 1) is None:
            depth += 1
        elif syntax.is_mark(index, "?"):
            if depth == 0:
                return index
            depth -= 1
        elif syntax.is_mark(index, ";"):
            return None
    return None


def _assigned(syntax: Syntax, index: int) -> str:
    """Return the name that is assigned to, before `=`: with its type, as a property or under a key."""
    if syntax.is_mark(index, "]") and index in syntax.partner:
        inner = syntax.tokens[syntax.partner[index] + 1]
        if inner.kind == "string" and syntax.partner[index] + 2 == index:
            return inner.text[1:-1]
        return ""
    names = list[str]()
    while syntax.is_name(index) or syntax.is_mark(index, ".", ":", "?", "|", "<", ">", "[", "]"):
        token = syntax.tokens[index]
        if syntax.is_mark(index, ":"):
            names.clear()
        elif token.kind == "name" and not names:
            names.append(token.text)
        index -= 1
        if syntax.is_name(index, "const", "let", "var", "readonly", "static", "private", "public", "type"):
            return "" if syntax.is_name(index, "type") else "".join(names)
    return "".join(names)
