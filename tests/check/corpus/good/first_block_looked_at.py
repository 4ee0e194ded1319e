from anthropic import Anthropic
from anthropic.types import Message, TextBlock

reply = Anthropic().messages.create(
    model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
)
if reply.content[0].type == "text":
    print(reply.content[0].text)


def text_of(message: Message) -> str:
    if message.content and isinstance(message.content[0], TextBlock):
        return message.content[0].text
    return "".join(block.text for block in message.content if block.type == "text")


print(text_of(reply))
