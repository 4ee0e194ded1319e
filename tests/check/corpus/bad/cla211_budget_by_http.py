import os

import httpx2

URL = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com") + "/v1/messages"

with httpx2.Client(headers={"x-api-key": os.environ["ANTHROPIC_API_KEY"]}) as client:
    reply = client.post(
        URL,
        headers={"anthropic-version": "2023-06-01"},
        json={
            "model": "claude-sonnet-5-5",
            "max_tokens": 9000,
            "thinking": {"type": "enabled", "budget_tokens": 3000},
            "messages": [{"role": "user", "content": "Why?"}],
        },
    )
print(reply.raise_for_status().json()["stop_reason"])
