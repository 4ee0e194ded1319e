"""What a turn asks the services to do, and is answered with."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion._completion import Completion, ToolCall
    from clarion._fit import Adjustment
    from clarion._telemetry.watch import Watch
    from clarion._tools import Toolbox
    from clarion._tools.approval import Approve, AsyncApprove
    from clarion._tools.results import Render


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send this request, as a stream or in one piece; answer with the Reply, or the Failure.

    In seconds: `timeout` bounds one read, `stall_timeout` the silence of a stream once it is open, and `left` is what
    the whole turn has left. `tags` are for the accounts, and never sent. `watch` is told how it goes.
    """

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None
    stall_timeout: float | None
    left: float | None
    stream: bool
    tags: Mapping[str, str] = field(default_factory=dict)
    watch: Watch | None = None

    def seen_by(self, watch: Watch) -> Send:
        """Return the same with its watch. It is made anew for every row of a job, and `replace` takes twice as long."""
        return Send(
            body=self.body,
            headers=self.headers,
            timeout=self.timeout,
            stall_timeout=self.stall_timeout,
            left=self.left,
            stream=self.stream,
            tags=self.tags,
            watch=watch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Ask the API how many input tokens this request has; answer with the number, or the Failure."""

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None
    left: float | None


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the user of these adjustments; no answer is needed."""

    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait between `least` and `most` seconds, drawn evenly; answer with how long it was."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Now:
    """Answer with a reading of the monotonic clock, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTools:
    """Run the calls of tools with which a completion ends; answer with their result blocks, or with an InterruptTurn.

    `render` makes a block of an image or a document in a result, as the model sees it. `given` has the results of calls
    that are not to be run, by their ids. `watch` is told how they go.
    """

    completion: Completion
    toolbox: Toolbox
    max_parallel: int
    approve: Approve | AsyncApprove | None
    render: Render
    given: Mapping[str, object] = field(default_factory=dict)
    watch: Watch | None = None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls, in order."""
        return self.completion.tool_calls

    def seen_by(self, watch: Watch) -> RunTools:
        """Return the same with its watch."""
        return replace(self, watch=watch)


@dataclass(frozen=True, slots=True)
class Do:
    """Do some work that takes its time (a file, a database); answer with what it returns, or its ClarionError."""

    work: Callable[[], object]


Step = Send | Count | Tell | Wait | Now | RunTools | Do
Turn = Generator[Step, Any, "Completion"]
