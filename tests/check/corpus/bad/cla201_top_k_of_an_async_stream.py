import asyncio

from anthropic import AsyncAnthropic


async def main() -> None:
    async with AsyncAnthropic() as client:
        async with client.messages.stream(
            model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hello"}], top_k=5
        ) as stream:
            async for text in stream.text_stream:
                print(text, end="")


asyncio.run(main())
