"""What nobody is told who has not asked for it: what was said, and any key."""

from __future__ import annotations

import base64
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from clarion import Document, Image, InterruptTurn, RetryPolicy, ToolError
from clarion._http import Address
from clarion.emulator.script import call, cut, error, refusal, say
from colours import Make
from telemetry.telescope import Telescope
from test_conversation import talk
from wire import RememberingEmulator, http, saying

CANARY = "canary7f3a"
KEY = "sk-ant-api03-SECRETKEY-0123456789abcdef"
QUICK = RetryPolicy(base=0.001, attempts=2)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def telescope() -> Telescope:
    return Telescope()


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Any:
    """All that was logged above DEBUG, with every attribute of the records and their tracebacks."""
    caplog.set_level(logging.DEBUG, "clarion")
    formatter = logging.Formatter()

    def text(least: int = logging.INFO) -> str:
        ours = [record for record in caplog.records if record.name.startswith("clarion")]
        records = [record for record in ours if record.levelno >= least]
        return "\n".join(f"{formatter.format(record)} {record.__dict__}" for record in records)

    return text


def leaking(location: str) -> str:
    """Get the weather of a place; canary7f3a."""
    raise KeyError(f"{CANARY} in {location}")


def telling(location: str) -> str:
    """Get the weather of a place; canary7f3a."""
    raise ToolError(f"{CANARY} in {location}")


def leaving(location: str) -> str:
    """Get the weather of a place; canary7f3a."""
    raise InterruptTurn(f"{CANARY} in {location}")


def giving(location: str) -> list[Any]:
    """Get the weather of a place; canary7f3a."""
    return [f"{CANARY} in {location}", Image(PNG)]


def approving(_call: Any) -> Any:
    raise ValueError(CANARY)


def say_it_everywhere(make: Any, folder: Path) -> None:
    """Say a word in everything that is sent, comes back, is raised or kept."""
    wanted = {"location": CANARY}
    claude = make(
        *(call(tool.__name__, wanted) for tool in (leaking, telling, giving)),
        say(CANARY),
        error(400, message=CANARY),
        error(529, message=CANARY),
        say(CANARY),
        refusal(explanation=CANARY),
        say(f"{CANARY} and {CANARY}"),
    )
    document = folder / f"{CANARY}.txt"
    document.write_text(CANARY)
    content = [CANARY, Image(PNG), Document(document)]
    claude.complete(content, system=CANARY, tools=[leaking, telling, giving], stop_sequences=[CANARY])
    for policy in (QUICK, QUICK, QUICK):
        try_it(lambda policy=policy: claude.complete(CANARY, retry=policy, metadata={"user_id": CANARY}))
    with claude.stream(CANARY) as stream:
        next(iter(stream))
    for tool, options in ((leaving, {}), (leaking, {"approve": approving})):
        with_tool = make(call(tool.__name__, wanted))
        try_it(lambda: with_tool.complete(CANARY, tools=[tool], **options))  # noqa: B023 -- called at once
    broken = make(say(CANARY), cut(after=40))
    with broken.stream(CANARY, retry=QUICK) as stream:
        try_it(stream.finish)
    talk(make(), store=folder / "talks.db").send(f"{CANARY} is the first word")
    try_it(lambda: make().complete(CANARY, output_type=int, repair_rounds=0))


def try_it(work: Any) -> None:
    """Do what may fail: how it fails is not the question here."""
    with suppress(Exception):
        work()


def maker(make_claude: Make, telescope: Telescope, **telemetry: Any) -> Any:
    def make(*script: Any) -> Any:
        return make_claude(emulate=RememberingEmulator(script=list(script)), telemetry=telescope.telemetry(**telemetry))

    return make


def test_what_is_said_is_in_no_span_no_metric_and_no_line_above_debug(
    make_claude: Make, telescope: Telescope, heard: Any, tmp_path: Path
) -> None:
    say_it_everywhere(maker(make_claude, telescope), tmp_path)

    assert len(telescope.spans("chat")) >= 12
    assert len(telescope.spans("execute_tool")) >= 4
    assert CANARY not in telescope.everything()
    assert "event=attempt" in heard()
    assert CANARY not in heard()
    assert CANARY in heard(logging.DEBUG)


def test_what_is_said_is_in_spans_for_those_who_ask_for_it(
    make_claude: Make, telescope: Telescope, tmp_path: Path
) -> None:
    say_it_everywhere(maker(make_claude, telescope, content=True), tmp_path)

    first = telescope.spans("chat")[0].attributes
    for name in ("gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages"):
        assert CANARY in first[name]
    assert CANARY in first["gen_ai.tool.definitions"]
    assert base64.b64encode(PNG).decode() not in telescope.everything()
    tool = telescope.spans("execute_tool giving")[0].attributes
    assert CANARY in tool["gen_ai.tool.call.arguments"]
    assert CANARY in tool["gen_ai.tool.call.result"]
    assert not any(CANARY in metric.to_json() for metric in telescope.metrics().values())


@pytest.mark.parametrize(
    ("value", "is_told"), [("true", True), ("SPAN_ONLY", True), ("event_only", False), ("", False)]
)
def test_the_switch_of_the_conventions_asks_for_it_too(
    make_claude: Make, telescope: Telescope, monkeypatch: pytest.MonkeyPatch, value: str, is_told: bool
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value)

    maker(make_claude, telescope)().complete(CANARY)

    assert (CANARY in telescope.everything()) is is_told


def test_what_is_too_long_for_an_attribute_is_left_out_and_that_is_told(
    make_claude: Make, telescope: Telescope
) -> None:
    maker(make_claude, telescope, content=True)().complete("word " * 100_000)

    (attempt,) = telescope.spans("chat")
    assert attempt.attributes["clarion.content.truncated"] is True
    assert "gen_ai.input.messages" not in attempt.attributes
    assert "gen_ai.output.messages" in attempt.attributes


def test_a_key_is_told_nowhere(
    make_claude: Make, telescope: Telescope, heard: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = http(
        b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key: %s"}}' % KEY.encode(),
        status="401 Unauthorized",
    )
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    errors: list[Exception] = []

    def collect(work: Any) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    with saying(refused) as url:
        for base_url in (url, url.replace("//", f"//user:{KEY}@"), f"http://user:{KEY}@127.0.0.1:9"):
            claude = make_claude(
                api_key=KEY,
                base_url=base_url,
                ledger=tmp_path / "usage.db",
                telemetry=telescope.telemetry(content=True),
            )
            options: Any = {"tags": {"key": KEY, KEY: "x"}, "headers": {"x-other": KEY}, "retry": QUICK}
            collect(lambda: claude.complete(f"my key is {KEY}", **options))  # noqa: B023 -- called at once
            collect(lambda: claude.complete("Hi", tags={"key": KEY}, max_tokens=30_000, retry=QUICK))  # noqa: B023

    assert len(errors) == 6
    assert not any(KEY in f"{error} {getattr(error, '__notes__', '')}" for error in errors[4:])  # of our own making
    assert KEY not in heard(logging.DEBUG)
    assert "[redacted]" in heard()
    assert len(telescope.spans("invoke_agent")) == 6
    assert KEY not in telescope.everything()


@pytest.mark.parametrize("name", ["x-api-key", "authorization"])
def test_a_header_that_cannot_be_sent_is_not_shown(name: str) -> None:
    with pytest.raises(ValueError, match=f"the header '{name}' has a character") as raised:
        Address("https://127.0.0.1/", {name: f"{KEY}\n"}, connect=1.0, idle=1.0)

    assert KEY not in str(raised.value)
