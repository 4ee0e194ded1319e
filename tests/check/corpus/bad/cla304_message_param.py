from anthropic import Anthropic
from anthropic.types import MessageParam

messages = [MessageParam(role="user", content="Hello")]
print(Anthropic().messages.create(model="claude-opus-5-5", max_tokens=100, messages=messages).stop_reason)
