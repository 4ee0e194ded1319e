import json
import os

import httpx2

URL = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
HEADERS = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"}


def ask(prompt: str) -> str:
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 100,
        "temperature": 0.2,
        "messages": [{"role": "user", "content": prompt}],
    }
    reply = httpx2.post(f"{URL}/v1/messages", headers=HEADERS, content=json.dumps(body))
    return reply.raise_for_status().json()["stop_reason"]


print(ask("Hello"))
