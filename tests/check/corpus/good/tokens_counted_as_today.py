from anthropic import Anthropic

MESSAGES = [{"role": "user", "content": "Hi"}]


class Counter:
    def __init__(self) -> None:
        self.client = Anthropic()

    def count_tokens(self, text: str) -> int:
        counted = self.client.messages.count_tokens(
            model="claude-opus-5-5", messages=[{"role": "user", "content": text}]
        )
        return counted.input_tokens


counter = Counter()
print(counter.count_tokens("Hi"))
