import respx
from anthropic import Anthropic


@respx.mock
def test_an_answer_is_read() -> None:
    respx.post("https://api.anthropic.com/v1/messages").respond(json={"content": []})
    reply = Anthropic(api_key="x").messages.create(
        model="claude-opus-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}]
    )
    assert reply.content == []
