import anthropic


class Service:
    def __init__(self, client=None):
        self.client = client or anthropic.Anthropic()

    def complete(self, prompt, temperature=0.2):
        return self.client.messages.create(
            model="claude-opus-5-5",
            max_tokens=100,
            temperature=temperature,  # low: facts
            messages=[{"role": "user", "content": prompt}],
        )


print(Service().complete("Hello").stop_reason)
