class Chat:
    class completions:
        @staticmethod
        def create(**options):
            return options


class OpenAI:
    chat = Chat()


class ChatAnthropic:
    def __init__(self, model, temperature=None, top_p=None):
        self.model = model


client = OpenAI()
client.chat.completions.create(model="gpt-9", temperature=0.2, messages=[])
llm = ChatAnthropic(model="claude-opus-5-5", temperature=0.3)
