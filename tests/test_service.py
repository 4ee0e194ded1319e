from __future__ import annotations

import asyncio
import base64
import io
import sys
import threading
from types import SimpleNamespace
from typing import Any

import anthropic
import httpx2
import PIL.Image
import pytest

import clarion
from clarion import Budget, ClaudeConfig, ClaudeService, InvalidSettingError, RetryPolicy
from clarion.emulator import script
from colours import Make
from wire import RememberingEmulator


def test_a_text_is_answered_with_text(claude: Any) -> None:
    completion = claude.complete("How tall is the Eiffel tower?")

    assert "How tall is the Eiffel tower?" in completion.text
    assert completion.stop_reason == "end_turn"
    assert completion.emulated


def test_text_is_found_behind_thinking(claude: Any) -> None:
    completion = claude.complete("Think.", model="claude-opus-5-5", thinking="high")

    assert completion.content[0]["type"] == "thinking"
    assert completion.thinking
    assert completion.text.startswith("[emulated]")


def test_options_of_a_call_go_over_its_config_and_that_over_the_default(make_claude: Make) -> None:
    emulator = RememberingEmulator()
    claude = make_claude(emulate=emulator, config=ClaudeConfig(model="claude-haiku-5-5", max_tokens=100))

    claude.complete("One")
    claude.complete("Two", config=ClaudeConfig(model="claude-opus-5-5", max_tokens=200))
    claude.complete("Three", config=ClaudeConfig(model="claude-opus-5-5"), max_tokens=300, system="Be brief.")

    sent = [(body["model"], body["max_tokens"], body.get("system")) for body in emulator.bodies]
    assert sent == [
        ("claude-haiku-5-5", 100, None),
        ("claude-opus-5-5", 200, None),
        ("claude-opus-5-5", 300, "Be brief."),
    ]


def test_options_that_are_no_fields_of_the_config_are_sent_as_they_are(
    claude: Any, emulator: RememberingEmulator
) -> None:
    claude.complete("Hi", metadata={"user_id": "u1"}, extra={"inference_geo": "us"})

    assert emulator.bodies[0]["metadata"] == {"user_id": "u1"}
    assert emulator.bodies[0]["inference_geo"] == "us"


def test_tags_are_not_sent(claude: Any, emulator: RememberingEmulator) -> None:
    claude.complete("Hi", tags={"team": "search"})

    assert "tags" not in emulator.bodies[0]


def test_headers_and_betas_are_sent_as_headers(claude: Any, emulator: RememberingEmulator) -> None:
    claude.complete("Hi", headers={"x-team": "search"}, betas=["files-api-2025-04-14"])

    assert emulator.headers[0]["x-team"] == "search"
    assert emulator.headers[0]["anthropic-beta"] == "files-api-2025-04-14"


def test_a_long_answer_is_streamed_underneath_and_returned_whole(claude: Any, emulator: RememberingEmulator) -> None:
    completion = claude.complete("Write a book.", max_tokens=64_000)

    assert emulator.bodies[0]["stream"] is True
    assert "Write a book." in completion.text
    assert completion.time_to_first_token is not None


def test_a_short_answer_is_not_streamed(claude: Any, emulator: RememberingEmulator) -> None:
    completion = claude.complete("Hi", max_tokens=21_333)

    assert "stream" not in emulator.bodies[0]
    assert completion.time_to_first_token is None


def test_the_transcript_goes_on_from_where_it_ended(claude: Any, emulator: RememberingEmulator) -> None:
    first = claude.complete("My name is Ada.")

    claude.complete([*first.messages, {"role": "user", "content": "What is my name?"}])

    roles = [message["role"] for message in emulator.bodies[1]["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert emulator.bodies[1]["messages"][:2] == first.messages


def test_content_blocks_of_an_sdk_message_can_be_sent_back(claude: Any, emulator: RememberingEmulator) -> None:
    first = claude.complete("Hi")

    echoed = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": first.message.content}]
    claude.complete([*echoed, {"role": "user", "content": "Go on"}])

    assert emulator.bodies[1]["messages"][1]["content"] == first.content


def test_tokens_are_counted_with_the_system_prompt(claude: Any) -> None:
    alone = claude.count_tokens("Hello")

    assert claude.count_tokens("Hello", system="You are a poet of the sea and its many moods.") > alone > 0


def test_counting_is_tried_again_by_the_policy_of_the_turn(make_claude: Make) -> None:
    overloaded = script.error(529).when(route="count_tokens")
    config = ClaudeConfig(retry=RetryPolicy(base=0, attempts=5))
    emulator = RememberingEmulator(script=[overloaded] * 8)
    claude = make_claude(emulate=emulator, config=config)

    with pytest.raises(anthropic.APIStatusError) as error:
        claude.count_tokens("Hello")
    asked = len(emulator.bodies)

    assert asked == 5
    assert error.value.__notes__ == ["5 attempts failed"]
    assert claude.count_tokens("Hello") > 0


def test_a_limit_of_tokens_survives_a_count_that_fails(make_claude: Make) -> None:
    emulator = RememberingEmulator(script=[script.error(500).when(route="count_tokens")])
    config = ClaudeConfig(retry=RetryPolicy(base=0), max_input_tokens=30)

    assert make_claude(emulate=emulator, config=config).complete("Hello").stop_reason == "end_turn"
    assert emulator.unused == ()


def test_usage_and_cost_are_of_the_answer(claude: Any) -> None:
    completion = claude.complete("Hi", model="claude-opus-5-5")

    usage, cost = completion.usage, completion.cost
    assert usage.output_tokens > 0
    assert cost.total * 1_000_000 == 4 * usage.input_tokens + 20 * usage.output_tokens


def test_errors_of_the_api_are_the_sdks_with_their_request_id(claude: Any) -> None:
    with pytest.raises(anthropic.NotFoundError) as failure:
        claude.complete("Hi", model="claude-unheard-of")

    assert failure.value.request_id is not None
    assert failure.value.request_id.startswith("req_")


def test_the_message_is_the_sdks_own(claude: Any) -> None:
    completion = claude.complete("Hi")

    assert isinstance(completion.message, anthropic.types.Message)
    assert completion.message._request_id == completion.request_ids[0]
    assert completion.message.usage.output_tokens == completion.usage.output_tokens


def test_a_service_without_credentials_names_the_three_ways_out(make_claude: Make) -> None:
    with pytest.raises(clarion.MissingCredentialsError, match=r"ANTHROPIC_API_KEY.*profile.*emulate=True"):
        make_claude()


def test_an_sdk_client_without_credentials_gets_the_same_error(make_claude: Make) -> None:
    client: Any = anthropic.AsyncAnthropic() if _is_async(make_claude) else anthropic.Anthropic()
    claude = make_claude(sdk=client)

    with pytest.raises(clarion.MissingCredentialsError):
        claude.complete("Hi")


def test_an_sdk_client_of_ones_own_is_used_and_left_open(make_claude: Make) -> None:
    from clarion.emulator import AsyncEmulatorTransport, EmulatorTransport

    emulator = RememberingEmulator()
    client: Any
    if _is_async(make_claude):
        http = httpx2.AsyncClient(transport=AsyncEmulatorTransport(emulator))
        client = anthropic.AsyncAnthropic(api_key="k", http_client=http, default_headers={"x-mine": "yes"})
    else:
        client = anthropic.Anthropic(
            api_key="k",
            http_client=httpx2.Client(transport=EmulatorTransport(emulator)),
            default_headers={"x-mine": "yes"},
        )
    claude = make_claude(sdk=client)

    claude.complete("Hi")
    claude.close()

    assert claude.sdk is client
    assert emulator.headers[0]["x-mine"] == "yes"
    assert not client.is_closed()


def test_middleware_of_the_sdk_sees_calls_and_streams(make_claude: Make) -> None:
    from clarion.emulator import AsyncEmulatorTransport, EmulatorTransport

    seen: list[int] = []

    class Watch(anthropic.Middleware):
        def handle(self, request: Any, call_next: Any) -> Any:
            response = call_next(request)
            seen.append(response.http_response.status_code)
            return response

        async def handle_async(self, request: Any, call_next: Any) -> Any:
            response = await call_next(request)
            seen.append(response.http_response.status_code)
            return response

    client: Any
    if _is_async(make_claude):
        http = httpx2.AsyncClient(transport=AsyncEmulatorTransport(RememberingEmulator()))
        client = anthropic.AsyncAnthropic(api_key="k", http_client=http, middleware=[Watch()])
    else:
        sync_http = httpx2.Client(transport=EmulatorTransport(RememberingEmulator()))
        client = anthropic.Anthropic(api_key="k", http_client=sync_http, middleware=[Watch()])
    claude = make_claude(sdk=client)

    completion = claude.complete("Hi")
    with claude.stream("Hi") as stream:
        text = "".join(stream)

    assert seen == [200, 200]
    assert text == completion.text


def test_an_sdk_client_and_a_key_are_refused(make_claude: Make) -> None:
    with pytest.raises(clarion.InvalidSettingError, match="sdk= alone"):
        make_claude(sdk=object(), api_key="k")


def test_a_blocking_call_on_an_event_loop_names_the_async_twin() -> None:
    async def call() -> None:
        ClaudeService(emulate=True).complete("Hi")

    with pytest.raises(clarion.SyncInEventLoopError, match=r"AsyncClaudeService\.complete"):
        asyncio.run(call())


@pytest.mark.parametrize("method", ["complete", "stream", "steps", "count_tokens", "batch_process"])
def test_every_blocking_method_is_refused_on_an_event_loop(method: str) -> None:
    async def call() -> None:
        getattr(ClaudeService(emulate=True), method)("Hi")

    with pytest.raises(clarion.SyncInEventLoopError) as refusal:
        asyncio.run(call())

    assert refusal.value.method == method


def test_a_blocking_call_beside_an_event_loop_is_allowed() -> None:
    async def call() -> clarion.Completion:
        return await asyncio.to_thread(ClaudeService(emulate=True).complete, "Hi")

    assert asyncio.run(call()).text


def test_a_blocking_call_on_an_event_loop_can_be_allowed() -> None:
    async def call() -> clarion.Completion:
        return ClaudeService(emulate=True, allow_in_event_loop=True).complete("Hi")

    assert asyncio.run(call()).text


def test_a_blocking_call_in_a_notebook_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: object()))

    async def call() -> clarion.Completion:
        return ClaudeService(emulate=True).complete("Hi")

    assert asyncio.run(call()).text


def test_threads_that_share_a_service_get_their_own_answers() -> None:
    claude = ClaudeService(emulate=True)
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = claude.complete(f"This is question number {number}.").text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(f"question number {number}." in answers[number] for number in range(16))


def test_emulation_can_be_switched_on_by_the_environment(make_claude: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_EMULATE", "1")

    assert make_claude().complete("Hi").emulated


def test_emulation_that_is_switched_off_by_argument_stays_off(
    make_claude: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLARION_EMULATE", "1")

    with pytest.raises(clarion.MissingCredentialsError):
        make_claude(emulate=False)


def test_a_service_closes_with_its_context(make_claude: Make) -> None:
    with make_claude(emulate=True) as claude:
        claude.complete("Hi")

    assert claude.sdk.is_closed()


def _is_async(make_claude: Make) -> bool:
    return not isinstance(make_claude(emulate=True), ClaudeService)


def test_tokens_are_estimated_without_asking_anybody(claude: Any, emulator: RememberingEmulator) -> None:
    estimate = claude.estimate_tokens("How long is this sentence, in tokens?", system="Be brief.")

    assert 10 < estimate.tokens < 40
    assert 0 < estimate.error < 1
    assert emulator.bodies == []


def test_an_image_is_estimated_by_its_pixels(claude: Any) -> None:
    coffee = clarion.Image("examples/coffee.jpg")

    both, alone = claude.estimate_tokens([coffee, "Well?"]), claude.estimate_tokens("Well?")

    assert both.tokens - alone.tokens == 330


def test_an_image_is_scaled_to_what_the_model_sees(claude: Any, emulator: RememberingEmulator) -> None:
    large = PIL.Image.new("RGB", (3000, 1500), "teal")

    new = claude.complete(["What?", clarion.Image(large)])
    old = claude.complete(["What?", clarion.Image(large)], model="claude-opus-4-6", adjust="silent")

    assert "2576 x 1288 px" in new.text
    assert "1568 x 784 px" in old.text


def test_image_blocks_that_would_be_refused_are_scaled_down_and_told_of(claude: Any) -> None:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (9000, 300), "teal").save(buffer, "PNG")
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(buffer.getvalue()).decode()}
    messages = [{"role": "user", "content": [{"type": "image", "source": source}, "What?"]}]

    completion = claude.complete(messages, adjust="silent")

    assert "2576 x 86 px" in completion.text
    assert completion.adjustments[0].text == "an image was over 8000 px or 10 MB, and scaled down"
    with pytest.raises(clarion.UnfitRequestError, match="oversized-image"):
        claude.complete(messages, adjust="strict")


def test_more_than_twenty_images_are_made_small_enough_for_many(claude: Any) -> None:
    large = clarion.Image(PIL.Image.new("RGB", (2400, 60), "teal"))

    assert claude.complete([*[large] * 21, "What?"]).stop_reason == "end_turn"


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ("sonet", "did you mean 'sonnet'?"),
        ("claude-opus-5.5", "did you mean 'claude-opus-5-5' or"),
        ("gpt-4", "no model named 'gpt-4' is known: `clarion models` lists them"),
    ],
)
def test_a_model_that_nobody_knows_is_set_right(claude: Any, asked: str, advice: str) -> None:
    with pytest.raises(anthropic.NotFoundError) as error:
        claude.complete("Hi", model=asked)

    assert error.value.__notes__[0].startswith(advice)


def test_a_service_that_is_closed_is_not_tried_again(make_claude: Make) -> None:
    heard: list[Any] = []
    claude = make_claude(emulate=True, config=ClaudeConfig(retry=RetryPolicy(on_retry=heard.append)))
    claude.close()

    with pytest.raises(anthropic.APIConnectionError) as error:
        claude.complete("Hi")

    assert "the client has been closed" in error.value.__notes__[0]
    assert heard == []


@pytest.mark.parametrize("config", [{"model": "opus"}, "opus"])
def test_a_configuration_that_is_none_is_refused(make_claude: Make, config: Any) -> None:
    with pytest.raises(InvalidSettingError, match="config must be a ClaudeConfig; got"):
        make_claude(emulate=True, config=config)
    with pytest.raises(InvalidSettingError, match="config must be a ClaudeConfig; got"):
        make_claude(emulate=True).complete("Hi", config=config)


def test_an_emulator_that_is_none_is_refused(make_claude: Make) -> None:
    with pytest.raises(InvalidSettingError, match="emulate must be true, false or an Emulator; got 'yes'"):
        make_claude(emulate="yes")


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("budgets", Budget(limit=1), "a list of Budgets"),
        ("budgets", [5], "a list of Budgets"),
        ("ledger", True, "the path of a file or a Ledger"),
        ("breaker", True, "a CircuitBreaker"),
        ("telemetry", "off", "true, false or a Telemetry"),
    ],
)
def test_an_argument_of_another_kind_is_refused_by_name(
    make_claude: Make, option: str, value: Any, wanted: str
) -> None:
    with pytest.raises(InvalidSettingError, match=f"{option} must be {wanted}; got"):
        make_claude(emulate=True, **{option: value})
