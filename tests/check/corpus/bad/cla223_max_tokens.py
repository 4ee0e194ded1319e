from anthropic import Anthropic

client = Anthropic()
with client.messages.stream(
    model="claude-opus-5-5", max_tokens=200_000, messages=[{"role": "user", "content": "Hello"}]
) as stream:
    print(stream.get_final_message().stop_reason)
