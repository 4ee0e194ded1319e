from anthropic import Anthropic

with Anthropic() as client:
    with client.messages.stream(
        model="claude-opus-5-5", max_tokens=128_000, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        print(stream.get_final_text())

patient = Anthropic(timeout=900)
print(
    patient.messages.create(
        model="claude-opus-5-5", max_tokens=64_000, messages=[{"role": "user", "content": "Hi"}]
    ).stop_reason
)
