"""Tokens counted by ctok; without it, by a table."""

from clarion import ClaudeService

with ClaudeService(emulate=True) as claude:
    print(claude.estimate_tokens("Ships sail.").source)
