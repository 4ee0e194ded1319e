import anthropic
import httpx2

request = httpx2.Request("POST", "https://api.anthropic.com/v1/messages")
response = httpx2.Response(429, request=request)
errors = [
    anthropic.APIConnectionError(message="no route", request=request),
    anthropic.RateLimitError("slow down", response=response, body=None),
    anthropic.APITimeoutError(request),
]
print(*map(type, errors))
