import httpx2 as httpx
from anthropic import Anthropic


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"input_tokens": 3})


client = Anthropic(
    api_key="x", timeout=httpx.Timeout(5.0), http_client=httpx.Client(transport=httpx.MockTransport(answer))
)
print(client.messages.count_tokens(model="claude-opus-5-5", messages=[{"role": "user", "content": "Hi"}]).input_tokens)
