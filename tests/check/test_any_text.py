"""Whatever is in a file, it is looked into or said to be unparsable, and what is mended stays whole."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarion._catalog import Catalog
from clarion.check.codes import BY_CODE
from clarion.check.facts import Facts
from clarion.check.finding import Finding
from clarion.check.fixes import mended
from clarion.check.inspection import findings
from clarion.check.languages import language_of
from clarion.check.unparsable import Unparsable
from patience import patience
from spoiling import REQUESTS, SOURCES, exchanged, spoiled, written

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
THINKING = {"type": "enabled", "budget_tokens": None}
OWN_CLIENT = (
    "import anthropic\nclient: anthropic.Anthropic = client.with_options(max_retries=1)\n"
    'client.messages.create(model="claude-opus-5-5", messages=[], max_tokens=50_000)\n'
)
RETURNED = "def f():\n    try:\n        g()\n    except OSError:\n        return 'claude-3-opus-20240229'\n"
ODD_MODEL = (
    "from anthropic import Anthropic\nclient = Anthropic()\n"
    "client.messages.create(model='a\\nb', max_tokens=9, messages=[])\nclient.count_tokens('x')\n"
)
BARE = 'import Anthropic from "@anthropic-ai/sdk";\nconst client = new Anthropic();\nclient.messages.'


def judged(name: str, text: str) -> None:
    """Assert that a text is looked into, and mended at once without harm."""

    def look(text: str) -> list[Finding]:
        language = language_of(name)
        assert language is not None
        return findings(Path(name), text, language, FACTS, frozenset(BY_CODE))

    with patience():
        try:
            found = look(text)
        except Unparsable:
            return
        done = mended(text, look)
        again = mended(done.text, look)

    assert not done.is_broken
    assert again.text == done.text
    for finding in found:
        assert 0 <= finding.start <= finding.end <= len(text)


@given(spoiled())
@example(("x.js", BARE))
@example(("x.ts", f'{BARE}create({{}});\ndeclare module "x" {{ export const VERSION: string }}'))
@example(("x.py", OWN_CLIENT))
@example(("x.py", RETURNED))
@example(("x.py", ODD_MODEL))
@example(("x.ipynb", '{"cells": [{"cell_type": "code", "source": "\\,"}]}'))
@settings(max_examples=400)
def test_a_text_that_is_spoiled_anywhere_is_looked_into_and_mended_whole(file: tuple[str, str]) -> None:
    judged(*file)


@given(exchanged())
@settings(max_examples=200)
def test_a_program_with_other_expressions_is_looked_into_and_mended_whole(text: str) -> None:
    judged("x.py", text)


@given(st.sampled_from(SOURCES), st.data())
@settings(max_examples=200)
def test_a_text_that_is_cut_anywhere_is_looked_into_and_mended_whole(
    source: tuple[str, str], data: st.DataObject
) -> None:
    name, text = source
    start = data.draw(st.integers(0, len(text)))

    judged(name, text[:start] + text[data.draw(st.integers(start, min(start + 40, len(text)))) :])


@given(REQUESTS)
@example({"model": "claude-haiku-4-5", "thinking": THINKING})
@example({"model": "claude-opus-5-5", "thinking": {**THINKING, "budget_tokens": {}}})
@settings(max_examples=100)
def test_fields_of_any_type_are_looked_into_in_every_language(request: dict[str, object]) -> None:
    for name, text in written(request):
        judged(name, text)


@given(REQUESTS)
@settings(max_examples=100)
def test_json_with_fields_of_any_type_stays_json(request: dict[str, object]) -> None:
    language = language_of("x.json")
    assert language is not None

    text = json.dumps(request)
    done = mended(text, lambda text: list(language.scan(Path("x.json"), text, FACTS)))

    assert json.loads(done.text).keys() - {"output_config"} <= request.keys()
