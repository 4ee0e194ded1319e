"""A job from its input to its files, as a program uses it."""

from __future__ import annotations

import asyncio
import csv
import errno
import json
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig, InvalidSettingError
from clarion.bulk.columns import Columns
from clarion.bulk.errors import BadRowsError, JobError, JobStopped
from clarion.bulk.job import AsyncJob, Job
from clarion.emulator import Emulator
from clarion.emulator.script import error, refusal, say

CHEAP = ClaudeConfig(model="claude-haiku-5-5", max_tokens=200, thinking="off")


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def service(emulator: Emulator) -> AsyncClaudeService:
    return AsyncClaudeService(emulate=emulator, config=CHEAP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text("id,review\n1,Good soup\n2,Bad soup\n3,Cold soup\n")
    return path


def asked(emulator: Emulator) -> list[Any]:
    return [request.json for request in emulator.requests]


def test_a_template_is_filled_in_with_the_columns_of_a_row(
    path: Path, reviews: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    job = Job.create(path, reviews, prompt="Sum up: {{ review }}", system="Review {{ id }}.")

    status = job.run(service=service, concurrency=1)

    assert status.is_finished
    assert status.counts.done == 3
    assert [body["messages"][0]["content"][0]["text"] for body in asked(emulator)] == [
        "Sum up: Good soup", "Sum up: Bad soup", "Sum up: Cold soup",
    ]  # fmt: skip
    assert asked(emulator)[1]["system"] == "Review 2."
    assert "Cold soup" in (list(job.results())[2].text or "")
    job.close()


def test_options_of_a_job_and_of_a_row_take_precedence_over_those_of_the_service(
    path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    rows = [{"prompt": "a"}, {"prompt": "b", "model": "claude-sonnet-5-5", "max_tokens": "77", "system": "Mine."}]
    job = Job.create(path, rows, max_tokens=50, system="Ours.")

    job.run(service=service, concurrency=1)

    first, second = asked(emulator)
    assert (first["model"], first["max_tokens"], first["system"]) == ("claude-haiku-5-5", 50, "Ours.")
    assert (second["model"], second["max_tokens"], second["system"]) == ("claude-sonnet-5-5", 77, "Mine.")
    job.close()


def test_images_and_documents_are_read_from_columns_relative_to_the_input(
    tmp_path: Path, path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    from PIL import Image

    (tmp_path / "in").mkdir()
    Image.new("RGB", (40, 30), "navy").save(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "a.txt").write_text("The sea is calm.")
    (tmp_path / "in" / "rows.jsonl").write_text(json.dumps({"pic": "a.png", "docs": ["a.txt"]}))
    job = Job.create(path, tmp_path / "in" / "rows.jsonl", prompt="What is it?", images=["pic"], documents=["docs"])

    job.run(service=service)

    (body,) = asked(emulator)
    assert [block["type"] for block in body["messages"][0]["content"]] == ["image", "document", "text"]
    job.close()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"q": "x"}, "'prompt' is undefined; columns: q"),
        ({"prompt": "  "}, "empty text"),
        ({"prompt": "x", "max_tokens": "many"}, "max_tokens must be a whole number"),
        (7, "not a int"),
    ],
)
def test_bad_rows_are_told_before_anything_is_made(path: Path, row: Any, why: str) -> None:
    with pytest.raises(BadRowsError, match="nothing was sent") as caught:
        Job.create(path, [{"prompt": "fine"}, row])

    assert caught.value.rows[0][0] == "item 2"
    assert why in caught.value.rows[0][1]
    assert list(path.parent.iterdir()) == []


def test_files_that_are_not_there_are_told_before_anything_is_made(path: Path) -> None:
    with pytest.raises(BadRowsError, match=r"no\.png"):
        Job.create(path, [{"prompt": "x", "pic": "no.png"}], images=["pic"])


def test_rows_with_a_name_that_is_taken_are_bad_rows(path: Path) -> None:
    rows = [{"custom_id": name, "prompt": "Hi"} for name in ("a", "b", "a", "a")]

    with pytest.raises(BadRowsError, match="2 rows cannot be asked"):
        Job.create(path, rows)
    with Job.create(path, rows, on_bad_row="skip") as job:
        assert [(row.place, row.why) for row in job.bad_rows] == [
            ("item 3", "the custom_id 'a' is there already"),
            ("item 4", "the custom_id 'a' is there already"),
        ]
        assert job.status().counts.ready == 2


def test_a_bad_row_that_hides_others_is_not_left_out(path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('prompt\nOne?\n"Two?\nThree?\n')

    with pytest.raises(BadRowsError, match="cannot be skipped"):
        Job.create(path, tmp_path / "a.csv", on_bad_row="skip")
    assert not path.exists()


def test_a_template_is_checked_with_the_values_that_it_will_be_filled_in_with(path: Path) -> None:
    with pytest.raises(BadRowsError, match="has no attribute 'year'"):
        Job.create(path, [{"day": date(2026, 1, 2)}], prompt="{{ day.year }}")


def test_bad_rows_may_be_left_out(path: Path, service: AsyncClaudeService) -> None:
    job = Job.create(path, [{"prompt": "fine"}, {"q": "x"}], on_bad_row="skip")

    assert job.run(service=service).counts.all == 1
    assert [row.place for row in job.bad_rows] == ["item 2"]
    job.close()


def test_an_option_that_no_file_can_hold_is_told_with_the_way_out(path: Path) -> None:
    with pytest.raises(JobError, match=r"tools cannot be .* in its config"):
        Job.create(path, ["x"], tools=[len])


def test_a_template_that_is_none_is_told_with_its_line(path: Path) -> None:
    with pytest.raises(JobError, match="line 2 of the prompt template"):
        Job.create(path, ["x"], prompt="Hello\n{{ prompt")


def test_a_template_cannot_reach_into_python(path: Path) -> None:
    with pytest.raises(BadRowsError, match="unsafe"):
        Job.create(path, ["x"], prompt="{{ prompt.__class__.__mro__ }}")


def test_no_rows_are_no_job(path: Path) -> None:
    with pytest.raises(JobError, match="no rows"):
        Job.create(path, [])


def test_identical_requests_are_sent_once_when_that_is_asked_for(
    path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    job = Job.create(path, ["same", "other", "same"], dedupe=True)

    status = job.run(service=service)

    assert len(emulator.requests) == 2
    assert status.counts.twins == 1
    texts = [row.text for row in job.results()]
    assert texts[0] == texts[2] != texts[1]
    job.close()


def test_answers_follow_a_type_and_come_as_data(path: Path, service: AsyncClaudeService) -> None:
    @dataclass
    class Verdict:
        stars: int
        reason: str

    job = Job.create(path, ["Soup?"], schema=Verdict)

    job.run(service=service)

    (row,) = job.results()
    assert set(row.output) == {"stars", "reason"}
    job.close()


CITY: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}}


def test_a_schema_that_is_open_or_has_lengths_is_made_fit_and_told_of(
    path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    runs: list[Any] = []
    with Job.create(path, ["Where?", "And where?"], schema=MappingProxyType(CITY)) as job:
        job.run(service=service, on_start=runs.append)

        assert [row.error for row in job.results()] == [None, None]
    assert asked(emulator)[0]["output_config"]["format"]["schema"]["additionalProperties"] is False
    ((told, rows),) = [(told, rows) for told, rows in runs[0].progress.adjustments.items() if told.kind == "changed"]
    assert (told.rule, rows) == ("answer-schema", 2)
    assert "closed to keys that they do not name: the top" in told.text
    assert "told in words alone, so check the answers for it: maxLength at city" in told.text


@pytest.mark.parametrize(
    ("making", "why"),
    [
        ({"schema": {"type": "object"}}, "answers cannot be held to the schema: the object at the top may have any"),
        ({"schema": {"not": {}}}, "'not' at the top cannot be followed"),
        ({"schema": CITY, "adjust": "strict"}, "the schema is not changed, and as it is, it is refused: objects are"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {"city": 1}}}}, "names no type"),
        ({"schema": "schema.json"}, "must be a JSON Schema or a type; got 'schema.json': read the file"),
        ({"schema": {"type": "string", "default": object()}}, "schema .* cannot be kept as JSON: Type is not JSON"),
        ({"output_type": dict[str, int]}, "output_type cannot be .*: give it as schema, or to the service"),
    ],
)
def test_a_schema_that_no_answer_could_be_held_to_makes_no_job(path: Path, making: Any, why: str) -> None:
    with pytest.raises(JobError, match=why):
        Job.create(path, ["Where?"], **making)

    assert not path.exists()


def test_a_row_whose_own_schema_cannot_be_followed_is_a_bad_one(path: Path) -> None:
    message = {"role": "user", "content": "Where?"}
    params = {"model": "claude-haiku-5-5", "max_tokens": 50, "messages": [message]}
    schema = {"type": "object", "properties": {"city": {"$ref": "#/$defs/city"}}}
    bad = params | {"output_config": {"format": {"type": "json_schema", "schema": schema}}}

    with pytest.raises(BadRowsError, match="item 2: '#/\\$defs/city' at city refers to nothing"):
        Job.create(path, [{"params": params}, {"params": bad}])


def test_a_job_is_opened_and_gone_on_with(path: Path, emulator: Emulator, service: AsyncClaudeService) -> None:
    Job.create(path, ["a", "b"], prompt="Say {{ prompt }}").close()

    job = Job.open(path)
    job.run(service=service)

    assert "Say a" in str(asked(emulator))
    assert job.status().cost > 0
    job.close()


def test_failed_rows_are_asked_again_when_they_are_put_back(
    path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    emulator.add(refusal("cyber"))
    job = Job.create(path, ["a", "b"])
    job.run(service=service, concurrency=1)

    assert [row.error for row in job.results()] == ["refusal", None]
    assert job.retry(["refusal"]) == 1
    assert job.run(service=service).counts.done == 2
    job.close()


def test_a_budget_holds_where_rows_run_tools(path: Path, emulator: Emulator) -> None:
    def get_weather(place: str) -> str:
        """Get the weather of a place."""
        return f"rain in {place} " * 100

    service = AsyncClaudeService(emulate=emulator, config=CHEAP.but(tools=[get_weather]))
    with Job.create(path, [f"Weather in Oslo, day {day}?" for day in range(60)], max_tokens=150) as job:
        with pytest.raises(JobStopped, match="the budget"):
            job.run(service=service, budget=0.012)

        assert job.status().counts.done > 20
        assert job.status().cost <= Decimal("0.012")


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"concurrency": 2.5}, "a whole number from 1; got 2.5"),
        ({"concurrency": 0}, "a whole number from 1; got 0"),
        ({"within": 3600}, 'within is for via="auto"'),
        ({"via": "fax"}, "via must be one of realtime, batches, auto; got 'fax'"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    path: Path, emulator: Emulator, service: AsyncClaudeService, terms: dict[str, Any], why: str
) -> None:
    with Job.create(path, ["a"]) as job, pytest.raises(InvalidSettingError, match=why):
        job.run(service=service, **terms)

    assert not emulator.requests


@pytest.mark.parametrize("budget", [float("nan"), float("inf")])
def test_a_budget_that_is_no_sum_of_money_is_refused(
    path: Path, emulator: Emulator, service: AsyncClaudeService, budget: float
) -> None:
    with Job.create(path, ["a"]) as job, pytest.raises(InvalidSettingError, match="leave it out for no limit"):
        job.run(service=service, budget=budget)

    assert not emulator.requests


def test_a_job_that_goes_on_knows_what_its_rows_have_cost(path: Path, service: AsyncClaudeService) -> None:
    with Job.create(path, [f"Question {number}" for number in range(80)], max_tokens=2_000) as job:
        for budget in (0.002, 0.0025):  # less is between them than the longest answer would cost
            with pytest.raises(JobStopped, match=r"another row, which (may cost|costs about) \$0\.000"):
                job.run(service=service, budget=budget)
            assert Decimal(str(budget)) - Decimal("0.0005") < job.status().cost <= Decimal(str(budget))


def exported(job: Job, path: Path, **options: Any) -> Any:
    return job.export(path, **options)


def test_results_are_written_in_the_order_of_the_input_and_failures_apart(
    tmp_path: Path, path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    emulator.add(say("first"), error(400, message="no"), say("third"))
    job = Job.create(path, [{"prompt": "a", "custom_id": "A"}, {"prompt": "b"}, {"prompt": "c"}])
    job.run(service=service, concurrency=1)

    written = job.export(tmp_path / "out.jsonl", failures=tmp_path / "bad.jsonl")

    good = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    bad = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert (written.results, written.failures, written.open) == (2, 1, 0)
    assert [row["text"] for row in good] == ["first", "third"]
    assert good[0]["custom_id"] == "A"
    assert good[0]["input"] == {"prompt": "a", "custom_id": "A"}
    assert bad[0]["error"] == "invalid_request_error"
    assert bad[0]["detail"] == "no"
    job.close()


def test_a_job_can_be_exported_while_it_is_under_way(tmp_path: Path, path: Path) -> None:
    job = Job.create(path, ["a", "b"])

    written = job.export(tmp_path / "out.csv", format="csv")

    assert (written.results, written.open) == (0, 2)
    job.close()


def test_fields_of_answers_become_columns(tmp_path: Path, path: Path, service: AsyncClaudeService) -> None:
    fields = {"stars": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}
    schema = {"type": "object", "properties": fields, "required": ["stars", "tags"], "additionalProperties": False}
    job = Job.create(path, [{"review": "Soup, 4 stars"}], prompt="{{ review }}", schema=schema)
    job.run(service=service)

    job.export(tmp_path / "out.csv", format="csv")

    with (tmp_path / "out.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["review"] == "Soup, 4 stars"
    assert int(row["stars"]) >= 0
    assert isinstance(json.loads(row["tags"]), list)
    job.close()


def test_a_parquet_file_has_typed_columns(tmp_path: Path, path: Path, service: AsyncClaudeService) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    schema = {"type": "object", "properties": {"stars": {"type": "integer"}}, "required": ["stars"]}
    job = Job.create(path, ["a", "b"], schema=schema | {"additionalProperties": False})
    job.run(service=service)

    job.export(tmp_path / "out.parquet", format="parquet")

    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.num_rows == 2
    assert str(table.schema.field("stars").type) == "int64"
    assert str(table.schema.field("cost").type) == "double"
    job.close()


def test_a_table_has_the_columns_of_all_rows_with_their_types(
    tmp_path: Path, path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    emulator.add(say("one"), say("two"))
    rows = [{"text": "a", "n": 1, "x": 1, "is": True}, {"text": "b", "n": None, "x": 2.5, "is": False, "tags": ["t"]}]
    with Job.create(path, rows, prompt="{{ text }}") as job:
        job.run(service=service, concurrency=1)
        job.export(tmp_path / "out.parquet")

    table = parquet.read_table(tmp_path / "out.parquet")
    assert {name: str(table.schema.field(name).type) for name in ("input_text", "n", "x", "is", "tags")} == {
        "input_text": "string", "n": "int64", "x": "double", "is": "bool", "tags": "string",
    }  # fmt: skip
    assert table["tags"].to_pylist() == [None, '["t"]']
    assert table["input_text"].to_pylist() == ["a", "b"]
    assert sorted(table["text"].to_pylist()) == ["one", "two"]


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer"),
        ({"type": ["number", "null"]}, "number"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "string"),
        ({"enum": ["good", "bad"]}, "string"),
        ({"$ref": "#/$defs/Mood"}, "string"),
        (True, "string"),
    ],
)
def test_a_field_of_answers_that_may_be_null_keeps_its_type(path: Path, schema: Any, type_: str) -> None:
    answers = {"type": "object", "properties": {"n": schema}, "$defs": {"Mood": {"enum": ["good", "bad"]}}}
    with Job.create(path, [{"n": 1}], prompt="{{ n }}", schema=answers) as job:
        columns = Columns.of(job._journal, job.recipe)

    assert columns.types["n"] == type_
    assert columns.types["input_n"] == "integer"


@pytest.mark.parametrize(
    ("schema", "answers"),
    [
        ({"type": "array", "items": {"type": "string"}}, ["text"]),
        (
            {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {"stars": {"type": "integer"}}}}},
            ["stars"],
        ),
    ],
)
def test_no_answer_is_without_a_column(path: Path, schema: Any, answers: list[str]) -> None:
    with Job.create(path, [{"q": "a"}], prompt="{{ q }}", schema=schema) as job:
        columns = Columns.of(job._journal, job.recipe)

    assert [name for name in columns.types if name in ("text", "stars")] == answers


def test_an_answer_that_was_cut_off_is_exported_as_text(
    tmp_path: Path, path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    emulator.add(say('{"stars": 4, "why": "so', stop_reason="max_tokens"))
    schema = {"type": "object", "properties": {"stars": {"type": "integer"}}, "required": ["stars"]}
    with Job.create(path, ["a"], schema=schema | {"additionalProperties": False}) as job:
        job.run(service=service)
        job.export(tmp_path / "out.jsonl")

    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert (row["text"], row["stop_reason"]) == ('{"stars": 4, "why": "so', "max_tokens")
    assert "output" not in row


def test_the_ending_of_each_file_tells_its_format(
    tmp_path: Path, path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    emulator.add(error(400, message="no"))
    with Job.create(path, ["a", "b"]) as job:
        job.run(service=service, concurrency=1)
        job.export(tmp_path / "out.csv", failures=tmp_path / "bad.jsonl")
        job.export(tmp_path / "out.tsv", failures=tmp_path / "bad")
        job.export(tmp_path / "out", failures=tmp_path / "bad.ndjson")

    assert (tmp_path / "out.csv").read_text().startswith("prompt,custom_id,text")
    for name in ("out.tsv", "bad"):
        assert (tmp_path / name).read_text().startswith("prompt\tcustom_id\ttext")
    for name in ("bad.jsonl", "out", "bad.ndjson"):
        (line,) = (tmp_path / name).read_text().splitlines()
        assert "input" in json.loads(line)


@pytest.mark.parametrize("name", ["out.json", "out.jsonl.gz", "out.xlsx"])
def test_an_ending_that_tells_no_format_is_refused_with_those_that_do(tmp_path: Path, path: Path, name: str) -> None:
    known = tmp_path / "out.csv"
    with Job.create(path, ["a"]) as job:
        for results, failures in ((tmp_path / name, known), (known, tmp_path / name)):
            with pytest.raises(
                JobError, match=rf"{name}; endings: .*\.tsv.*; or say it with a format: jsonl, csv, tsv"
            ):
                job.export(results, failures=failures)
        assert not known.exists()
        job.export(tmp_path / name, format="csv")


def test_a_table_with_tabs_can_be_asked_again(tmp_path: Path, path: Path, service: AsyncClaudeService) -> None:
    review = 'Soup\tand "bread"\nand salt'
    with Job.create(path, [{"review": review}], prompt="{{ review }}") as job:
        job.run(service=service)
        job.export(tmp_path / "out.tsv")

    with Job.create(tmp_path / "again.job", tmp_path / "out.tsv", prompt="{{ text }}") as again:
        again.run(service=service)
        (row,) = again.results()
    assert row.input["review"] == review
    assert "e-" not in row.input["cost"]


def test_an_export_takes_nothing_from_its_job(tmp_path: Path, path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"prompt": "a"}')
    other = tmp_path / "other.job"
    Job.create(other, ["b"]).close()
    (tmp_path / "link").symlink_to(path)

    with Job.create(path, rows) as job:
        for needed in (path, path.with_name(f"{path.name}-wal"), other, tmp_path / "link", rows):
            with pytest.raises(JobError, match=r"is (a job|the input of the job): name another file"):
                job.export(tmp_path / "out.jsonl", failures=needed)
        with pytest.raises(JobError, match="cannot both go to"):
            job.export(tmp_path / "out.jsonl", failures=tmp_path / "out.jsonl")
    assert rows.read_text() == '{"prompt": "a"}'
    assert not (tmp_path / "out.jsonl").exists()


def test_results_can_be_written_as_the_batches_api_gives_them(
    tmp_path: Path, path: Path, emulator: Emulator, service: AsyncClaudeService
) -> None:
    from anthropic.types.messages import MessageBatchIndividualResponse

    emulator.add(say("yes"))
    job = Job.create(path, [{"prompt": "a", "custom_id": "A"}])
    job.run(service=service)

    job.export(tmp_path / "out.jsonl", format="batch")

    line = MessageBatchIndividualResponse.model_validate_json((tmp_path / "out.jsonl").read_text())
    assert line.custom_id == "A"
    assert line.result.type == "succeeded"
    job.close()


def test_a_pipe_is_written_and_stays_one_and_what_a_link_leads_to_is_written(
    tmp_path: Path, path: Path, service: AsyncClaudeService
) -> None:
    pipe, link, file = tmp_path / "pipe", tmp_path / "link.jsonl", tmp_path / "file.jsonl"
    os.mkfifo(pipe)
    file.write_text("before")
    link.symlink_to(file)
    with Job.create(path, ["Hi"]) as job, ThreadPoolExecutor() as pool:
        job.run(service=service)
        read = pool.submit(pipe.read_text)
        job.export(pipe, format="jsonl")
        job.export(link)

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert link.is_symlink()
    assert read.result() == file.read_text()
    assert json.loads(file.read_text())["input"] == {"prompt": "Hi"}


def test_a_reader_that_leaves_a_pipe_is_told_apart_from_a_file_that_cannot_be_written(
    tmp_path: Path, path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Job.create(path, ["a" * 1_000_000]) as job, ThreadPoolExecutor() as pool:
        with closing(sqlite3.connect(path)) as database:
            database.execute("insert into outcomes (seq, attempt, at, error) values (1, 1, 0, 'refusal')")
            database.commit()
        leaving = pool.submit(lambda: pipe.open("rb").close())
        with pytest.raises(BrokenPipeError):
            job.export(tmp_path / "out.jsonl", failures=pipe)
        leaving.result()


def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path, path: Path) -> None:
    job = Job.create(path, ["a"])
    (tmp_path / "out.jsonl").write_text("before")

    with pytest.raises(JobError, match="cannot write"):
        job.export(tmp_path / "no" / "out.jsonl")
    with pytest.raises(JobError, match="formats: jsonl, csv"):
        job.export(tmp_path / "out.jsonl", format="xml")  # type: ignore[arg-type]

    assert (tmp_path / "out.jsonl").read_text() == "before"
    job.close()


def test_a_disk_that_is_read_only_is_told_of(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")  # as Linux says also of what is not there

    with Job.create(path, ["a"]) as job:
        monkeypatch.setattr(os, "unlink", refuse)
        with pytest.raises(JobError, match="cannot write"):
            job.export(tmp_path / "no" / "out.jsonl")
    with pytest.raises(JobError, match=r"there is no folder .*no for the job new\.job: make it"):
        Job.create(tmp_path / "no" / "new.job", ["a"])


def test_a_job_can_be_awaited(path: Path, emulator: Emulator) -> None:
    async def run() -> list[str | None]:
        job = await AsyncJob.create(path, ["a", "b"])
        async with AsyncClaudeService(emulate=emulator, config=CHEAP) as service:
            status = await job.run(service=service)
        assert status.is_finished
        assert (await job.status()).counts.done == 2
        texts = [row.text async for row in job.results()]
        await job.close()
        return texts

    assert len(asyncio.run(run())) == 2


def test_a_blocking_run_on_an_event_loop_is_refused(path: Path) -> None:
    job = Job.create(path, ["a"])

    async def run() -> None:
        job.run()

    with pytest.raises(JobError, match=r"await AsyncJob\.run"):
        asyncio.run(run())
    job.close()


def test_two_runs_at_once_share_a_job(path: Path, emulator: Emulator) -> None:
    Job.create(path, [f"q{n}" for n in range(60)]).close()

    async def one() -> None:
        job = await AsyncJob.open(path)
        async with AsyncClaudeService(emulate=emulator, config=CHEAP) as service:
            await job.run(service=service, concurrency=3)
        await job.close()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(one())
            group.create_task(one())

    asyncio.run(both())

    job = Job.open(path)
    assert job.status().counts.done == 60
    assert len(emulator.requests) == 60
    job.close()


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("prompt", 3, "prompt must be a template, which is a text; got 3"),
        ("system", ["x"], r"system must be a template, which is a text; got \['x'\]"),
        ("on_bad_row", "ignore", "on_bad_row must be one of stop, skip; got 'ignore'"),
        ("format", "xml", "format must be one of jsonl, .*; got 'xml'"),
    ],
)
def test_a_job_is_not_made_of_what_cannot_be(path: Path, option: str, value: Any, complaint: str) -> None:
    with pytest.raises(JobError, match=complaint):
        Job.create(path, ["One?"], **{option: value})

    assert not path.exists()


def test_one_column_of_images_needs_no_list(path: Path) -> None:
    coffee = str(Path(__file__).parents[2] / "examples" / "coffee.jpg")

    with Job.create(path, [{"prompt": "What is this?", "photo": coffee}], images="photo") as job:
        assert job.recipe.images == ("photo",)


def test_the_twins_of_a_job_have_the_same_methods() -> None:
    names = [{name for name in vars(kind) if not name.startswith("_")} for kind in (Job, AsyncJob)]

    assert names[0] - names[1] == {"recipe"}
    assert names[1] - names[0] == {"path", "bad_rows"}  # attributes of a Job


def test_a_new_job_takes_over_nothing_of_one_that_was_killed_and_deleted(path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    with Job.create(path, ["Old"] * 300) as old:
        old._journal.claim(old._journal.join("somebody", till=1.0), 0.0, 300)
        left = log.read_bytes()
    path.unlink()
    log.write_bytes(left)

    with Job.create(path, ["New"]) as new:
        assert [read for _, read in new._journal.inputs()] == ['{"prompt":"New"}']
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)


def test_what_a_dead_process_left_of_a_job_is_taken_away_and_a_living_one_is_waited_for(path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = path.with_name(f".{path.name}.{dead.pid}.part")
    left.touch()
    left.with_name(f"{left.name}-wal").touch()

    with Job.create(path, ["One"]) as job:
        assert job.status().counts.all == 1
    assert list(path.parent.glob(".*")) == []

    path.with_name(f".other.job.{os.getppid()}.part").touch()
    with pytest.raises(JobError, match=f"process {os.getppid()} is making the job"):
        Job.create(path.with_name("other.job"), ["One"])


def test_of_processes_that_make_one_job_at_once_one_wins_and_nothing_is_spoilt(path: Path) -> None:
    code = f"""
import sys
from clarion import Job, JobError
try:
    Job.create({str(path)!r}, (f"Question {{n}}" for n in range(2000))).close()
except JobError as error:
    sys.exit(str(error))
"""
    makers = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [maker.communicate(timeout=30)[1] for maker in makers]

    assert [maker.returncode for maker in makers].count(0) == 1
    assert all("making the job" in text or "already" in text for text in said if text)
    with Job.open(path) as job:
        assert job.status().counts.all == 2000
    assert [each.name for each in path.parent.glob(f".{path.name}*")] == []
