import asyncio

from anthropic import AsyncAnthropic

client = AsyncAnthropic()
limit = asyncio.Semaphore(8)


async def ask(prompt: str) -> str | None:
    async with limit:
        reply = await client.messages.create(
            model="claude-haiku-5-5", max_tokens=100, messages=[{"role": "user", "content": prompt}]
        )
        return reply.stop_reason


async def ask_all(prompts: list[str]) -> list[str | None]:
    return await asyncio.gather(*[ask(prompt) for prompt in prompts])


print(asyncio.run(ask_all(["a", "b"])))
