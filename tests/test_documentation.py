"""What the documentation says is true: its Python runs, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from commands import COMMANDS, found

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + sorted(ROOT.glob("docs/**/*.md"))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def blocks(language: str) -> list[tuple[Path, str]]:
    return [(page, code) for page in PAGES for kind, code in FENCE.findall(page.read_text("utf-8")) if kind == language]


def commands() -> list[str]:
    lines = (line.split("#")[0].strip() for _, code in blocks("sh") for line in code.splitlines())
    return [line for line in lines if line]


@pytest.mark.parametrize(("page", "code"), [pytest.param(page, code, id=page.name) for page, code in blocks("python")])
def test_every_python_block_runs(page: Path, code: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", code]
    if "def test_" in code:
        test = tmp_path / "test_page.py"
        test.write_text(code, "utf-8")
        options = ["-W", "error", "--strict-markers", "--claude-record", "--claude-upstream", "emulator"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), *options]
        command.append(str(test))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, f"{page.name}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("line", commands())
def test_every_command_is_one_that_there_is(line: str) -> None:
    words = shlex.split(line.split("|")[-1])
    words = words[next((i for i, word in enumerate(words) if "=" not in word), 0) :]

    match words[0]:
        case "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        case "clarion":
            command, rest = found(words[1:])
            command.make_context(words[0], rest, resilient_parsing=False)
        case other:
            assert other in {"curl", "export", "git", "pytest"}, f"unknown command {other!r}"


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
