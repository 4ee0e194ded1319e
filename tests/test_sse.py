from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._sse import EventParser

line = st.binary(max_size=12).filter(lambda text: b"\n" not in text and b"\r" not in text)
ending = st.sampled_from([b"\n", b"\r\n", b"\r"])


def parse(*chunks: bytes) -> list[bytes]:
    parser = EventParser()
    return [data for chunk in chunks for data in parser.feed(chunk)]


@given(st.lists(st.tuples(st.lists(line, min_size=1, max_size=3), ending), max_size=4), st.data())
def test_events_come_out_wherever_the_bytes_are_cut(
    events: list[tuple[list[bytes], bytes]], data: st.DataObject
) -> None:
    stream = b"".join(b"".join(b"data: " + line + end for line in lines) + end for lines, end in events)
    stream += b": a comment that ends the last CR\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert parse(*chunks) == [b"\n".join(lines) for lines, _ in events]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"event: x\nid: 7\ndata: a\n\n", [b"a"]),
        (b": ping\n\ndata: a\n\n", [b"a"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data: a\n\ndata: b", [b"a"]),
        (b"data\n\n\n\n", []),
        (b"", []),
    ],
)
def test_fields_are_read_as_the_standard_says(stream: bytes, events: list[bytes]) -> None:
    assert parse(stream) == events


def test_a_large_event_may_come_in_many_pieces() -> None:
    assert parse(b"data: ", *[b"x" * 1000] * 1000, b"\n\n") == [b"x" * 1_000_000]
