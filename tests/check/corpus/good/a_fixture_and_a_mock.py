from unittest.mock import MagicMock

import pytest
from anthropic import Anthropic


@pytest.fixture
def client() -> MagicMock:
    return MagicMock(spec=Anthropic)


def test_it_passes_options_on(client):
    client.messages.create(model="claude-opus-5-5", max_tokens=1, messages=[], temperature=0.1)
    client.count_tokens("x")
