class Messages:
    def create(self, **options):
        return options


class Twilio:
    def __init__(self):
        self.messages = Messages()


client = Twilio()
client.messages.create(to="+1", from_="+2", body="Claude says hello", temperature=37)
print("anthropic")
