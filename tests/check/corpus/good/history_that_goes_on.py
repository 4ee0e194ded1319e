from anthropic import Anthropic

client = Anthropic()
messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
messages.append({"role": "user", "content": "And?"})
print(client.messages.create(model="claude-opus-5-5", max_tokens=100, messages=messages).stop_reason)

reply = client.messages.create(model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hi"}])
history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": reply.content}]
print(
    client.messages.create(
        model="claude-opus-5-5", max_tokens=100, messages=[*history, {"role": "user", "content": "And?"}]
    ).stop_reason
)
