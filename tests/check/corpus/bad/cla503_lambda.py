import httpx2
from anthropic import Anthropic, RateLimitError
from tenacity import retry, stop_after_attempt

client = Anthropic()
asked = []


@retry(stop=stop_after_attempt(3), retry=lambda error: isinstance(error, RateLimitError))
def ask(prompt: str) -> str | None:
    asked.append(prompt)
    if len(asked) == 1:
        response = httpx2.Response(429, request=httpx2.Request("POST", str(client.base_url)))
        raise RateLimitError("slow down", response=response, body=None)
    return client.messages.create(
        model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": prompt}]
    ).stop_reason


print(ask("Hello"))
