from anthropic import Anthropic

client = Anthropic()
batch = client.messages.batches.create(
    requests=[
        {
            "custom_id": f"row-{number}",
            "params": {
                "model": "claude-haiku-5-5",
                "max_tokens": 100,
                "temperature": 0,
                "messages": [{"role": "user", "content": f"Row {number}"}],
            },
        }
        for number in range(3)
    ]
)
print(batch.processing_status)
