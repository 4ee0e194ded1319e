"""What no source of Clarion does: run text as code, or build objects of foreign data."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import clarion

pytestmark = pytest.mark.untraced

SOURCES = sorted(Path(clarion.__file__).parent.rglob("*.py"))
UNSAFE_MODULES = {"cPickle", "dill", "marshal", "pickle", "shelve", "xmlrpc"}
UNSAFE_CALLS = {"eval", "exec", "__import__"}
UNSAFE_LOADERS = {"FullLoader", "Loader", "UnsafeLoader"}


def of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_text_is_run_and_no_object_is_made_of_foreign_data(path: Path) -> None:
    tree = of(path)

    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    loaders = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "yaml"
    }
    shells = [
        keyword
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert imported(tree) & UNSAFE_MODULES == set()
    assert called & UNSAFE_CALLS == set()
    assert loaders & UNSAFE_LOADERS == set()
    assert loaders & {"load", "load_all"} == set()
    assert shells == []
