from anthropic import Anthropic

TOOLS = [{"name": "save", "description": "Save.", "input_schema": {"type": "object", "properties": {}}}]

for model, choice in (("claude-haiku-5-5", {"type": "any"}), ("claude-opus-5-5", {"type": "auto"})):
    reply = Anthropic().messages.create(
        model=model, max_tokens=500, tools=TOOLS, tool_choice=choice, messages=[{"role": "user", "content": "Save."}]
    )
reply = Anthropic().messages.create(
    model="claude-haiku-5-5",
    max_tokens=500,
    tools=TOOLS,
    tool_choice={"type": "tool", "name": "save"},
    messages=[{"role": "user", "content": "Save it."}],
)
print(reply.stop_reason)
