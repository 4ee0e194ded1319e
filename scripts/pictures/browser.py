"""A page in a browser, waited for, and photographed: Chromium, by its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import tempfile
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 20.0  # seconds
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0")


def chromium() -> str | None:
    """Where Chromium is; None if it is not there."""
    return next(filter(None, map(shutil.which, NAMES)), None)


async def photograph(program: str, url: str, *, act: str, until: str, size_px: tuple[int, int]) -> bytes:
    """Open a page, run the script `act` again and again until the script `until` is true, and return a PNG of it."""
    with tempfile.TemporaryDirectory() as profile:
        size = "--window-size={},{}".format(*size_px)
        browser = await asyncio.create_subprocess_exec(
            program, *OPTIONS, size, f"--user-data-dir={profile}", url, stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
                port = await _port(browser)
                async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                    (target,) = (each for each in await answer.json() if each["type"] == "page")
                async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as page:
                    while not (await _call(page, "Runtime.evaluate", expression=until))["result"].get("value"):
                        await _call(page, "Runtime.evaluate", expression=act)
                        await asyncio.sleep(0.3)
                    shot = await _call(page, "Page.captureScreenshot", format="png")
        finally:
            browser.terminate()
            await browser.wait()
    return base64.b64decode(shot["data"])


async def _port(browser: asyncio.subprocess.Process) -> str:
    assert browser.stderr  # noqa: S101 -- it is a pipe
    async for line in browser.stderr:
        if found := re.search(rb"DevTools listening on ws://127\.0\.0\.1:(\d+)", line):
            return found[1].decode()
    raise RuntimeError("Chromium has ended before it was ready")


async def _call(page: aiohttp.ClientWebSocketResponse, method: str, **params: object) -> dict[str, Any]:
    await page.send_json({"id": 1, "method": method, "params": params})
    while (answer := await page.receive_json()).get("id") != 1:
        pass  # an event
    result: dict[str, Any] = answer["result"]
    return result
