"""Ways to ask many prompts, each by the ways of its library: `python engines.py NAME URL ROWS IN_FLIGHT`.

Prints what the process took, as JSON. Runs under the Python that has the library; what is measured begins when
everything is imported.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MODEL = "claude-haiku-5-5"
MAX_TOKENS = 200


def prompts(rows: int) -> Iterator[str]:
    return (
        f"Sum up this review, number {n}: the soup was good and the waiters kind, but it was loud." for n in range(rows)
    )


def body(prompt: str) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": prompt}]}


def clarion(url: str, rows: int, in_flight: int) -> int:
    """Every row in the journal, before and after."""
    from clarion import AsyncClaudeService, ClaudeConfig
    from clarion.bulk.job import AsyncJob

    config = ClaudeConfig(model=MODEL, max_tokens=MAX_TOKENS, thinking="off")

    async def main(folder: str) -> int:
        async with AsyncClaudeService(api_key="k", base_url=url, config=config) as service:
            first = await AsyncJob.create(Path(folder, "first.db"), ["Hi"])
            await first.run(service=service)  # imports and builds what is built late
            job = await AsyncJob.create(Path(folder, "job.db"), prompts(rows))
            start()
            status = await job.run(service=service, concurrency=in_flight)
            await first.close()
            await job.close()
        return status.counts.done

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(main(folder))


def bare(url: str, rows: int, in_flight: int) -> int:
    """The reference: aiohttp and orjson in a loop, no retries, nothing kept."""
    import aiohttp
    import orjson

    async def main() -> int:
        done, waiting = 0, prompts(rows)
        headers = {"authorization": "Bearer k", "anthropic-version": "2026-10-21", "content-type": "application/json"}
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

            async def work() -> None:
                nonlocal done
                for prompt in waiting:
                    async with session.post(f"{url}/v1/messages", data=orjson.dumps(body(prompt))) as response:
                        done += orjson.loads(await response.read())["type"] == "message"

            start()
            async with asyncio.TaskGroup() as group:
                for _ in range(in_flight):
                    group.create_task(work())
        return done

    return asyncio.run(main())


def semaphore(url: str, rows: int, in_flight: int) -> int:
    """The SDK as most people use it: gather, with a semaphore."""
    return _sdk(url, rows, in_flight)


def naive(url: str, rows: int, in_flight: int) -> int:
    """The SDK and gather alone."""
    return _sdk(url, rows, rows)


def _sdk(url: str, rows: int, in_flight: int) -> int:
    from anthropic import AsyncAnthropic

    async def main() -> int:
        async with AsyncAnthropic(api_key="k", base_url=url) as client:
            await client.messages.create(**body("Hi"))  # builds what is built late
            permits = asyncio.Semaphore(in_flight)

            async def ask(prompt: str) -> Any:
                async with permits:
                    return await client.messages.create(**body(prompt))

            start()
            answers = await asyncio.gather(*map(ask, prompts(rows)), return_exceptions=True)
        return sum(not isinstance(answer, BaseException) for answer in answers)

    return asyncio.run(main())


def langchain(url: str, rows: int, in_flight: int) -> int:
    from langchain_anthropic import ChatAnthropic

    model = ChatAnthropic(model=MODEL, max_tokens=MAX_TOKENS, api_key="k", base_url=url)

    async def main() -> int:
        await model.ainvoke("Hi")
        start()
        asked = list(prompts(rows))
        answers = await model.abatch(asked, config={"max_concurrency": in_flight}, return_exceptions=True)
        return sum(not isinstance(answer, BaseException) for answer in answers)

    return asyncio.run(main())


def litellm(url: str, rows: int, in_flight: int) -> int:
    import litellm

    options = {"api_key": "k", "api_base": url, "max_tokens": MAX_TOKENS}
    router = litellm.Router(
        model_list=[{"model_name": "claude", "litellm_params": {"model": f"anthropic/{MODEL}", **options}}],
        num_retries=2,
    )

    async def main() -> int:
        permits = asyncio.Semaphore(in_flight)  # the router's own bound refuses calls, and does not let them wait

        async def ask(prompt: str) -> Any:
            async with permits:
                return await router.acompletion(model="claude", messages=[{"role": "user", "content": prompt}])

        await ask("Hi")
        start()
        answers = await asyncio.gather(*map(ask, prompts(rows)), return_exceptions=True)
        return sum(not isinstance(answer, BaseException) for answer in answers)

    return asyncio.run(main())


ENGINES: dict[str, Callable[[str, int, int], int]] = {
    engine.__name__: engine for engine in (clarion, bare, semaphore, naive, langchain, litellm)
}
began = (0.0, 0.0)


def start() -> None:
    """Begin what is measured."""
    global began
    began = (time.monotonic(), time.process_time())


def main(name: str, url: str, rows: int, in_flight: int) -> None:
    done = ENGINES[name](url, rows, in_flight)
    wall, cpu = time.monotonic() - began[0], time.process_time() - began[1]
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"done": done, "seconds": wall, "cpu": cpu, "rss": rss}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
