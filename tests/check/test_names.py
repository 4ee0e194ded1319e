from __future__ import annotations

from datetime import date
from pathlib import PurePath

import pytest

from clarion._catalog import Catalog
from clarion.check.facts import Facts
from clarion.check.python import scan

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
OLD = '"claude-3-opus-20240229"'


def lines(text: str) -> list[int]:
    return [
        text.count("\n", 0, finding.start) + 1
        for finding in scan(PurePath("x.py"), text, FACTS)
        if finding.code == "CLA101"
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"client.messages.create(model={OLD})",
        f"MODEL = {OLD}",
        f"self.model_name: str = {OLD}",
        f"def ask(prompt, *, model={OLD}): ...",
        f"def ask(prompt, model={OLD}, other=1): ...",
        f"MODELS = {{'best': {OLD}}}",
        f"FALLBACKS = [{OLD}]",
        f"body = {{'model': {OLD}, 'max_tokens': 1}}",
        f"model = os.environ.get('CLAUDE_MODEL', {OLD})",
        f"x = os.getenv('CLAUDE_MODEL', {OLD})",
        f"llm = ChatAnthropic({OLD})",
        f"model = name or {OLD}",
        f"model = {OLD} if cheap else other",
        f"def default_model(): return {OLD}",
        f"def default_model():\n    try: g()\n    except OSError: return {OLD}",
        f"config['model'] = {OLD}",
        f"if (model := {OLD}): pass",
        "class Config:\n    model: str = " + OLD,
        f"class Config:\n    model: str = Field(default={OLD}, min_length=1)",
        f"class Config:\n    model: str = field({OLD})",
        f"def ask(model: str = typer.Option({OLD})): ...",
        f"parser.add_argument('-m', '--model', default={OLD})",
        f"@click.option('--model', default={OLD})\ndef f(): ...",
        f"class ClaudeModel(Enum):\n    BEST = {OLD}",
        f"def ask(prompt, model): ...\nask('Hi', {OLD})",
        f"class A:\n    def ask(self, prompt, model_id): ...\n    def f(self): self.ask('Hi', {OLD})",
    ],
)
def test_a_retired_model_that_is_asked_for_is_found(text: str) -> None:
    assert len(lines(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"if model == {OLD}: pass",
        f"assert model in ({OLD},)",
        f"model = other if name == {OLD} else better",
        f"PRICES = {{{OLD}: 15}}",
        f"RETIRED_MODELS = {{{OLD}}}",
        f"SUCCESSORS = {{{OLD}: 'claude-opus-5-5'}}",
        f"is_retired({OLD})",
        f"'''Was {OLD} once.'''",
        f"print('the model ' + {OLD} + ' is gone')",
        f"{OLD}",
        "MODEL = f'{x}claude-3-opus-20240229'",
        f"match model:\n    case {OLD}: pass",
        "MODEL = 'claude-opus-5-5'",
        f"MODELS_WITH_TOOLS = ({OLD},)\nif model.startswith(MODELS_WITH_TOOLS): pass",
        f"MODELS = [{OLD}]\nassert model in MODELS",
        f"MODELS = [{OLD}, {', '.join(map(repr, range(8)))}]",
        f"MODELS = {{{OLD}}}",
        f"Message(model={OLD})",
        f"parser.add_argument('--name', default={OLD})",
        f"title: str = Field(default={OLD})",
        f"def ask(prompt, model): ...\nask({OLD}, x)",
        f"class RetiredModel(Enum):\n    BEST = {OLD}",
        f"assert sent == {{'model': {OLD}}}",
        f"reply = {{'model': {OLD}, 'usage': {{}}}}",
    ],
)
def test_a_retired_model_that_is_only_spoken_of_is_not(text: str) -> None:
    assert lines(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"ClaudeService().complete('Hi', model={OLD})",
        f"ClaudeConfig(model={OLD})",
        f"options = {{'model': {OLD}}}\nClaudeService().complete('Hi', **options)",
        f"M = {OLD}\nclaude = ClaudeService(emulate=True)\nclaude.stream('Hi', model=M)",
    ],
)
def test_what_clarion_is_given_is_only_noted(text: str) -> None:
    (finding,) = scan(PurePath("x.py"), f"from clarion import ClaudeConfig, ClaudeService\n{text}", FACTS)

    assert finding.gravity == "note"
    assert finding.message.endswith("Clarion asks claude-opus-5-5")


def test_the_edit_writes_the_successor_and_nothing_else() -> None:
    text = "é = 1; MODEL = 'anthropic/claude-3-opus-20240229'  # ü\n"
    (finding,) = scan(PurePath("x.py"), text, FACTS)
    (edit,) = finding.edits

    assert text[: edit.start] + edit.text + text[edit.end :] == "é = 1; MODEL = 'anthropic/claude-opus-5-5'  # ü\n"
