from __future__ import annotations

import pytest

from clarion._plural import number_of


@pytest.mark.parametrize(("count", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_000, "12,000 rows")])
def test_one_of_a_thing_is_said_in_the_singular(count: int, said: str) -> None:
    assert number_of(count, "row") == said
