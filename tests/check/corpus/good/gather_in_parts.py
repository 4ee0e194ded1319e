import asyncio

from anthropic import AsyncAnthropic

client = AsyncAnthropic()


async def ask(prompt: str) -> str | None:
    reply = await client.messages.create(
        model="claude-haiku-5-5", max_tokens=100, messages=[{"role": "user", "content": prompt}]
    )
    return reply.stop_reason


async def ask_all(prompts: list[str]) -> None:
    for start in range(0, len(prompts), 10):
        part = prompts[start : start + 10]
        print(await asyncio.gather(*[ask(prompt) for prompt in part]))
    print(await asyncio.gather(ask("one"), ask("two")))
    print(await asyncio.gather(*(ask(f"{number}") for number in range(3))))


asyncio.run(ask_all(["a", "b"]))
