import os

import httpx2

URL = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
KEY = os.environ["ANTHROPIC_API_KEY"]
body = {
    "model": "claude-haiku-4-5",
    "max_tokens": 100,
    "temperature": 0.2,
    "messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Well,"}],
}
headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
print(httpx2.post(f"{URL}/v1/messages", headers=headers, json=body).raise_for_status().json()["stop_reason"])
