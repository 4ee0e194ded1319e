"""Every line of the examination, where all is well and where it is not."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from clarion import ClaudeService, Job
from clarion.cli import run
from clarion.doctor import CHECKS, Line, Surroundings, examine
from clarion.emulator import Emulator, Server

KEY = "sk-ant-very-secret-key"
PLENTY = 2**40

CapSys = pytest.CaptureFixture[str]
Env = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: Env) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def surroundings(**given: Any) -> Surroundings:
    usual: dict[str, Any] = {
        "environ": os.environ,
        "now": time.time,
        "today": date(2026, 11, 25),
        "free": lambda _folder: PLENTY,
        "timeout": 5.0,
    }
    return Surroundings(**{**usual, **given})


def examined(**given: Any) -> dict[str, Line]:
    return {line.name: line for line in examine(surroundings(**given))}


Answering = Callable[[str, str], tuple[int, dict[str, str], bytes | Iterator[bytes]]]


@contextlib.contextmanager
def serving(answering: Answering, monkeypatch: Env) -> Iterator[str]:
    """Serve what `answering` says to a method and a path, at the address that the SDK is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers, body = answering(self.command, self.path)
            self.send_response_only(status)
            length = {"content-length": str(len(body))} if isinstance(body, bytes) else {}
            for name, value in {**length, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                for piece in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(piece)

        do_POST = do_GET  # noqa: N815 -- the name is that of http.server

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        yield url
        server.shutdown()
        thread.join()


def saying(status: int, told: Any, **headers: str) -> Answering:
    body = told if isinstance(told, bytes) else orjson.dumps(told)
    return lambda _method, _path: (status, headers, body)


def refusing(status: int, message: str) -> Answering:
    return saying(status, {"type": "error", "error": {"type": "an_error", "message": message}})


@pytest.fixture
def api(monkeypatch: Env) -> Iterator[str]:
    """The emulator behind a server that does not name itself, so that it is taken for the API."""
    emulator = Emulator()

    def answering(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        body = {"model": "claude-opus-5-5", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        if path.endswith("count_tokens"):
            del body["max_tokens"]
        headers = {"x-api-key": KEY, "anthropic-version": "2026-10-21"}
        came = emulator.respond(method, path, headers, orjson.dumps(body) if method == "POST" else b"")
        assert isinstance(came.body, bytes)
        kept = {name: value for name, value in came.headers.items() if name not in ("server", "content-length")}
        return came.status, {**kept, "date": formatdate(usegmt=True)}, came.body

    with serving(answering, monkeypatch) as url:
        yield url


def test_all_is_well_where_it_is(api: str, tmp_path: Path) -> None:
    with ClaudeService(emulate=True, ledger=tmp_path / "usage.db") as claude:
        claude.complete("Hi")

    lines = examined(ledger=tmp_path / "usage.db")

    assert {name: line.verdict for name, line in lines.items()} == dict.fromkeys(lines, "ok")
    assert list(lines) == [check.name for check in CHECKS]
    assert not any(line.fix for line in lines.values())
    assert lines["credentials"].found == "ANTHROPIC_API_KEY"
    assert "of 2,000 requests" in lines["rate limits"].found
    assert "KB, whole; " in lines["ledger"].found


def test_without_credentials_nothing_is_asked() -> None:
    lines = examined()

    assert lines["credentials"].verdict == "fail"
    assert {lines[name].verdict for name in ("api", "api version", "clock", "model access", "rate limits")} == {
        "skipped"
    }


def test_the_emulator_needs_no_credentials() -> None:
    lines = examined(emulate=True)

    assert lines["credentials"].verdict == lines["api"].verdict == lines["rate limits"].verdict == "ok"
    assert lines["clock"].verdict == "skipped"


def test_an_emulator_at_the_address_is_told_from_the_api(monkeypatch: Env) -> None:
    with Server(Emulator()) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        line = examined()["api"]

    assert (line.verdict, "an emulator, not the API" in line.found) == ("warn", True)


def test_without_a_network_each_line_says_so(monkeypatch: Env) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    lines = examined()

    assert lines["api"].verdict == "fail"
    assert "cannot reach http://127.0.0.1:9" in lines["api"].found
    assert {lines[name].verdict for name in ("clock", "model access", "rate limits")} == {"skipped"}


def test_a_page_of_a_proxy_is_not_the_api(monkeypatch: Env) -> None:
    page = b"<html><body>Please log in</body></html>"
    with serving(lambda *_: (200, {"content-type": "text/html"}, page), monkeypatch):
        lines = examined()

    assert lines["api"].found == "what answers is not the API: status 200, text/html"
    assert "proxy" in lines["api"].fix
    assert lines["clock"].verdict == "skipped"


@pytest.mark.parametrize(
    ("status", "verdict", "found"),
    [
        (401, "fail", "the key is refused: No."),
        (403, "fail", "the key may not do this: No."),
        (404, "warn", "there is no Models API at this address"),
        (500, "fail", "status 500: No."),
        (529, "fail", "status 529: No."),
    ],
)
def test_what_the_api_refuses_is_told_apart(status: int, verdict: str, found: str, monkeypatch: Env) -> None:
    with serving(refusing(status, "No."), monkeypatch):
        line = examined()["api"]

    assert (line.verdict, line.found) == (verdict, found)
    assert line.fix


def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: Env) -> None:
    leave = threading.Event()

    def silent(_method: str, _path: str) -> tuple[int, dict[str, str], bytes]:
        leave.wait(10)
        return 200, {}, b"{}"

    with serving(silent, monkeypatch):
        line = examined(timeout=0.2)["api"]
        leave.set()

    assert (line.verdict, line.found) == ("fail", "no answer in time")


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: Env) -> None:
    leave = threading.Event()

    def dripping(_method: str, _path: str) -> tuple[int, dict[str, str], Iterator[bytes]]:
        return 200, {"content-length": "1000"}, (b" " for _ in range(200) if not leave.wait(0.05))

    with serving(dripping, monkeypatch):
        lines = examined(timeout=0.3)
        leave.set()

    assert (lines["api"].verdict, lines["api"].found) == ("fail", "no end within 0.6 s")
    assert {lines[name].verdict for name in ("clock", "model access", "rate limits")} == {"skipped"}


@pytest.mark.parametrize(
    ("off", "verdict"), [(0, "ok"), (-100, "warn"), (100, "warn"), (-4000, "fail"), (4000, "fail")]
)
def test_the_clock_is_that_of_the_api(off: int, verdict: str, monkeypatch: Env) -> None:
    def answering(_method: str, _path: str) -> tuple[int, dict[str, str], bytes]:
        return 200, {"date": formatdate(time.time() + off, usegmt=True)}, b'{"data": []}'

    with serving(answering, monkeypatch):
        line = examined()["clock"]

    assert line.verdict == verdict
    assert ("behind" in line.found) == (off > 0)


def test_an_answer_that_says_nothing_of_time_and_limits_is_no_mistake(monkeypatch: Env) -> None:
    with serving(saying(200, {"input_tokens": 1}), monkeypatch):
        lines = examined()

    assert (lines["clock"].verdict, lines["rate limits"].verdict) == ("skipped", "skipped")


@pytest.mark.parametrize(
    ("path", "answer", "verdict", "found"),
    [
        ("/v1/models/", (404, {"error": {"message": "model: x"}}), "fail", "claude-opus-5-5: model: x"),
        ("/v1/models/", (500, {}), "warn", "claude-opus-5-5: status 500"),
        ("/v1/models/", (200, {"id": "claude-opus-5-5", "lifecycle": "retired"}), "fail", "claude-opus-5-5 is retired"),
        (
            "/v1/models/",
            (200, {"id": "claude-opus-5-5", "max_tokens": 64}),
            "warn",
            "claude-opus-5-5 is there; claude-opus-5-5: max_output is 64, was 128000",
        ),
    ],
)
def test_a_model_that_cannot_be_used_is_named(
    path: str, answer: tuple[int, Any], verdict: str, found: str, monkeypatch: Env
) -> None:
    def answering(_method: str, asked: str) -> tuple[int, dict[str, str], bytes]:
        return (answer[0], {}, orjson.dumps(answer[1])) if asked.startswith(path) else (200, {}, b'{"data": []}')

    with serving(answering, monkeypatch):
        line = examined()["model access"]

    assert (line.verdict, line.found) == (verdict, found)


def test_limits_that_are_used_up_are_said_to_be(monkeypatch: Env) -> None:
    headers = {"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0"}
    with serving(lambda method, _path: (429 if method == "POST" else 200, headers, b"{}"), monkeypatch):
        line = examined()["rate limits"]

    assert (line.verdict, line.found) == ("warn", "used up: 0 of 50 requests left of a minute")


def test_a_call_that_fails_says_why(monkeypatch: Env) -> None:
    broke = {"error": {"message": "Your credit balance is too low"}}
    with serving(lambda m, _: (400 if m == "POST" else 200, {}, orjson.dumps(broke)), monkeypatch):
        line = examined()["rate limits"]

    assert (line.verdict, line.found) == ("fail", "a call fails: Your credit balance is too low")


def test_a_deep_look_shows_the_limits_of_answers(api: str) -> None:
    found = examined(deep=True)["rate limits"].found

    assert "of 2,000,000 input tokens" in found
    assert "of 400,000 output tokens" in found


def test_an_old_version_of_the_api_is_noticed(monkeypatch: Env) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "anthropic-version: 2023-06-01")

    line = examined()["api version"]

    assert (line.verdict, line.found) == ("warn", "2023-06-01 is sent, not 2026-10-21")


@pytest.mark.parametrize(
    ("environ", "verdict", "found"),
    [
        ({"ANTHROPIC_AUTH_TOKEN": "token-of-mine"}, "ok", "ANTHROPIC_AUTH_TOKEN"),
        ({"ANTHROPIC_API_KEY": f"'{KEY}'"}, "warn", "ANTHROPIC_API_KEY has quotation marks around it"),
        (
            {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": "token-of-mine"},
            "warn",
            "ANTHROPIC_API_KEY; both ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN are set, the first counts",
        ),
        ({"ANTHROPIC_CUSTOM_HEADERS": "authorization: Bearer token"}, "ok", "ANTHROPIC_CUSTOM_HEADERS"),
    ],
)
def test_the_source_of_credentials_is_named(
    environ: dict[str, str], verdict: str, found: str, monkeypatch: Env
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    line = examined()["credentials"]

    assert (line.verdict, line.found) == (verdict, found)


def test_a_profile_is_named_and_a_broken_one_is_said_to_be(tmp_path: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_PROFILE", "dev")
    broken = examined()
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "dev.json").write_text('{"authentication": {"type": "user_oauth"}}')

    line = examined()["credentials"]

    assert (broken["credentials"].verdict, broken["api"].verdict) == ("fail", "skipped")
    assert (line.verdict, line.found) == ("ok", "the profile 'dev'")


def test_workload_identity_is_named(tmp_path: Path, monkeypatch: Env) -> None:
    (tmp_path / "token").write_text("identity-token-of-mine")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "rule")
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", "org")
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))

    line = examined()["credentials"]

    assert (line.verdict, line.found) == ("ok", "workload identity, by the environment")


def test_no_secret_is_ever_shown(monkeypatch: Env, capsys: CapSys) -> None:
    with serving(refusing(401, f"no such key: {KEY}, password of-the-address"), monkeypatch) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url.replace("//", "//me:of-the-address@"))
        monkeypatch.setenv("HTTPS_PROXY", "http://me:of-the-proxy@127.0.0.1:9")
        monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-team: of-the-header")
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "the-other-token")
        codes = run(["doctor"]), run(["doctor", "--json"])

    out, err = capsys.readouterr()
    assert codes == (1, 1)
    assert "the key is refused: no such key: [hidden]" in out
    for secret in (KEY, "of-the-address", "of-the-proxy", "of-the-header", "the-other-token", "me:"):
        assert secret not in out + err
    assert "127.0.0.1:9" in out


def test_an_address_without_encryption_is_noticed(monkeypatch: Env) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://api.invalid")

    line = examined(timeout=0.5)["address"]

    assert line.verdict == "warn"
    assert "can be read on the way" in line.found


def test_settings_that_cannot_be_are_named(tmp_path: Path) -> None:
    (tmp_path / "clarion.toml").write_text('modell = "opus"')

    lines = examined(emulate=True)

    assert lines["settings"].verdict == "fail"
    assert "clarion.toml has a setting named 'modell'" in lines["settings"].found
    assert lines["model"].verdict == "ok"


def test_settings_say_where_they_are_from(tmp_path: Path, monkeypatch: Env) -> None:
    (tmp_path / "clarion.toml").write_text('model = "opus"')
    monkeypatch.setenv("CLARION_MAX_TOKENS", "100")

    line = examined(emulate=True)["settings"]

    assert (line.verdict, line.found) == ("ok", f"{tmp_path}/clarion.toml; from the environment: CLARION_MAX_TOKENS")


def test_a_misspelt_variable_is_noticed(monkeypatch: Env) -> None:
    monkeypatch.setenv("CLARION_MODLE", "opus")

    line = examined(emulate=True)["settings"]

    assert (line.verdict, line.fix) == ("warn", "did you mean CLARION_MODEL?")
    assert "CLARION_MODLE is no setting" in line.found


@pytest.mark.parametrize(
    ("named", "verdict", "found"),
    [
        ("opus", "ok", "opus is claude-opus-5-5"),
        ("claude-sonnet-4-5", "warn", "claude-sonnet-4-5-20250929 retires on 2026-11-30"),
        ("claude-3-opus-20240229", "warn", "was retired on 2026-01-05; claude-opus-5-5 answers instead"),
        ("claude-opos-5-5", "warn", "claude-opos-5-5 is not in the catalogue of 2026-11-22"),
    ],
)
def test_the_model_of_the_settings_is_one_that_goes_on(named: str, verdict: str, found: str, monkeypatch: Env) -> None:
    monkeypatch.setenv("CLARION_MODEL", named)

    line = examined(emulate=True)["model"]

    assert line.verdict == verdict
    assert found in line.found


def test_a_catalogue_that_has_fallen_behind_is_noticed(tmp_path: Path, monkeypatch: Env) -> None:
    old = examined(emulate=True, today=date(2026, 11, 22) + timedelta(days=61))["catalogue"]
    (tmp_path / "own.toml").write_text("[models.x]\nlinne = 1")
    monkeypatch.setenv("CLARION_CATALOG", str(tmp_path / "own.toml"))

    assert (old.verdict, old.found) == ("warn", "of 2026-11-22, 61 days old")
    assert examined(emulate=True)["catalogue"].verdict == "fail"


def test_a_model_without_a_price_is_noticed(monkeypatch: Env) -> None:
    monkeypatch.setenv("CLARION_MODEL", "claude-mythos-preview")

    line = examined(emulate=True)["prices"]

    assert line.verdict == "warn"
    assert "no price is known for claude-mythos-preview" in line.found


def test_prices_that_may_have_changed_are_noticed() -> None:
    line = examined(emulate=True, today=date(2100, 1, 1))["prices"]

    assert (line.verdict, line.fix) == ("warn", "pip install --upgrade genai-prices")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "usage.db"
    with ClaudeService(emulate=True, ledger=path) as claude:
        claude.complete("Hi")
    return path


def looked_at(ledger: Path, **given: Any) -> Line:
    return examined(emulate=True, ledger=ledger, **given)["ledger"]


def test_a_ledger_that_will_be_made_is_well(tmp_path: Path) -> None:
    assert looked_at(tmp_path / "new.db").verdict == "ok"
    assert not (tmp_path / "new.db").exists()
    assert looked_at(tmp_path / "none" / "new.db").fix == f"make it: mkdir -p {tmp_path}/none"


def test_a_damaged_ledger_is_said_to_be(ledger: Path) -> None:
    sqlite3.connect(ledger).execute("pragma journal_mode = delete").connection.close()
    data = bytearray(ledger.read_bytes())
    data[4096 : len(data) : 7] = b"\xff" * len(range(4096, len(data), 7))
    ledger.write_bytes(data)

    line = looked_at(ledger)

    assert (line.verdict, line.fix) == ("fail", "save what can be read: sqlite3 FILE .recover")


def test_what_is_no_database_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "usage.db").write_text("none " * 1000)

    assert "is none: the file is not an SQLite database" in looked_at(tmp_path / "usage.db").found


def test_a_database_of_something_else_is_no_ledger(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "usage.db").execute("create table a (b)").connection.close()

    assert looked_at(tmp_path / "usage.db").found == f"{tmp_path}/usage.db is a database, but no ledger"


def test_a_ledger_of_another_version_is_said_to_be(ledger: Path) -> None:
    sqlite3.connect(ledger).execute("pragma user_version = 99").connection.close()

    line = looked_at(ledger)

    assert (line.verdict, line.fix) == ("fail", "upgrade Clarion")


def test_a_locked_ledger_is_not_waited_for_long(ledger: Path) -> None:
    db = sqlite3.connect(ledger, isolation_level=None)
    db.execute("begin exclusive")

    started = time.monotonic()
    line = looked_at(ledger)
    db.close()

    assert line.verdict == "warn"
    assert "has been locked by another process for more than 1 s" in line.found
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(("free", "verdict"), [(PLENTY, "ok"), (100 * 2**20, "warn"), (2**20, "fail")])
def test_a_disk_that_fills_is_noticed(free: int, verdict: str, ledger: Path) -> None:
    assert looked_at(ledger, free=lambda _folder: free).verdict == verdict


def test_a_ledger_that_cannot_be_opened_is_said_to_be(tmp_path: Path) -> None:
    line = looked_at(tmp_path)

    assert line.verdict == "fail"
    assert "cannot be opened" in line.found


@pytest.fixture
def job(tmp_path: Path) -> Path:
    path = tmp_path / "a.job"
    Job.create(path, ["One", "Two"], model="cheap").close()
    return path


def test_a_job_says_where_its_rows_stand(job: Path) -> None:
    line = examined(emulate=True, jobs=(job,))["job"]

    assert line.verdict == "ok"
    assert "2 ready" in line.found


@pytest.mark.parametrize(
    ("sql", "found", "fix"),
    [
        ("update rows set state = 3", "2 failed", "clarion bulk retry"),
        ("update rows set state = 1, worker = 7", "2 held by workers that are gone", "takes them up"),
    ],
)
def test_a_job_that_needs_a_hand_says_which(sql: str, found: str, fix: str, job: Path) -> None:
    with sqlite3.connect(job) as db:
        db.execute(sql)

    line = examined(emulate=True, jobs=(job,))["job"]

    assert line.verdict == "warn"
    assert found in line.found
    assert fix in line.fix


def test_rows_of_a_worker_that_is_heard_of_are_well(job: Path) -> None:
    with sqlite3.connect(job) as db:
        db.execute("insert into workers values (7, 'elsewhere/1', ?)", (time.time() + 60,))
        db.execute("update rows set state = 1, worker = 7")

    assert examined(emulate=True, jobs=(job,))["job"].verdict == "ok"


def test_what_is_no_job_is_said_to_be(tmp_path: Path, ledger: Path) -> None:
    lines = list(examine(surroundings(emulate=True, jobs=(tmp_path / "none.job", ledger))))[-2:]

    assert [line.found for line in lines] == [
        f"there is no job at {tmp_path}/none.job",
        f"{ledger} is a database, but no journal",
    ]


def test_the_command_prints_lines_and_fails_if_one_does(capsys: CapSys) -> None:
    codes = run(["doctor", "--emulate"]), run(["doctor"])

    out = capsys.readouterr().out
    assert codes == (0, 1)
    assert "ok      credentials: none are needed: the emulator answers\n" in out
    assert "fail    credentials: none were found\n        -> set ANTHROPIC_API_KEY" in out


def test_the_command_prints_json(capsys: CapSys) -> None:
    run(["doctor", "--emulate", "--json"])

    told = orjson.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert [line["name"] for line in told["lines"]] == [check.name for check in CHECKS]
    assert told["lines"][0].keys() == {"name", "verdict", "found", "fix"}


def test_a_deep_look_says_first_what_it_costs(capsys: CapSys) -> None:
    run(["doctor", "--emulate", "--deep"])

    assert "--deep makes one call of claude-opus-5-5: at most $0.000220" in capsys.readouterr().err
