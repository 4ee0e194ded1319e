from anthropic import Anthropic

TOOLS = [{"name": "save", "description": "Save.", "input_schema": {"type": "object", "properties": {}}}]

reply = Anthropic().messages.create(
    model="claude-sonnet-5-5",
    max_tokens=500,
    tools=TOOLS,
    tool_choice={"type": "tool", "name": "save"},
    messages=[{"role": "user", "content": "Save it."}],
)
print(reply.stop_reason)
