class Api:
    class completions:
        @staticmethod
        def create(prompt):
            return prompt

    class beta:
        tools = prompt_caching = ()


client = Api()
print(client.completions.create("anthropic"), client.beta.tools, client.beta.prompt_caching)
