"""What the documentation says is true: its Python runs, its links lead somewhere.

Its commands are run by test_walkthroughs.py.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest

from clarion import Catalog, ClaudeService, Settings
from clarion.check.config import Config, find
from commands import COMMANDS
from forks import forked, program
from pages import PAGES, ROOT, Block, blocks, commands


def of(language: str) -> list[Any]:
    """The blocks of a language that stand for themselves, each with its page, to be tests."""
    return [
        pytest.param(page, block, id=page.name)
        for page in PAGES
        for block in blocks(page)
        if block.language == language and not block.file
    ]


TARGETS = [line.split()[1] for page in PAGES for block in blocks(page) for line in commands(block) if "make" in line]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize(("page", "block"), of("python"))
def test_every_python_block_runs(page: Path, block: Block, tmp_path: Path) -> None:
    code, said = tmp_path / "test_page.py", tmp_path / "said.txt"
    code.write_text(block.code, "utf-8")

    run = partial(collected, code) if "def test_" in block.code else partial(program, code, ROOT)
    exit_code = forked(run, said=said)

    assert exit_code == 0, f"{page.name}: {said.read_text('utf-8')}"


def collected(code: Path) -> None:
    """Let pytest run a file of tests; what they record is recorded of the emulator."""
    options = ["-W", "error", "--strict-markers", "--claude-record", "--claude-upstream", "emulator"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(code.parent), *options]
    sys.exit(subprocess.run([*command, str(code)], cwd=ROOT, check=False).returncode)


@pytest.mark.parametrize(("page", "block"), of("toml"))
def test_every_toml_block_is_taken_by_what_reads_it(page: Path, block: Block, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(block.code, "utf-8")

    match [*tomllib.loads(block.code)]:
        case ["tool"]:
            assert find(tmp_path) != Config()
        case ["models", "presets"]:
            assert Catalog.load(file) != Catalog.load()
        case _:
            assert Settings.load({"CLARION_CONFIG": str(file)}) != Settings.load({})


@pytest.mark.parametrize(("page", "block"), of("sql"))
def test_every_sql_block_can_be_asked_of_a_job(page: Path, block: Block, tmp_path: Path) -> None:
    journal = tmp_path / "one.job"
    ClaudeService(emulate=True).map(["One?"], journal=journal, model="cheap")

    with contextlib.closing(sqlite3.connect(journal)) as database:
        for statement in block.code.splitlines():
            database.execute(statement).fetchall()


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_of_make_is_one_that_there_is(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_is_in_the_navigation_of_the_site_and_every_public_name_in_its_reference() -> None:
    done = subprocess.run([sys.executable, "scripts/website"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_every_command_and_option_has_help() -> None:
    for command in COMMANDS.values():
        assert command.help
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_every_code_of_check_is_documented_and_no_other() -> None:
    from clarion.check.codes import CODES

    page = (ROOT / "docs/check.md").read_text("utf-8").partition("## Findings")[2]
    rows = [f"| [`{c.code}`](#{c.code.lower()}) | `{c.name}` | {c.severity} | {c.summary} |" for c in CODES]
    entries = [f"### {c.code}\n\n`{c.name}`, {c.severity}. {c.summary}\n\n{c.advice}" for c in CODES]

    assert re.findall(r"^\| \[.*", page, re.MULTILINE) == rows
    assert re.findall(r"^### (.*)", page, re.MULTILINE) == [c.code for c in CODES]
    assert all(entry in page for entry in entries)
    assert all(f"`--fix` {c.fix}." in page for c in CODES if c.fix)


def test_every_rule_of_fitting_is_documented_and_no_other() -> None:
    from clarion._fit.table import RULES

    page = (ROOT / "docs/fitting.md").read_text("utf-8").partition("## The rules")[2]
    documented = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)

    assert documented == [*(rule.name for rule in RULES), "unknown-model", "oversized-image", "images"]


def test_every_ailment_of_a_history_is_documented_and_no_other() -> None:
    from clarion._repair.ailments import AILMENTS, DOUBTS, UNMENDABLE

    page = (ROOT / "docs/repair.md").read_text("utf-8").partition("## What can be wrong")[2]
    rows = [
        f"| `{name}` | {wrong}: {mended} | {lost or 'nothing'} |" for name, (wrong, mended, lost) in AILMENTS.items()
    ]
    rows += [f"| `{name}` | {what} |" for name, what in (*UNMENDABLE.items(), *DOUBTS.items())]

    assert re.findall(r"^\| `.*", page, re.MULTILINE) == rows


def test_every_check_of_the_doctor_is_documented_and_no_other() -> None:
    from clarion.doctor import CHECKS

    page = (ROOT / "docs/doctor.md").read_text("utf-8")

    assert re.findall(r"^\| `([a-z ]+)` \|", page, re.MULTILINE) == [*(check.name for check in CHECKS), "job"]
