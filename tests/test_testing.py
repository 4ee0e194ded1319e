"""The pytest plugin, on test files of its own: what its fixtures reach, what its marks fail, what it refuses."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import aiohttp  # pytester forgets what its tests import first: what is loaded here is loaded once
import anthropic
import pytest

import clarion.testing.checks
from clarion.emulator import Emulator, Server
from clarion.emulator.script import say
from clarion.testing.network import REAL, refused

LOADED = (aiohttp, anthropic.Anthropic().messages, clarion.testing.checks)
TALK = """
    import asyncio
    import anthropic
    import pytest
    from clarion.emulator.script import error, say

    ASKED = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}

    def ask(client):
        return client.messages.create(**ASKED).content[-1].text
"""


def outcomes(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=TALK + test)
    return pytester.runpytest_inprocess("-W", "error", "-p", "no:cacheprovider", *options)


def test_clients_and_services_made_anywhere_reach_the_emulator(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        program="""
        import anthropic

        before = anthropic.Anthropic(api_key="made when the program was imported")
        """
    )
    result = outcomes(
        pytester,
        """
    import program
    from clarion import AsyncClaudeService, ClaudeService

    def test_it(claude_emulator):
        claude_emulator.add(*(say(str(number)) for number in range(6)))

        async def ask_async():
            async with anthropic.AsyncAnthropic() as client:
                yield (await client.messages.create(**ASKED)).content[-1].text
            async with anthropic.AsyncAnthropic(http_client=anthropic.DefaultAioHttpClient()) as client:
                yield (await client.messages.create(**ASKED)).content[-1].text
            async with AsyncClaudeService() as claude:
                yield (await claude.complete("Hello")).text

        async def collect():
            return [text async for text in ask_async()]

        with anthropic.Anthropic() as client, ClaudeService() as claude:
            found = [ask(program.before), ask(client), claude.complete("Hello").text, *asyncio.run(collect())]

        assert found == ["0", "1", "2", "3", "4", "5"]
        assert [request.text for request in claude_emulator.requests] == ["Hello"] * 6
        assert claude_emulator.requests[0].json["model"] == "claude-haiku-5-5"
        assert claude_emulator.requests[0].headers["authorization"] == "..."
    """,
    )

    result.assert_outcomes(passed=1)


def test_the_emulator_hands_out_clients(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
    def test_sync(claude_emulator):
        claude_emulator.add(error(529))
        with pytest.raises(anthropic.OverloadedError):
            ask(claude_emulator.client(max_retries=0))

    def test_async(claude_emulator):
        claude_emulator.add(say("hi"))
        async def run():
            return await claude_emulator.async_client().messages.create(**ASKED)
        assert asyncio.run(run()).content[-1].text == "hi"

    def test_each_test_has_its_own(claude_emulator):
        assert len(claude_emulator.requests) == 0
    """,
    )

    result.assert_outcomes(passed=3)


def test_the_server_is_there_for_any_client(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
    import json, os, urllib.request

    def test_it(claude_server, claude_emulator):
        claude_emulator.add(say("over a socket"), say("by another"))
        url = os.environ["ANTHROPIC_BASE_URL"]
        headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2026-10-21",
                   "content-type": "application/json"}
        request = urllib.request.Request(f"{url}/v1/messages", json.dumps(ASKED).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["content"][-1]["text"] == "over a socket"
        with anthropic.Anthropic() as client:
            assert ask(client) == "by another"
        assert url == claude_server.url
        assert claude_emulator.requests[0].headers["user-agent"].startswith("Python-urllib")
    """,
    )

    result.assert_outcomes(passed=1)


def test_the_surroundings_are_as_before_after_the_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.example")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "mine")
    result = outcomes(
        pytester,
        """
    import os, socket, httpx2
    before = socket.getaddrinfo, httpx2.Client._transport_for_url

    def test_within(claude_emulator):
        assert os.environ["ANTHROPIC_API_KEY"] == "emulated"
        assert "ANTHROPIC_AUTH_TOKEN" not in os.environ
        assert httpx2.Client._transport_for_url is not before[1]

    def test_after():
        assert os.environ["ANTHROPIC_BASE_URL"] == "https://gateway.example"
        assert os.environ["ANTHROPIC_AUTH_TOKEN"] == "mine"
        assert "ANTHROPIC_API_KEY" not in os.environ
        assert httpx2.Client._transport_for_url is before[1]

    @pytest.mark.claude_network
    def test_free():
        assert socket.getaddrinfo is before[0]
    """,
    )

    result.assert_outcomes(passed=3)


def test_a_scenario_is_played(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("rough.yaml").write_text("scenario: rough\nsteps:\n  - do: {error: 529}\n")
    result = outcomes(
        pytester,
        """
    @pytest.mark.claude_scenario("rough.yaml")
    def test_a_file():
        with anthropic.Anthropic(max_retries=0) as client, pytest.raises(anthropic.OverloadedError):
            ask(client)

    @pytest.mark.claude_scenario(error(429, retry_after=0), say("at last"))
    def test_steps(claude_emulator):
        assert ask(claude_emulator.client()) == "at last"
    """,
    )

    result.assert_outcomes(passed=2)


def test_a_step_that_never_came_fails_the_test_that_asked_for_it(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
    @pytest.mark.claude_scenario(say("hi"), error(529))
    def test_unmet(claude_emulator):
        ask(claude_emulator.client())

    @pytest.mark.claude_scenario(error(529))
    def test_that_fails_anyway():
        assert False, "its own reason"

    def test_unmarked(claude_emulator):
        claude_emulator.add(error(529))
    """,
    )

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*no call has taken error(529)*", "*its own reason*"])


def test_a_ready_scenario_has_to_be_met_by_some_call(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
    @pytest.mark.claude_scenario("overload-minutes")
    def test_met(claude_emulator):
        with pytest.raises(anthropic.OverloadedError):
            ask(claude_emulator.client(max_retries=0))

    @pytest.mark.claude_scenario("overload-minutes")
    def test_not_met(claude_emulator):
        pass

    @pytest.mark.claude_scenario("overload-minutes", all_consumed=True)
    def test_not_met_by_all(claude_emulator):
        with pytest.raises(anthropic.OverloadedError):
            ask(claude_emulator.client(max_retries=0))

    @pytest.mark.claude_scenario(say("hi"), error(529), all_consumed=False)
    def test_left_over(claude_emulator):
        ask(claude_emulator.client())
    """,
    )

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*no call has taken a step of overload-minutes*"])


def test_a_scenario_that_expects_something_else_fails_the_test(pytester: pytest.Pytester) -> None:
    document = "scenario: strict\nsteps:\n  - do: {error: 529}\n  - ok\nexpect: {max_attempts: 1}\n"
    pytester.path.joinpath("strict.yaml").write_text(document)
    result = outcomes(
        pytester,
        """
    @pytest.mark.claude_scenario("strict.yaml")
    def test_it(claude_emulator):
        ask(claude_emulator.client())
    """,
    )

    result.assert_outcomes(failed=1)


def test_a_client_that_misbehaves_fails_a_test_with_a_verdict(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
    @pytest.mark.claude_scenario(error(429, retry_after=60), say("hi"), verdict=True)
    def test_it(claude_emulator):
        client = claude_emulator.client(max_retries=0)
        with pytest.raises(anthropic.RateLimitError):
            ask(client)
        ask(client)
    """,
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*retry-after-ignored*"])


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ('"overload-hours"', "*no ready scenario 'overload-hours'*"),
        ('"gone.yaml"', "*cannot read the scenario gone.yaml*"),
        ("", "*takes one scenario*"),
        ("3", "*takes one scenario*"),
    ],
)
def test_a_scenario_that_is_none_is_said_in_a_line(pytester: pytest.Pytester, mark: str, says: str) -> None:
    result = outcomes(pytester, f"\n    @pytest.mark.claude_scenario({mark})\n    def test_it(): pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([says])


RECORDED = """
    @pytest.mark.claude_recording
    def test_it():
        with anthropic.Anthropic() as client:
            assert ask(client) == "from afar"
"""


def test_recordings_are_made_and_played(pytester: pytest.Pytester) -> None:
    absent = outcomes(pytester, RECORDED)
    absent.assert_outcomes(errors=1)
    absent.stdout.fnmatch_lines(["*make them with --claude-record*"])

    with Server(Emulator(script=[say("from afar")])) as upstream:
        made = outcomes(pytester, RECORDED, "--claude-record", "--claude-upstream", upstream.url)
    made.assert_outcomes(passed=1)
    (file,) = pytester.path.glob("recordings/test_it/test_it/*.json")

    played = outcomes(pytester, RECORDED)
    played.assert_outcomes(passed=1)
    assert file.exists()


def test_a_call_that_was_not_recorded_fails_the_test_though_it_is_caught(pytester: pytest.Pytester) -> None:
    made = outcomes(
        pytester,
        """
    @pytest.mark.claude_recording("tapes")
    def test_it(claude_emulator):
        ask(claude_emulator.client())
    """,
        *("--claude-record", "--claude-upstream", "emulator"),
    )
    made.assert_outcomes(passed=1)
    assert list(pytester.path.glob("tapes/test_it/*.json"))

    missed = outcomes(
        pytester,
        """
    @pytest.mark.claude_recording("tapes")
    def test_it(claude_emulator):
        try:
            ask(claude_emulator.client().with_options(default_headers={"x": "y"}))
            claude_emulator.client().messages.create(**ASKED | {"max_tokens": 7})
        except anthropic.NotFoundError:
            pass
    """,
    )
    missed.assert_outcomes(failed=1)
    missed.stdout.fnmatch_lines(["*max_tokens: 100 is recorded, 7 was asked*"])


def test_a_recording_that_fails_leaves_the_old_one(pytester: pytest.Pytester) -> None:
    with Server(Emulator(script=[say("from afar"), say("something else")])) as upstream:
        options = ("--claude-record", "--claude-upstream", upstream.url)
        outcomes(pytester, RECORDED, *options).assert_outcomes(passed=1)
        outcomes(pytester, RECORDED, *options).assert_outcomes(failed=1)

    outcomes(pytester, RECORDED).assert_outcomes(passed=1)
    assert not list(pytester.path.glob("recordings/**/*.new"))


def test_recording_the_real_api_needs_a_key(pytester: pytest.Pytester) -> None:
    result = outcomes(pytester, RECORDED, "--claude-record")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*set ANTHROPIC_API_KEY*"])


def test_the_real_api_is_refused_whoever_calls_it(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    result = outcomes(
        pytester,
        """
    import os, socket, urllib.request
    import aiohttp, httpx2

    URL = "https://api.anthropic.com/v1/models"
    REFUSED = pytest.raises(BaseException, match="the test calls the real API")

    def loops():
        yield asyncio.new_event_loop
        try:
            import uvloop
        except ImportError:
            return
        yield uvloop.new_event_loop

    LOOPS = list(loops())

    def refused(call, loop):
        async def run():
            with REFUSED:
                await call()
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(run())

    def test_sdk():
        with anthropic.Anthropic(api_key="k") as client, REFUSED:
            try:
                client.models.list()
            except Exception:
                pass

    @pytest.mark.parametrize("loop", LOOPS)
    def test_async_sdk(loop):
        async def call():
            async with anthropic.AsyncAnthropic(api_key="k") as client:
                await client.models.list()
        refused(call, loop)

    @pytest.mark.parametrize("loop", LOOPS)
    def test_aiohttp(loop):
        async def call():
            async with aiohttp.ClientSession() as session:
                await session.get(URL)
        refused(call, loop)

    def test_httpx2():
        with REFUSED:
            httpx2.get(URL)

    def test_urllib():
        with REFUSED:
            urllib.request.urlopen(URL)

    def test_bytes():
        with REFUSED:
            socket.getaddrinfo(b"API.anthropic.com.", 443)

    def test_proxy():
        assert os.environ["HTTPS_PROXY"]
        with REFUSED:
            urllib.request.urlopen(URL)
        with REFUSED:
            httpx2.get(URL)

    def test_in_process(claude_emulator):
        with pytest.raises(BaseException, match="use claude_server"):
            urllib.request.urlopen(os.environ["ANTHROPIC_BASE_URL"])

    def test_other_names_are_left_alone():
        assert socket.getaddrinfo("localhost", 80)
    """,
    )

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= 9


def test_a_test_that_calls_the_real_api_is_told_what_to_do(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
    def test_it():
        with anthropic.Anthropic(api_key="k") as client:
            ask(client)
    """,
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the test calls the real API (api.anthropic.com): use the fixture claude_emulator*"])


def test_the_seed_varies_what_is_made_up(pytester: pytest.Pytester) -> None:
    test = """
    def test_it(claude_emulator):
        assert claude_emulator.state.settings.seed == 7
    """

    outcomes(pytester, test, "--claude-seed", "7").assert_outcomes(passed=1)


def test_the_plugin_is_loaded_where_clarion_is_installed_and_costs_next_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n"
        "def test_it(pytestconfig):\n"
        "    assert pytestconfig.pluginmanager.has_plugin('clarion')\n"
        "    heavy = {'anthropic', 'pydantic', 'PIL', 'httpx2', 'aiohttp', 'orjson', 'yaml', 'clarion.emulator'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "--strict-markers",
            "test_plain.py",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_thread_that_is_about_to_import_uvloop_disturbs_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", ModuleType("uvloop"))

    with refused(), pytest.raises(pytest.fail.Exception, match="the test calls the real API"):
        socket.getaddrinfo(REAL, 443)
