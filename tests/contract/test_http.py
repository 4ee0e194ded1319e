"""Bytes over a socket are refused before they are read as a request, in the API's own words and shape."""

from __future__ import annotations

import json

import pytest

from contract.rows.http import ROWS, Bytes
from contract.ways import Wire


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_bytes_are_answered_as_the_api_answers_them(wire: Wire, row: Bytes) -> None:
    status, headers, body = wire.send(row.method, row.path, row.body, row.headers)

    answer = json.loads(body)
    assert status == row.status, answer
    assert headers["request-id"].startswith("req_")
    assert row.has.items() <= headers.items()
    if status != 200:
        error = answer["error"]
        assert answer["request_id"] == headers["request-id"]
        assert error["type"] == row.type
        assert error["message"] == row.message if isinstance(row.message, str) else row.message.search(error["message"])
        assert error.get("details", {}).get("error_code") == row.code
