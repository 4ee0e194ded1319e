from __future__ import annotations

from datetime import date
from pathlib import PurePath

import pytest

from clarion._catalog import Catalog
from clarion.check.facts import Facts
from clarion.check.python import scan

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
CREATE = 'messages.create(model="claude-opus-5-5", max_tokens=9, messages=[], temperature=1)'


def codes(text: str) -> list[str]:
    return sorted(finding.code for finding in scan(PurePath("x.py"), text, FACTS))


@pytest.mark.parametrize(
    "text",
    [
        f"import anthropic as ai\nai.Anthropic().{CREATE}",
        f"from anthropic import AsyncAnthropic as Claude\nasync def f():\n    await Claude().{CREATE}",
        f"from anthropic import Client\nClient().{CREATE}",
        f"from anthropic.lib.bedrock import AnthropicBedrock\nAnthropicBedrock().{CREATE}",
        f"import anthropic\nc = anthropic.Anthropic().with_options(timeout=3)\nc.beta.{CREATE}",
        f"import anthropic\nc = anthropic.Anthropic()\nc.messages.with_raw_response.{CREATE.partition('.')[2]}",
        f"import anthropic\nwith anthropic.Anthropic() as c:\n    c.{CREATE}",
        f"import anthropic\nif (c := anthropic.Anthropic()):\n    c.{CREATE}",
        f"import anthropic\nc = None\ndef start():\n    global c\n    c = anthropic.Anthropic()\nc.{CREATE}",
        f"import anthropic\ndef f(c: anthropic.Anthropic):\n    c.{CREATE}",
        f"import anthropic\ndef f(c: 'anthropic.Anthropic | None' = None):\n    c.{CREATE}",
        f"from typing import Optional as O\nimport anthropic\ndef f(c: O[anthropic.Anthropic] = None):\n    c.{CREATE}",
        f"import anthropic\ndef get():\n    return anthropic.Anthropic()\nget().{CREATE}",
        f"import anthropic\nclass A:\n    c: anthropic.Anthropic\n    def f(self):\n        self.c.{CREATE}",
        f"import anthropic\nclass A:\n    def __init__(self, c=None):\n        self.c = c or anthropic.Anthropic()\n"
        f"class B(A):\n    def f(self):\n        self.c.{CREATE}",
        f"import anthropic\nclass A:\n    @property\n    def c(self):\n        return anthropic.Anthropic()\n"
        f"    def f(self):\n        def g():\n            self.c.{CREATE}",
        f"import anthropic\nclass A:\n    def __init__(self):\n        self.c = anthropic.Anthropic()\nA().c.{CREATE}",
        f"import anthropic, pytest\n@pytest.fixture\ndef c():\n    yield anthropic.Anthropic()\n"
        f"def test_it(c):\n    c.{CREATE}",
        f"import anthropic\nm = anthropic.Anthropic().messages\nm.{CREATE.partition('.')[2]}",
        f"def f(anything):\n    anything.{CREATE}",
        f"self.llm.client.{CREATE}",
        "import asyncio, anthropic\nc = anthropic.Anthropic()\nasyncio.to_thread(c.messages.create, model=m, top_k=1)",
        "from functools import partial\nask = partial(client.messages.create, model=m, messages=[], top_p=1)",
    ],
)
def test_a_client_is_known_by_where_it_comes_from_or_a_call_by_its_shape(text: str) -> None:
    assert codes(text) == ["CLA201"]


@pytest.mark.parametrize(
    "text",
    [
        f"from other import Anthropic\nAnthropic().{CREATE}",
        f"class Anthropic:\n    messages = 1\nAnthropic().{CREATE}",
        "def f(client):\n    client.messages.create(to='+1', body='claude', temperature=37)",
        "import anthropic\nclient = anthropic.Anthropic()\nclient = other()\nclient.count_tokens('x')",
        "import anthropic\ndef f(client):\n    client.count_tokens('x')\n    client.completions.create()",
        "import anthropic\ndef f(reply):\n    return reply.content[0].text",
        "from anthropic import Anthropic as A\nA().messages.create(model=m, **options)",
        "from anthropic import Anthropic as A\nA().messages.create(model=m, thinking={'type': 'enabled'})",
        "import anthropic as a\nm = 'claude-opus-5-5'\nm = x\na.Anthropic().messages.create(model=m, speed='fast')",
    ],
)
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    assert codes(text) == []


ASKED = "from anthropic import Anthropic\nr = Anthropic().messages.create()\n"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("print(r.content[0].text)", True),
        ("block = r.content[0]\nprint(block.text)", True),
        ("blocks = r.content\nprint(blocks[0].text)", True),
        ("block = r.content[0]\nif block.type == 'text':\n    print(block.text)", False),
        ("match r.content[0]:\n    case TextBlock():\n        print(r.content[0].text)", False),
        ("print(r.content[-1].text)", False),
        ("print(r.content[0].thinking)", False),
        ("print([block.text for block in r.content if block.type == 'text'])", False),
        ("async def f():\n    return (await AsyncAnthropic().messages.create()).content[0].text", False),
    ],
)
def test_the_first_block_is_taken_for_text_if_nobody_asks_what_it_is(text: str, is_found: bool) -> None:
    assert codes(f"{ASKED}{text}\n") == ["CLA401"] * is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("PRICES = {'claude-opus-5-5': 4.0}", True),
        ("MODELS = {'claude-opus-5-5': dict(input_cost=4.0, output_cost=20.0)}", True),
        ("RATES = {'claude-opus-5-5': (4, 20)}", True),
        ("RATE_LIMITS = {'claude-opus-5-5': 50}", False),
        ("GENERATED = {'claude-opus-5-5': 4}", False),
        ("PRICES = {'gpt-9': 4.0}", False),
        ("PRICES = {'claude-opus-5-5': price_of('opus')}", False),
    ],
)
def test_a_table_of_prices_is_told_from_other_tables(text: str, is_found: bool) -> None:
    assert codes(text) == ["CLA701"] * is_found


PREFILL = "from anthropic import Anthropic\nc = Anthropic()\n"


@pytest.mark.parametrize(
    ("messages", "is_found"),
    [
        ('[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}]', True),
        ('[{"role": "assistant", "content": f"{start}"}]', True),
        ('[{"role": "assistant", "content": [{"type": "text", "text": "{"}]}]', True),
        ('history + [{"role": "assistant", "content": "{"}]', True),
        ('[*history, dict(role="assistant", content="{")]', True),
        ('[{"role": "assistant", "content": "{"}, *history]', False),
        ('[{"role": "assistant", "content": reply.content}]', False),
        ('[{"role": "assistant", "content": text}]', False),
        ('[{"role": role, "content": "{"}]', False),
        ('[{"role": "assistant", "content": [{"type": "tool_use", "id": "x", "name": "f", "input": {}}]}]', False),
    ],
)
def test_a_prefill_is_the_models_own_text_at_the_end(messages: str, is_found: bool) -> None:
    text = f'{PREFILL}c.messages.create(model="claude-opus-5-5", max_tokens=9, messages={messages})'

    assert codes(text) == ["CLA222"] * is_found


CROWD = """
import asyncio
from anthropic import AsyncAnthropic
c = AsyncAnthropic()
limit = asyncio.Semaphore(3)
async def ask(p):
    {before}
    await c.messages.create(model="claude-opus-5-5", max_tokens=9, messages=[])
async def outer(p):
    return await ask(p)
async def main(prompts):
    {run}
"""


@pytest.mark.parametrize(
    ("run", "is_found"),
    [
        ("await asyncio.gather(*[ask(p) for p in prompts])", True),
        ("await asyncio.gather(*(outer(p) for p in prompts), return_exceptions=True)", True),
        ("await asyncio.gather(*[c.messages.create(model='x', max_tokens=9, messages=[p]) for p in prompts])", True),
        ("for done in asyncio.as_completed([ask(p) for p in prompts]): await done", True),
        ("tasks = [asyncio.create_task(ask(p)) for p in prompts]; await asyncio.gather(*tasks)", True),
        ("async with asyncio.TaskGroup() as group:\n        for p in prompts: group.create_task(ask(p))", True),
        ("await asyncio.gather(*[other(p) for p in prompts])", False),
        ("await asyncio.gather(*[ask(p) for p in prompts[:10]])", False),
        ("await asyncio.gather(*[ask(p) for p in ('a', 'b')])", False),
        ("await asyncio.gather(*[ask(p) for p in range(5)])", False),
        ("await asyncio.gather(ask(1), ask(2))", False),
        ("for chunk in batched(prompts, 9): await asyncio.gather(*[ask(p) for p in chunk])", False),
        ("for p in prompts: await ask(p)", False),
        ("async with limit: await asyncio.gather(ask(1))", False),
    ],
)
def test_a_crowd_is_a_task_for_each_of_any_number_of_items(run: str, is_found: bool) -> None:
    found = codes(CROWD.format(before="pass", run=run))

    assert ("CLA501" in found) == is_found


@pytest.mark.parametrize("before", ["await limit.acquire()", "async with limit: return await ask(p)"])
def test_a_limit_in_the_task_bounds_a_crowd(before: str) -> None:
    run = "await asyncio.gather(*[ask(p) for p in prompts])"
    bounded = CROWD.format(before=before, run=run)

    assert ("CLA501" in codes(bounded)) == ("acquire" not in before)


@pytest.mark.parametrize(
    ("retry", "is_found"),
    [
        ("lambda e: isinstance(e, RateLimitError)", True),
        ("lambda e: isinstance(e, (RateLimitError, OSError))", True),
        ("lambda e: e.status_code == 429", True),
        ("is_busy", True),
        ("lambda state: state.outcome.failed", False),
        ("lambda state: isinstance(state.outcome.exception(), RateLimitError)", False),
        ("retry_if_exception(lambda e: isinstance(e, RateLimitError))", False),
        ("is_other", False),
    ],
)
def test_a_retry_that_takes_the_error_is_told_from_one_that_takes_the_state(retry: str, is_found: bool) -> None:
    text = (
        "from anthropic import RateLimitError\nfrom tenacity import retry, retry_if_exception\n"
        "def is_busy(error):\n    return isinstance(error, RateLimitError)\n"
        f"@retry(retry={retry})\ndef f(): ...\n"
    )

    assert codes(text) == ["CLA503"] * is_found


@pytest.mark.parametrize(
    ("caught", "is_found"),
    [
        ("OverloadedError", True),
        ("(OverloadedError, RateLimitError)", True),
        ("(OverloadedError, APIStatusError)", False),
        ("OverloadedError:\n    pass\nexcept Exception", False),
        ("RateLimitError", False),
        ("OverloadedError:\n    pass\nexcept OURS", False),
    ],
)
def test_only_what_misses_an_overload_within_a_stream_is_found(caught: str, is_found: bool) -> None:
    text = (
        "from anthropic import Anthropic, APIStatusError, OverloadedError, RateLimitError\n"
        "try:\n    for event in Anthropic().messages.create(model=m, messages=[], stream=True): pass\n"
        f"except {caught}:\n    pass\n"
    )

    assert codes(text) == ["CLA502"] * is_found


def test_names_of_models_are_judged_on_bedrock_by_what_bedrock_takes() -> None:
    text = (
        "from anthropic import AnthropicBedrock\n"
        'AnthropicBedrock().messages.create(model="us.anthropic.claude-opus-4-8", max_tokens=9, messages=[],\n'
        '    thinking={"type": "enabled", "budget_tokens": 2000})\n'
    )

    assert codes(text) == ["CLA211"]
