import httpx
from anthropic import Anthropic

client = Anthropic(http_client=httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))))
