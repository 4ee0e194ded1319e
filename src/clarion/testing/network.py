"""No test calls the real API by accident: its name is not looked up.

Every client resolves a name before it connects, and nearly all by `socket.getaddrinfo`; uvloop has its own way, which
is guarded where uvloop is loaded before the test begins. A proxy would resolve the name for them, and so is gone past.
Other names are left alone.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["IN_PROCESS", "REAL", "refused"]

REAL = "api.anthropic.com"
IN_PROCESS = "emulator.invalid"
REASONS = {
    REAL: f"the test calls the real API ({REAL}): use the fixture claude_emulator or claude_server, record it with "
    "@pytest.mark.claude_recording, or allow it with @pytest.mark.claude_network",
    IN_PROCESS: "the test calls the emulator with a client that is not httpx2, and so not within reach of the fixture "
    "claude_emulator: use claude_server",
}
LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """Fail a test, within this context, that looks the real API up; `except Exception` does not catch it."""
    with contextlib.ExitStack() as stack:
        for name in LOOK_UPS:
            stack.enter_context(_replaced(socket, name, _guarded))
        loop = getattr(sys.modules.get("uvloop"), "Loop", None)  # None too while a thread is about to import it
        if loop is not None:
            stack.enter_context(_replaced(loop, "getaddrinfo", _guarded_method))
        if any(os.environ.get(name) or os.environ.get(name.lower()) for name in PROXIES):
            stack.enter_context(_past_the_proxy())
        yield


@contextlib.contextmanager
def _replaced(owner: Any, name: str, guard: Callable[[Any], Any]) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, guard(original))
    try:
        yield
    finally:
        setattr(owner, name, original)


def _guarded(look_up: Any) -> Any:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        _check(host)
        return look_up(host, *args, **kwargs)

    return guarded


def _guarded_method(look_up: Any) -> Any:
    async def guarded(loop: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        _check(host)
        return await look_up(loop, host, *args, **kwargs)

    return guarded


def _check(host: Any) -> None:
    __tracebackhide__ = True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if reason := REASONS.get(name.rstrip(".").lower()):
        pytest.fail(reason)


@contextlib.contextmanager
def _past_the_proxy() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    known = before["no_proxy"] or before["NO_PROXY"]
    names = ",".join([*([known] if known else []), REAL])
    os.environ.update(dict.fromkeys(before, names))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
