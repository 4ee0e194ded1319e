from anthropic import HUMAN_PROMPT

print(f"{HUMAN_PROMPT} Hello")
