from __future__ import annotations

from datetime import date
from pathlib import PurePath

import pytest

from clarion._catalog import Catalog
from clarion.check.facts import Facts
from clarion.check.finding import Finding
from clarion.check.shell import scan, uncommented

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
OLD = "claude-3-opus-20240229"
BODY = '"max_tokens": 10, "messages": []'


def found(text: str) -> list[Finding]:
    return list(scan(PurePath("x.sh"), text, FACTS))


@pytest.mark.parametrize(
    "text",
    [
        f"MODEL={OLD}",
        f'export CLAUDE_MODEL="{OLD}" # why',
        f"model=${{MODEL:-{OLD}}}",
        f"MODEL ?= {OLD}",
        f"ENV ANTHROPIC_MODEL {OLD}",
        f"llm -m {OLD} 'hello'",
        f"clarion ask --model={OLD} hello",
        f"aws --model-id '{OLD}'",
        f'curl -d "{{\\"model\\": \\"{OLD}\\"}}"',
        f'curl -d \'{{"model": "{OLD}"}}\'',
        f"cat <<END\n{{'model': '{OLD}'}}\nEND",
        f"# don't\nMODEL={OLD}",
    ],
)
def test_a_retired_model_that_a_shell_script_asks_for_is_found_where_it_stands(text: str) -> None:
    (finding,) = found(text)

    assert finding.code == "CLA101"
    assert text[finding.start : finding.end] == OLD


@pytest.mark.parametrize(
    "text",
    [
        f"# MODEL={OLD}",
        f"true # MODEL={OLD}",
        f'echo "{OLD} is gone"',
        f"grep -rn {OLD} src",
        f"RETIRED_MODELS={OLD}",
        f"MODEL={OLD}-mine",
        "MODEL=claude-opus-5-5",
    ],
)
def test_a_retired_model_that_a_shell_script_only_speaks_of_is_not(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"""curl https://api.anthropic.com/v1/messages -d '{{"model": "claude-opus-5-5", "top_k": 1, {BODY}}}'""",
        f"""x=$(curl -d '{{\n"model": "claude-opus-5-5",\n"top_k": 1, {BODY}}}')""",
        f"""curl -d @- <<END\n{{"model": "claude-opus-5-5", "top_k": 1, {BODY}}}\nEND\n""",
    ],
)
def test_what_is_refused_of_json_that_a_shell_script_sends_is_found(text: str) -> None:
    (finding,) = found(text)

    assert (finding.code, text[finding.start : finding.end]) == ("CLA202", '"top_k": 1')


def test_comments_are_blanked_and_nothing_else() -> None:
    text = "a='# no' # yes 'x'\n#all\nb=\"# no\" c#no \\# \n"

    assert uncommented(text) == "a='# no'          \n    \nb=\"# no\" c#no \\# \n"
