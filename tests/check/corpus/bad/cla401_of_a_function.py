import asyncio

import anthropic

client = anthropic.AsyncAnthropic()


async def send(prompt: str) -> anthropic.types.Message:
    return await client.messages.create(
        model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": prompt}]
    )


async def main() -> None:
    print(f"said: {(await send('Hello')).content[0].text}")


asyncio.run(main())
