import anthropic


class Page:
    def __init__(self, text):
        self.content = [self]
        self.text = text


page = Page("anthropic")
print(page.content[0].text, anthropic.__name__)
