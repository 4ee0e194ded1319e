from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._media import HIGH, STANDARD, Tier
from clarion._media.sizes import PATCH_PX, kept_size, tokens
from clarion.emulator.media import fitted, tier

edges = st.integers(1, 20_000)
tiers = st.sampled_from([HIGH, STANDARD, HIGH.for_many(21), Tier(max_edge_px=200, max_tokens=20)])


def is_within(width: int, height: int, limit: Tier) -> bool:
    longest = -(-max(width, height) // PATCH_PX) * PATCH_PX
    return longest <= limit.max_edge_px and tokens(width, height) <= limit.max_tokens


@pytest.mark.parametrize(
    ("size", "standard", "high"),
    [
        ((1920, 1080), 1560, 2691),
        ((3840, 2160), 1560, 4784),
        ((2160, 3840), 1560, 4784),
        ((1000, 1000), 1296, 1296),
        ((200, 200), 64, 64),
        ((1, 1), 1, 1),
        ((28, 29), 2, 2),
    ],
)
def test_an_image_costs_what_the_documentation_says(size: tuple[int, int], standard: int, high: int) -> None:
    costs = [tokens(*kept_size(*size, limit)) for limit in (STANDARD, HIGH)]

    assert costs == [standard, high]


@given(edges, edges, tiers)
def test_an_image_is_never_made_larger(width: int, height: int, limit: Tier) -> None:
    kept_width, kept_height = kept_size(width, height, limit)

    assert 1 <= kept_width <= width
    assert 1 <= kept_height <= height


@given(edges, edges, tiers)
def test_what_is_kept_is_within_the_limits_and_is_kept_again(width: int, height: int, limit: Tier) -> None:
    kept = kept_size(width, height, limit)

    assert is_within(*kept, limit)
    assert kept_size(*kept, limit) == kept


@given(edges, edges, tiers)
def test_the_shape_is_kept_within_a_pixel(width: int, height: int, limit: Tier) -> None:
    kept_width, kept_height = kept_size(width, height, limit)

    if width >= height:
        assert abs(kept_height - kept_width * height / width) <= 1
    else:
        assert abs(kept_width - kept_height * width / height) <= 1


@given(edges, edges, tiers)
def test_one_pixel_more_would_break_a_limit(width: int, height: int, limit: Tier) -> None:
    kept_width, kept_height = kept_size(width, height, limit)
    long, short = max(width, height), min(width, height)
    edge = max(kept_width, kept_height) + 1

    larger = edge, max(1, round(short * edge / long + 1e-9))

    assert (kept_width, kept_height) == (width, height) or not is_within(*larger, limit)


@given(edges, edges, tiers)
def test_a_turned_image_is_kept_as_the_turned_size(width: int, height: int, limit: Tier) -> None:
    assert kept_size(height, width, limit) == kept_size(width, height, limit)[::-1]


@given(edges, edges, st.sampled_from([("high", HIGH), ("standard", STANDARD)]))
def test_the_emulator_would_not_scale_it_down_any_more(width: int, height: int, named: tuple[str, Tier]) -> None:
    name, limit = named
    kept = kept_size(width, height, limit)

    assert fitted(*kept, tier(name)) == kept


def test_among_many_images_no_edge_is_over_2000_px() -> None:
    assert HIGH.for_many(20) == HIGH
    assert max(kept_size(4000, 100, HIGH.for_many(21))) == 1988
    assert STANDARD.for_many(600) == STANDARD
