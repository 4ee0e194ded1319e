import asyncio

from anthropic import AsyncAnthropic

client = AsyncAnthropic()


async def ask(prompt: str) -> int:
    reply = await client.messages.create(
        model="claude-haiku-5-5", max_tokens=100, messages=[{"role": "user", "content": prompt}]
    )
    return reply.usage.output_tokens


async def ask_all(prompts: list[str]) -> list[int]:
    tasks = [ask(prompt) for prompt in prompts]
    return await asyncio.gather(*tasks)


print(asyncio.run(ask_all(["a", "b"])))
