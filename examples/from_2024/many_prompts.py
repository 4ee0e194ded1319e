"""Async: many prompts at once, bounded, in order."""

import asyncio

from adjusted import show

from clarion import AsyncClaudeService, Completion

async_client = AsyncClaudeService()


async def async_claude(prompt: str) -> str:
    message = await async_client.complete(
        [{"role": "user", "content": prompt}],
        model="claude-3-5-sonnet-20241022",
        max_tokens=1024,
    )
    return message.text


async def batch_process(prompts: list[str]) -> list[str]:
    results = await async_client.batch_process(
        prompts, concurrency=20, model="claude-3-haiku-20240307", max_tokens=1024, errors="raise"
    )
    completions = [result for result in results if isinstance(result, Completion)]
    show(completions[0])
    return [completion.text for completion in completions]


async def main() -> None:
    async with async_client:
        print(await async_claude("Hello"))
        for text in await batch_process(["What is a monad?", "What is a functor?", "What is a lens?"]):
            print(text)


asyncio.run(main())
