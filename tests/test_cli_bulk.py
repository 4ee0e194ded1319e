"""`clarion bulk`: jobs from the command line, their exit codes, and what signals do to them."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clarion.bulk.job import Job
from clarion.bulk.tally import Counts
from clarion.cli import run
from clarion.emulator import Emulator, Server
from clarion.emulator.script import error

CapSys = pytest.CaptureFixture[str]
MAKING = ["--prompt", "Sum up: {{ review }}", "-m", "claude-haiku-5-5", "--max-tokens", "200", "--think", "off"]


class Closed(io.StringIO):
    """A standard output whose reader has gone."""

    @property
    def buffer(self) -> Any:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    def fileno(self) -> int:
        return os.open(os.devnull, os.O_WRONLY)


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text("id,review\n1,Good soup\n2,Bad soup\n3,Cold soup\n")
    return path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Emulator]]:
    """Serves an emulator, so that commands ask it."""
    servers: list[Server] = []

    def serve(**options: Any) -> Emulator:
        emulator = Emulator(**options)
        servers.append(Server(emulator))
        monkeypatch.setenv("ANTHROPIC_BASE_URL", servers[-1].__enter__().url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
        return emulator

    yield serve
    for server in servers:
        server.__exit__(None, None, None)


def counts(path: Path) -> Counts:
    with Job.open(path) as job:
        return job.status().counts


def test_a_file_is_made_a_job_run_and_exported(capsys: CapSys, reviews: Path) -> None:
    job = reviews.with_name("reviews.csv.emulated.job")

    code = run(["bulk", "run", str(reviews), *MAKING, "--emulate"])
    out, err = capsys.readouterr()

    assert (code, out) == (0, "")
    assert "3 of 3 rows done" in err

    assert run(["bulk", "export", str(job)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [row["input"]["review"] for row in rows] == ["Good soup", "Bad soup", "Cold soup"]
    assert "Sum up: Cold soup" in rows[2]["text"]


def test_called_again_it_goes_on_with_the_job_it_made(capsys: CapSys, reviews: Path) -> None:
    run(["bulk", "run", str(reviews), *MAKING, "--emulate"])
    before = Job.open(reviews.with_name("reviews.csv.emulated.job")).status().totals

    code = run(["bulk", "run", str(reviews), *MAKING, "--emulate"])

    assert code == 0
    assert Job.open(reviews.with_name("reviews.csv.emulated.job")).status().totals == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda reviews: ["--prompt", "Translate: {{ review }}"], "another prompt"),
        (
            lambda reviews: reviews.write_text("id,review\n1,Good soup\n2,No soup\n3,Cold soup\n"),
            "line 3 is not the same",
        ),
        (lambda reviews: reviews.write_text("id,review\n1,Good soup\n2,Bad soup\n"), "line 4 is only there"),
        (lambda reviews: reviews.write_text(reviews.read_text() + "4,More soup\n"), "line 5 is not the same"),
    ],
)
def test_a_job_of_something_else_is_not_taken_for_that_of_the_input(
    capsys: CapSys, reviews: Path, change: Any, why: str
) -> None:
    run(["bulk", "run", str(reviews), *MAKING, "--emulate"])
    more = change(reviews)

    code = run(["bulk", "run", str(reviews), *MAKING, *(more if isinstance(more, list) else []), "--emulate"])

    assert code == 2
    assert why in capsys.readouterr().err


def test_bad_rows_that_were_skipped_do_not_make_it_another_job(capsys: CapSys, reviews: Path) -> None:
    reviews.write_text("id,review\n1,Good soup\n2\n3, \n4,Cold soup\n")
    arguments = [
        "bulk",
        "run",
        str(reviews),
        *MAKING[2:],
        "--prompt",
        "{{ review }}",
        "--on-bad-row",
        "skip",
        "--emulate",
    ]

    assert run(arguments) == 0
    assert "left out 2 bad rows: line 3: " in capsys.readouterr().err
    assert run(arguments) == 0


@pytest.mark.parametrize("variable", [True, False])
def test_what_the_emulator_answers_is_kept_apart(
    monkeypatch: pytest.MonkeyPatch, reviews: Path, served: Callable[..., Emulator], variable: bool
) -> None:
    if variable:
        monkeypatch.setenv("CLARION_EMULATE", "1")
    run(["bulk", "run", str(reviews), *MAKING, *([] if variable else ["--emulate"])])
    monkeypatch.delenv("CLARION_EMULATE", raising=False)
    emulator = served()

    run(["bulk", "run", str(reviews), *MAKING])

    assert len(emulator.requests) == 3
    assert {path.name for path in reviews.parent.glob("*.job")} == {"reviews.csv.job", "reviews.csv.emulated.job"}


def test_a_show_that_fails_stops_the_run_and_is_told_of(
    monkeypatch: pytest.MonkeyPatch, reviews: Path, served: Callable[..., Emulator]
) -> None:
    served(first_token_delay=0.1)
    reviews.write_text("review\n" + "Soup\n" * 100)
    monkeypatch.setattr(sys, "stdout", Closed())

    code = run(["bulk", "run", str(reviews), *MAKING, "--json"])

    assert code == 141
    assert counts(reviews.with_name("reviews.csv.job")).ready > 50


def test_submit_makes_the_job_and_asks_nothing(capsys: CapSys, tmp_path: Path, reviews: Path) -> None:
    code = run(["bulk", "submit", str(reviews), "--job", str(tmp_path / "a.job"), *MAKING, "--dedupe"])

    assert code == 0
    assert "has 3 rows" in capsys.readouterr().err
    assert counts(tmp_path / "a.job").ready == 3


def test_rows_that_fail_make_the_exit_code_1_and_can_be_put_back(
    capsys: CapSys, reviews: Path, served: Callable[..., Emulator]
) -> None:
    served(script=[error(400, message="no soup for you")])
    job = reviews.with_name("reviews.csv.job")

    assert run(["bulk", "run", str(reviews), *MAKING, "-q"]) == 1
    assert "2 of 3 rows done, 1 failed" in capsys.readouterr().err
    assert run(["bulk", "status", str(job)]) == 1
    assert "1    invalid_request_error" in capsys.readouterr().out
    assert run(["bulk", "export", str(job), "-o", str(job.with_suffix(".csv")), "--failures", f"{job}.tsv"]) == 0
    assert "no soup for you" in Path(f"{job}.tsv").read_text()
    assert run(["bulk", "retry", str(job), "--error", "soup"]) == 2
    assert "errors: invalid_request_error (1)" in capsys.readouterr().err
    assert run(["bulk", "retry", str(job), "--error", "invalid_request_error"]) == 0
    assert run(["bulk", "run", str(job)]) == 0


def test_a_wrong_key_stops_the_job_with_what_to_do(
    capsys: CapSys, monkeypatch: pytest.MonkeyPatch, reviews: Path, served: Callable[..., Emulator]
) -> None:
    served()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "wrong")

    code = run(["bulk", "run", str(reviews), *MAKING])

    err = capsys.readouterr().err
    assert code == 3
    assert "3 left" in err
    assert "check ANTHROPIC_API_KEY" in err
    assert counts(reviews.with_name("reviews.csv.job")).ready == 3


def test_a_spend_cap_stops_the_job_with_what_to_do(
    capsys: CapSys, reviews: Path, served: Callable[..., Emulator]
) -> None:
    served(script=[error(429, code="enforced_spend_limit_reached").forever()])

    code = run(["bulk", "run", str(reviews), *MAKING])

    assert code == 3
    assert "have the spend limit raised" in capsys.readouterr().err


def test_the_last_event_says_why_rows_are_left(
    capsysbinary: pytest.CaptureFixture[bytes], reviews: Path, served: Callable[..., Emulator]
) -> None:
    served(script=[error(401, message="key revoked")])

    run(["bulk", "run", str(reviews), *MAKING, "--json", "--concurrency", "1"])
    revoked = json.loads(capsysbinary.readouterr().out.splitlines()[-1])
    run(["bulk", "run", str(reviews), *MAKING, "--json"])
    finished = json.loads(capsysbinary.readouterr().out.splitlines()[-1])

    assert (revoked["event"], revoked["ready"], revoked["stopped"]) == ("end", 3, "key revoked")
    assert (finished["event"], finished["done"], finished["stopped"]) == ("end", 3, None)


def test_without_a_key_nothing_is_made(capsys: CapSys, reviews: Path) -> None:
    code = run(["bulk", "run", str(reviews), *MAKING])

    assert code == 3
    assert "no credentials" in capsys.readouterr().err
    assert list(reviews.parent.glob("*.job")) == []


def test_a_budget_that_is_used_up_leaves_the_rest(capsys: CapSys, reviews: Path) -> None:
    code = run(["bulk", "run", str(reviews), *MAKING, "--emulate", "--budget", "0.00004"])

    assert code == 3
    assert "the budget of $0.00004 does not allow another row" in capsys.readouterr().err
    assert counts(reviews.with_name("reviews.csv.emulated.job")).ready > 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run", "{folder}/nothing.csv", "--emulate"], "cannot read"),
        (["run", "{folder}/nothing.job", "--emulate"], "cannot tell what"),
        (["run", "{reviews}", "--prompt", "{{{{ soup }}}}", "--emulate"], "'soup' is undefined; columns: id, review"),
        (["run", "{reviews}", "--prompt", "{{{{ soup", "--emulate"], "line 1 of the prompt template"),
        (["run", "{reviews}", "--image", "photo", "--prompt", "x", "--emulate"], "no column 'photo'"),
        (["run", "{reviews}", "--prompt", "x", "--prompt-file", "y", "--emulate"], "exclude each other"),
        (["run", "{reviews}", "--schema", "{reviews}", "--emulate"], "holds no JSON Schema"),
        (["run", "{reviews}", "--prompt-file", "{folder}/no.txt", "--emulate"], "cannot read"),
        (["run", "-", "--emulate"], "Say it with --job"),
        (["run", "{reviews}", "--within", "2h", "--emulate"], "--within is for --via auto"),
        (["export", "{reviews}", "--failures", "-"], "standard output is for the results"),
        (["status", "{folder}/nothing.job"], "there is no job at"),
        (["status", "{reviews}"], "is not an SQLite database"),
    ],
)
def test_wrong_usage_is_told_in_a_line_with_the_way_out(
    capsys: CapSys, reviews: Path, arguments: list[str], why: str
) -> None:
    code = run(["bulk", *(each.format(folder=reviews.parent, reviews=reviews) for each in arguments)])

    err = capsys.readouterr().err
    assert why in err
    assert "Traceback" not in err
    assert code in (2, 3)
    assert list(reviews.parent.glob("*.job")) == []


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_an_export_to_standard_output_adds_to_the_file_it_leads_to(reviews: Path, output: str) -> None:
    job, results = reviews.with_name("reviews.csv.emulated.job"), reviews.with_name("results.jsonl")
    run(["bulk", "run", str(reviews), *MAKING, "--emulate"])
    results.write_text("before\n")

    with results.open("ab") as file:
        command = [sys.executable, "-m", "clarion", "bulk", "export", str(job), "-o", output]
        subprocess.run(command, stdout=file, check=True)

    before, *rows = results.read_text().splitlines()
    assert (before, len(rows)) == ("before", 3)


def test_json_events_tell_how_it_went_a_line_each(capsys: CapSys, reviews: Path) -> None:
    run(["bulk", "run", str(reviews), *MAKING, "--emulate", "--json"])

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["progress"] * (len(events) - 1) + ["end"]
    assert (events[-1]["done"], events[-1]["calls"]) == (3, 3)
    assert events[-1]["cost"] > 0


def test_a_job_may_go_by_batches_and_be_left_while_they_are_processed(
    capsys: CapSys, reviews: Path, served: Callable[..., Emulator]
) -> None:
    emulator = served()
    process = running(reviews, "--via", "auto", "--within", "30h")
    assert process.stdout is not None
    while not json.loads(process.stdout.readline())["batches"]:
        pass

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "batches: 50% of the price, and a batch ends within 24 hours" in err

    emulator.clock.advance(3600)
    assert run(["bulk", "run", f"{reviews}.job"]) == 0
    assert counts(Path(f"{reviews}.job")).done == 300
    assert (
        sum(request.path == "/v1/messages/batches" and request.method == "POST" for request in emulator.requests) == 1
    )
    assert run(["bulk", "cancel", f"{reviews}.job"]) == 0


def running(reviews: Path, *options: str) -> subprocess.Popen[str]:
    """A run of 300 rows in a process of its own."""
    reviews.write_text("review\n" + "".join(f"Soup {number}\n" for number in range(300)))
    command = [sys.executable, "-m", "clarion", "bulk", "run", str(reviews), *MAKING, "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_signal_lets_what_was_asked_end_and_leaves_the_rest(reviews: Path, served: Callable[..., Emulator]) -> None:
    emulator = served(first_token_delay=0.3)
    process = running(reviews)
    assert process.stdout is not None
    while not json.loads(process.stdout.readline())["done"]:
        pass

    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)

    found = counts(reviews.with_name("reviews.csv.job"))
    assert process.returncode == 143, err
    assert "stopping: what has been asked may end" in err
    assert "Traceback" not in err
    assert 0 < found.done == len(emulator.requests) < 300
    assert found.ready == 300 - found.done


def test_a_second_signal_drops_what_is_under_way(reviews: Path, served: Callable[..., Emulator]) -> None:
    emulator = served(first_token_delay=60)
    process = running(reviews)
    assert process.stdout is not None
    while not emulator.requests:
        process.stdout.readline()

    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "stopping" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 130, err
    assert "dropping what is under way" in err
    assert "Traceback" not in err
    found = counts(reviews.with_name("reviews.csv.job"))
    assert (found.done, found.ready, found.leased) == (0, 300, 0)


def test_status_follows_a_job_until_nobody_works_on_it(
    capsys: CapSys, reviews: Path, served: Callable[..., Emulator]
) -> None:
    served(first_token_delay=0.3)
    process = running(reviews)
    assert process.stdout is not None
    while not json.loads(process.stdout.readline())["done"]:
        pass
    process.send_signal(signal.SIGTERM)

    code = run(["bulk", "status", f"{reviews}.job", "--follow"])

    told = capsys.readouterr()
    process.communicate(timeout=20)
    done = counts(Path(f"{reviews}.job")).done
    assert code == 3
    assert "of 300 rows done · $0." in told.err
    assert f"{done:>5,}  done" in told.out


def test_a_job_that_nobody_works_on_is_not_followed(
    capsys: CapSys, reviews: Path, served: Callable[..., Emulator]
) -> None:
    served()
    run(["bulk", "run", str(reviews), *MAKING, "-q"])
    capsys.readouterr()

    assert run(["bulk", "status", f"{reviews}.job", "--follow"]) == 0
    assert capsys.readouterr().err == ""
