"""A ledger and the thread that writes to it: an event loop never waits for a disk, or for another process.

What waits to be written goes into one transaction, so that many calls at once cost hardly more than one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import weakref
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self, get_args

from clarion._errors import InvalidSettingError, LedgerError
from clarion._ledger.file import By, LedgerFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion._ledger.file import UsageRow

    Write = Callable[[LedgerFile], Any]
    Work = Callable[[], Write]  # works out what to write before others have to wait for the file

log = logging.getLogger(__name__)

_inherited: list[Writer] = []  # of a parent process: SQLite forbids a fork to use its files, and to close them


class Ledger:
    """What calls used and cost: an SQLite file that several processes may write to.

    Pass it, or its path, to a service, which records every attempt of its calls. What is recorded when a call returns
    is in the file even if the process is killed at that moment; if the machine itself dies, the last moments may be
    missing. Raises LedgerError for a file that cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._open()

    def __repr__(self) -> str:
        return f"Ledger({str(self.path)!r})"

    def usage(
        self,
        *,
        by: By = "model",
        since: datetime | None = None,
        tag: str | tuple[str, str] | None = None,
        emulated: bool = False,
    ) -> list[UsageRow]:
        """Return what was used, by model, tag, day or hour (UTC), from the hour of `since` on.

        `tag` leaves out all that has not the tag of that name, or that name and value. By tag, an attempt counts under
        each of its tags. `emulated` asks for what an emulator has answered, which is left out otherwise.
        """
        if by not in get_args(By):
            raise InvalidSettingError(f"by must be one of {', '.join(get_args(By))}; got {by!r}")
        if since is not None and not isinstance(since, datetime):
            raise InvalidSettingError(f"since must be a datetime; got {since!r}")
        wanted = (tag, None) if isinstance(tag, str) else tag
        with LedgerFile.open(self.path, create=False) as file:
            return file.usage(by, since=since.timestamp() if since else None, tag=wanted, emulated=emulated)

    def close(self) -> None:
        """Write what waits to be written and close the file."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _open(self) -> None:
        self._writer = Writer(LedgerFile.open(self.path, create=True))
        self._process = os.getpid()
        self._finalizer = weakref.finalize(self, self._writer.end)

    @property
    def is_behind(self) -> bool:
        """Whether something that was to be recorded is not, because the file could not be written."""
        return bool(self._writer.unwritten)

    def do(self, work: Work, *, is_record: bool = False) -> Any:
        """Have something written, and wait for it. Raises LedgerError, but for a record, which is kept for later."""
        done = threading.Lock()  # costs less than an Event
        done.acquire()
        job = Job(work, done, is_record=is_record)
        self._post(job)
        done.acquire()
        return job.outcome()

    async def do_async(self, work: Work, *, is_record: bool = False) -> Any:
        """Have something written, and await it, as `do`. What was begun is done, even if nobody waits any more."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        job = Job(work, done, is_record=is_record)
        self._post(job)
        await done
        return job.outcome()

    def do_later(self, work: Work) -> None:
        """Have a record written without waiting for it."""
        self._post(Job(work, None, is_record=True))

    def _post(self, job: Job) -> None:
        if os.getpid() != self._process:
            _inherited.append(self._writer)
            self._finalizer.detach()
            self._open()
        self._writer.post(job)


class Writer:
    """The thread that writes to the file of a ledger; it ends with the ledger, or with the program."""

    def __init__(self, file: LedgerFile) -> None:
        self.unwritten: list[Job] = []  # what could not be recorded yet
        self._file = file
        self._waiting: SimpleQueue[Job | None] = SimpleQueue()
        self._is_ending = False
        self._thread = threading.Thread(target=self._write, name="clarion-ledger", daemon=True)
        self._thread.start()

    def post(self, job: Job) -> None:
        """Take a job, to be done in the thread. Raises LedgerError after the end."""
        if self._is_ending:
            raise LedgerError(f"the ledger {self._file.path} is closed")
        self._waiting.put(job)

    def end(self) -> None:
        """Do what waits, and end the thread."""
        self._is_ending = True
        self._waiting.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _write(self) -> None:
        """Do what waits, all of it in one transaction, until the end is asked for."""
        is_open = True
        while is_open:
            found = [self._waiting.get()]
            while not self._waiting.empty():
                found.append(self._waiting.get())
            is_open = None not in found
            if jobs := [job for job in found if job is not None]:
                self._carry_out(jobs)
        if self.unwritten:
            log.error("%d attempts could not be recorded in the ledger %s", len(self.unwritten), self._file.path)
        self._file.close()

    def _carry_out(self, jobs: list[Job]) -> None:
        """Do jobs in one transaction, and what could not be recorded before."""
        failure: Exception | None = None
        try:
            ready = [(job, job.work()) for job in (*self.unwritten, *jobs)]
            with self._file.writing():
                for job, write in ready:
                    job.result = write(self._file)
            self.unwritten.clear()
        except LedgerError as error:
            log.error("%s", error)
            failure = error
            self.unwritten += [job for job in jobs if job.is_record]
        except Exception as error:  # noqa: BLE001 -- a mistake is raised where somebody waits for the work
            if len(jobs) > 1:
                for job in jobs:
                    self._carry_out([job])
                return
            failure = error
        for job in jobs:
            job.failure = failure
        _wake(jobs)


class Job:
    """Something to be written, and what whoever waits for it waits on: a lock that is released, or a future."""

    __slots__ = ("done", "failure", "is_record", "result", "work")

    def __init__(self, work: Work, done: threading.Lock | asyncio.Future[None] | None, *, is_record: bool) -> None:
        self.work = work
        self.done = done
        self.is_record = is_record
        self.result: Any = None
        self.failure: Exception | None = None

    def outcome(self) -> Any:
        """Return the result. Raises what went wrong, unless it is only that a record has to wait."""
        if self.failure is not None and not (self.is_record and isinstance(self.failure, LedgerError)):
            raise self.failure
        return self.result


def _wake(jobs: list[Job]) -> None:
    """Tell all who wait that their jobs are done, each event loop once: to wake one takes longer than the rest."""
    loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for job in jobs:
        match job.done:
            case asyncio.Future() as done:
                loops.setdefault(done.get_loop(), []).append(done)
            case None:
                pass
            case lock:
                lock.release()
    for loop, waiting in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, waiting)


def _settle(waiting: list[asyncio.Future[None]]) -> None:
    for done in waiting:
        if not done.done():  # it may have been cancelled
            done.set_result(None)
