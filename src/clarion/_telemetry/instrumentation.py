"""Whether a service is looked on, and by whom: looked up for each turn, as providers may be registered at any time."""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from clarion._telemetry.watch import Watch, failed, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from clarion._steps import Turn
    from clarion._telemetry.options import Peer, Telemetry
    from clarion._telemetry.spans import Scope

log = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between two looks of a job: at each, OpenTelemetry reads the environment

# Providers of the API itself do nothing: they hold the place until somebody registers one.
PLACEHOLDERS = ("opentelemetry.trace", "opentelemetry.metrics")


class Of(TypedDict):
    """What is known of a turn: the model that is asked, the caller's tags.

    `conversation` tells in which conversation it is, once that is known; `about` are more fields for the log.
    """

    model: str
    tags: Mapping[str, str]
    conversation: NotRequired[Callable[[], str | None]]
    about: NotRequired[Mapping[str, object]]


class Instrumentation:
    """Watches the turns of one service. `telemetry` is None where OpenTelemetry is to be told nothing.

    For the `pause`, in seconds, that follows a look at who is registered, nobody else is looked for.
    """

    def __init__(self, telemetry: Telemetry | None, peer: Peer, *, content: bool, pause: float = 0.0) -> None:
        from opentelemetry import metrics, trace

        self._telemetry = telemetry
        self._peer = peer
        self._content = content
        self._metrics, self._trace = metrics, trace
        self._scope: Scope | None = None
        self._pause = pause
        self._next_look = 0.0

    def for_many(self) -> Instrumentation:
        """Return the same for turns that follow upon one another at once, as those of a job."""
        return Instrumentation(self._telemetry, self._peer, content=self._content, pause=PAUSE)

    def watched(self, steps: Turn, **of: Unpack[Of]) -> Turn:
        """Return a turn that is watched, from its first step on."""
        return watched(steps, lambda: self.watch(**of))

    def watch(self, **of: Unpack[Of]) -> Watch:
        """Begin to watch a turn."""
        conversation, about = of.get("conversation", _none), of.get("about", {})
        try:
            scope = self._looking()
            span = None if scope is None else scope.turn(model=of["model"], tags=of["tags"], conversation=conversation)
        except Exception as error:  # noqa: BLE001 -- of whoever has been registered
            failed(error)
            span = None
        return Watch(span, conversation, about)

    def _looking(self) -> Scope | None:
        """Return what makes spans and metrics, None if nobody wants any."""
        now = time.monotonic()
        if now >= self._next_look:
            self._scope = self._found()
            self._next_look = now + self._pause
        return self._scope

    def _found(self) -> Scope | None:
        if self._telemetry is None:
            return None
        traces, meters = self._tracer_provider(), self._meter_provider()
        if traces is None and meters is None:
            return None
        if self._scope is not None and self._scope.is_of(traces, meters):
            return self._scope
        from clarion._telemetry.spans import Scope

        return Scope(traces, meters, self._peer, content=self._content, divided_by=self._telemetry.tags)

    def _tracer_provider(self) -> Any:
        assert self._telemetry is not None  # asked for only with one  # noqa: S101
        if not self._peer.traces:
            return None
        own = self._telemetry.tracer_provider or self._peer.tracer_provider
        return own or _registered(self._trace.get_tracer_provider)

    def _meter_provider(self) -> Any:
        assert self._telemetry is not None  # asked for only with one  # noqa: S101
        return self._telemetry.meter_provider or _registered(self._metrics.get_meter_provider)


def _none() -> None:
    """Tell of no conversation."""


def _registered(find: Callable[[], Any]) -> Any:
    """Return the provider that is registered, None if there is none that does anything."""
    if not _is_found(find):
        return None
    provider = find()
    return None if type(provider).__module__.startswith(PLACEHOLDERS) else provider


@functools.cache
def _is_found(find: Callable[[], Any]) -> bool:
    """Whether OpenTelemetry can tell what is registered: the environment may name a provider that is not installed."""
    try:
        find()
    except Exception as error:  # noqa: BLE001 -- of whatever package the environment names
        log.warning("OpenTelemetry finds no provider, so nothing is told to it: %s", error)
        return False
    return True
