MODEL = "claude-3-opus-20240229"  # clarion: ignore[CLA101]
LLM = "claude-2.1"  # clarion: ignore
print(MODEL, LLM)
