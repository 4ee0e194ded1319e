from anthropic import Anthropic, APIStatusError, OverloadedError

client = Anthropic()
try:
    with client.messages.stream(
        model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        print(stream.get_final_text())
except OverloadedError:
    print("at once")
except APIStatusError as error:
    print("in the middle", error.type)

try:
    print(client.messages.create(model="claude-opus-5-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]))
except OverloadedError:
    print("busy")
