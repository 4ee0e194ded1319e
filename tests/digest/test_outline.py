from __future__ import annotations

import pytest

from clarion._digest.outline import Heading, marks_of, outline, path_at

MARKDOWN = """\
Setext one
==========

# Not so: `# this` # closed ##

```sh
# no heading
```

Sub
---

~~~
## none
~~~

###### Deep
"""

RST = """\
=====
Title
=====

Part
====

Text with a line of -----.

Section
-------

Other part
==========
"""

BOOK = """\
The Title

PART ONE

CHAPTER I. Down the Rabbit-Hole

Chapter and verse were quoted to me.

Chapter 2
Not alone on its line, but after a blank one.
"""

PYTHON = '''\
"""Doc.

def not_this(): ...
"""

import os


# About f.
# More about f.
@decorated
def f():
    def inner(): ...


class C:
    async def method(self): ...

    class D:
        x = 1
'''

GO = """\
package main

// Add adds.
// It does.
func Add(a int) int {
	func() {}()
}

type Shape interface {
}
"""

C = """\
#include <stdio.h>

static int add(int a,
               int b)
{
    return add(a, b);
}
add(1, 2);
"""


def titles(text: str, ending: str) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in outline(text, ending)]


def test_markdown_has_headings_of_both_kinds_but_none_in_fences() -> None:
    assert titles(MARKDOWN, ".md") == [(1, "Setext one"), (1, "Not so: `# this` # closed"), (2, "Sub"), (6, "Deep")]


def test_a_heading_starts_at_its_title() -> None:
    assert [MARKDOWN[heading.start :][:6] for heading in outline(MARKDOWN, ".md")] == [
        "Setext",
        "# Not ",
        "Sub\n--",
        "######",
    ]


def test_restructured_text_has_levels_by_the_order_of_its_adornments() -> None:
    assert titles(RST, ".rst") == [(1, "Title"), (2, "Part"), (3, "Section"), (2, "Other part")]


def test_a_book_has_chapters_that_stand_by_themselves() -> None:
    assert titles(BOOK, ".txt") == [(2, "PART ONE"), (3, "CHAPTER I. Down the Rabbit-Hole"), (3, "Chapter 2")]


def test_python_has_its_definitions_with_what_stands_above_them() -> None:
    assert titles(PYTHON, ".py") == [(1, "f"), (1, "C"), (2, "method"), (2, "D")]
    assert PYTHON[outline(PYTHON, ".py")[0].start :].startswith("# About f.")


@pytest.mark.parametrize("text", ["def f(:\n", "def f():\n\0", "class A:\n\treturn (\n" * 3])
def test_python_that_cannot_be_parsed_is_read_like_other_code(text: str) -> None:
    assert all(title in ("f", "A") for _, title in titles(text, ".py"))


def test_other_code_has_what_begins_a_definition_at_the_start_of_a_line() -> None:
    assert titles(GO, ".go") == [(1, "main"), (1, "Add"), (1, "Shape")]
    assert titles(C, ".c") == [(1, "add")]


def test_a_text_of_no_known_kind_is_read_by_what_it_looks_like() -> None:
    assert titles(RST, "") == titles(RST, ".rst")
    assert titles(MARKDOWN, ".log")[-1] == (6, "Deep")
    assert titles("Just a text.\n\nIn paragraphs.\n", "") == []


def test_a_path_has_the_sections_that_are_open() -> None:
    headings = outline(PYTHON, ".py")

    assert path_at(headings, PYTHON.index("x = 1")) == ("C", "D")
    assert path_at(headings, 0) == ()


def test_a_path_skips_levels_that_are_not_there() -> None:
    headings = [Heading(0, 2, "Two"), Heading(5, 4, "Four"), Heading(9, 3, "Three")]

    assert path_at(headings, 7) == ("Two", "Four")
    assert path_at(headings, 10) == ("Two", "Three")


def test_marks_stand_where_headings_or_pages_change() -> None:
    headings = [Heading(3, 1, "A"), Heading(8, 1, "B")]

    marks = marks_of(headings, [(0, 1), (5, 2)], 2, 9, base=100)

    assert [(mark.start, mark.headings, mark.page) for mark in marks] == [
        (102, (), 1),
        (103, ("A",), 1),
        (105, ("A",), 2),
        (108, ("B",), 2),
    ]


@pytest.mark.parametrize("ending", [".md", ".rst", ".py", ".js", ""])
def test_a_line_of_a_megabyte_takes_no_time(ending: str) -> None:
    text = "function a(b " * 80_000 + "\n\n" + "# " * 500_000

    assert len(outline(text, ending)) < 5
