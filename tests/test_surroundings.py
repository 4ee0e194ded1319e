"""What of the environment keeps a service from calling, and is said before a call is tried."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from clarion import ClaudeConfig, DeadlineError, InvalidSettingError, RetryPolicy
from clarion._sdk import failure_of
from colours import Make

KEY = "sk-ant-api03-SECRET"
NOWHERE = "http://127.0.0.1:9"

# The SDK's own, of a client that could not be made.
pytestmark = pytest.mark.filterwarnings("ignore:.*SyncHttpxClientWrapper.__del__")


@pytest.fixture(autouse=True)
def found_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


@pytest.mark.parametrize("url", ["", "127.0.0.1:4011", "api.anthropic.com", "http://", " http://127.0.0.1", "ftp://a"])
def test_an_address_that_cannot_be_one_is_refused(make_claude: Make, monkeypatch: Any, url: str) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)

    with pytest.raises(InvalidSettingError, match="ANTHROPIC_BASE_URL"):
        make_claude()


def test_a_password_in_an_address_that_cannot_be_one_is_not_shown(make_claude: Make) -> None:
    with pytest.raises(InvalidSettingError) as error:
        make_claude(base_url="ftp://somebody:hunter2@example.com")

    assert "example.com" in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", " "])
def test_a_key_that_no_header_may_have_is_refused_and_not_shown(
    make_claude: Make, monkeypatch: Any, variable: str, key: str
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv(variable, key)

    with pytest.raises(InvalidSettingError, match="no header may have") as error:
        make_claude()

    assert KEY not in str(error.value)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_cannot_be_read_are_said_to_be_those_of_the_environment(
    make_claude: Make, monkeypatch: Any, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "certificates.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))

    with pytest.raises(InvalidSettingError, match="SSL_CERT_FILE"):
        make_claude()


def test_a_proxy_that_cannot_be_one_is_said_to_be_that_of_the_environment(make_claude: Make, monkeypatch: Any) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://somebody:hunter2@proxy")

    with pytest.raises(InvalidSettingError, match="HTTPS_PROXY") as error:
        make_claude()

    assert "hunter2" not in str(error.value)


def test_who_cannot_be_reached_is_named(make_claude: Make) -> None:
    claude = make_claude(base_url=NOWHERE, config=ClaudeConfig(retry=RetryPolicy(attempts=2, base=0)))

    with pytest.raises(anthropic.APIConnectionError) as error:
        claude.complete("Hi")

    said, why = error.value.__notes__
    assert said.startswith(f"cannot reach {NOWHERE}: ")
    assert why == "2 attempts failed"


def test_a_deadline_says_what_the_time_was_spent_on(make_claude: Make) -> None:
    claude = make_claude(base_url=NOWHERE, config=ClaudeConfig(retry=RetryPolicy(attempts=10_000, base=0)))

    with pytest.raises(DeadlineError) as error:
        claude.complete("Hi", deadline=0.1)

    assert error.value.__notes__[0].startswith(f"the last attempt failed: cannot reach {NOWHERE}: ")
    assert isinstance(error.value.__cause__, anthropic.APIConnectionError)


@pytest.mark.parametrize(
    "cause",
    [
        ssl.SSLCertVerificationError("certificate verify failed: self-signed certificate"),
        httpx2.LocalProtocolError("Illegal header value b'a\\n'"),
    ],
    ids=["a certificate", "a header"],
)
def test_what_only_the_user_can_mend_is_not_tried_again(cause: Exception) -> None:
    between = httpx2.ConnectError(str(cause))
    between.__cause__ = cause
    error = anthropic.APIConnectionError(request=httpx2.Request("POST", "https://example.com/v1/messages"))
    error.__cause__ = between

    failure = failure_of(error)

    assert failure is not None
    assert not failure.is_temporary
    assert failure.concerns_all
    assert str(cause) in failure.message


def test_a_key_in_what_a_connection_failed_by_is_not_told() -> None:
    error = anthropic.APIConnectionError(request=httpx2.Request("POST", "https://example.com/v1/messages"))
    error.__cause__ = httpx2.LocalProtocolError(f"Illegal header value b'{KEY}\\n'")

    failure = failure_of(error)

    assert failure is not None
    assert KEY not in failure.message
    assert not any(KEY in note for note in error.__notes__)


def test_a_base_url_that_repeats_the_version_is_explained(make_claude: Make, claude_server: Any) -> None:
    claude = make_claude(base_url=f"{claude_server.url}/v1")

    with pytest.raises(anthropic.NotFoundError) as error:
        claude.complete("Hi")

    assert error.value.__notes__ == ["the base URL should not end in /v1, which the SDK adds"]
