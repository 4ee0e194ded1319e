from __future__ import annotations

from pathlib import Path

import pytest

from clarion import ClarionError
from clarion.check.codes import BY_CODE, codes_of
from clarion.check.config import Config, find


def given(tmp_path: Path, table: str) -> Config:
    (tmp_path / "pyproject.toml").write_text(f"[tool.clarion.check]\n{table}\n")
    return find(tmp_path)


def test_codes_are_chosen_by_code_beginning_or_name() -> None:
    assert codes_of("CLA101") == codes_of("retired-model") == codes_of("cla101") == {"CLA101"}
    assert codes_of("CLA1") == {"CLA101", "CLA102", "CLA103"}
    assert codes_of("CLA") == BY_CODE.keys()


@pytest.mark.parametrize("selector", ["CLA9", "", "retired", "E501"])
def test_a_code_that_there_is_not_is_an_error(selector: str) -> None:
    with pytest.raises(ClarionError, match=r"no code or name of a check"):
        codes_of(selector)


def test_the_table_nearest_above_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.clarion.check]\nselect = ["CLA1"]\nignore = ["retiring-model"]\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n")

    config = find(inner)
    assert config.codes == {"CLA101", "CLA103"}
    assert config.root == tmp_path


def test_without_a_table_everything_is_looked_for(tmp_path: Path) -> None:
    assert find(tmp_path).codes == BY_CODE.keys()


def test_files_can_have_ignores_of_their_own(tmp_path: Path) -> None:
    config = given(tmp_path, 'per-file-ignores = { "tests/*" = ["CLA1"], "old_*" = ["CLA2"], "attic" = ["CLA"] }')

    def codes(path: str) -> set[str]:
        return {code[:4] for code in config.codes_for(tmp_path / path, config.codes)}

    everything = {code[:4] for code in BY_CODE}
    assert codes("a.py") == everything
    assert codes("tests/a.py") == codes("tests/deep/a.py") == everything - {"CLA1"}
    assert codes("tests/old_a.py") == everything - {"CLA1", "CLA2"}
    assert codes("attic/deep/a.py") == set()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("selct = []", "has no 'selct'; it has select"),
        ('select = "CLA1"', "select in [tool.clarion.check] is a list of codes, not 'CLA1'"),
        ("horizon = -1", "horizon in [tool.clarion.check] is a number of days, not -1"),
        ("horizon = true", "a number of days"),
        ('ignore = ["CLA999"]', "no code or name of a check is 'CLA999'"),
        ('per-file-ignores = { x = "CLA1" }', "a table of patterns"),
        ("select = [", "cannot read"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(ClarionError) as raised:
        given(tmp_path, table)

    assert says in str(raised.value)
