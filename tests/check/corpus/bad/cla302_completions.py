from anthropic import Anthropic

client = Anthropic()
reply = client.completions.create(prompt="\n\nHuman: Hello\n\nAssistant:", max_tokens_to_sample=100)
print(reply.completion)
