import warnings

from clarion import ClaudeService

warnings.simplefilter("ignore")
claude = ClaudeService(emulate=True)
print(claude.complete("Hello", temperature=0.2, thinking=10_000).text)
print(claude.count_tokens("How long is this?"))
