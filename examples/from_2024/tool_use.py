"""Tool use: the model asks for a tool, the program answers."""

from typing import Any

from adjusted import show

from clarion import ClaudeService, Completion, ToolCall

client = ClaudeService()

tools = [
    {
        "name": "get_weather",
        "description": "Get current weather for a location",
        "input_schema": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "City and country, e.g., 'London, UK'"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "Temperature unit"},
            },
            "required": ["location"],
        },
    }
]


def execute_tool(call: ToolCall) -> str:
    return f"12 degrees {call.input.get('unit', 'celsius')} in {call.input['location']}, light rain"


def chat_with_tools(user_message: str) -> Completion:
    options: dict[str, Any] = {"model": "claude-3-5-sonnet-20241022", "max_tokens": 1024, "tools": tools}
    response = client.complete(user_message, **options)

    while response.tool_calls:  # all of them are answered, in one message
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": execute_tool(call)}
            for call in response.tool_calls
        ]
        response = client.complete([*response.messages, {"role": "user", "content": results}], **options)

    return response


answer = chat_with_tools("What is the weather in London?")
print(answer.text)
show(answer)
