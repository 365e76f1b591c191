"""A pool of worker processes that answer a job with a stream of results.

concurrent.futures gives one result a job, at its end; a screenshot's bubbles are wanted one by one, as they are read.
Each worker is a spawned process that makes its server object once (the models are loaded there), and talks over a
pipe: parent → job; worker → result, result, …, end or error. A worker that dies takes only its own job with it.
"""

import asyncio
import atexit
import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import multiprocessing.process
import os
import signal
import threading
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

logger = logging.getLogger(__name__)

Job = TypeVar("Job")
Result = TypeVar("Result")
JobIn = TypeVar("JobIn", contravariant=True)
ResultOut = TypeVar("ResultOut", covariant=True)


class Server(Protocol[JobIn, ResultOut]):
    """What runs inside a worker. Made once by the factory; called with one job at a time."""

    def __call__(self, job: JobIn) -> Iterator[ResultOut]: ...


class WorkerDied(Exception):
    """The worker process ended (killed, out of memory, crashed in native code) before its job did."""


class WorkerNotStarted(WorkerDied):
    """A worker for the job could not be started, for the reason that is its cause. The job is not to blame."""


@dataclass(frozen=True, slots=True)
class _Item:
    value: Any


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None


def _portable(error: BaseException) -> BaseException:
    """The error as it can cross to the parent. One that cannot be pickled arrives as RuntimeError with its text."""
    try:
        multiprocessing.reduction.ForkingPickler.dumps(error)
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _work(factory: Callable[[], Server[Any, Any]], pipe: multiprocessing.connection.Connection) -> None:
    """The main function of a worker process."""
    # Ctrl-C reaches the whole process group, and service managers send SIGTERM to all processes of a service. The
    # parent decides when workers end: by SIGKILL, or by its own end, which closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server: Server[Any, Any] | None = None
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            server = factory()
            pipe.send(_End())
        except Exception as error:
            pipe.send(_End(_portable(error)))
            return
        while True:
            job = pipe.recv()
            end = _End()
            try:
                for result in server(job):
                    pipe.send(_Item(result))
            except (BrokenPipeError, ConnectionResetError):
                raise
            except Exception as error:
                end = _End(_portable(error))
            pipe.send(end)


_running: "weakref.WeakSet[multiprocessing.process.BaseProcess]" = weakref.WeakSet()


def _kill_leftovers() -> None:
    """At the end of the interpreter: multiprocessing would ask them by SIGTERM, which they ignore, and wait."""
    for process in list(_running):
        if process.is_alive():
            process.kill()


atexit.register(_kill_leftovers)


class _Worker:
    """One process and the pipe to it. Its blocking calls run in threads of the event loop's executor."""

    def __init__(self, factory: Callable[[], Server[Any, Any]]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(factory, theirs), name="tokstream-worker", daemon=True)
        self._reader: threading.Thread | None = None
        try:
            self.process.start()
        except BaseException:
            self.pipe.close()
            raise
        finally:
            theirs.close()
        _running.add(self.process)

    def read_ahead(self, read: Callable[[], None]) -> None:
        """Runs `read`, which receives until the end of a job, in a thread of its own."""
        self._reader = threading.Thread(target=read, name="tokstream-pool-reader", daemon=True)
        self._reader.start()

    def receive(self) -> _Item | _End:
        """Blocks for the next answer. Raises WorkerDied."""
        try:
            answer: _Item | _End = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        return answer

    def send(self, job: object) -> None:
        try:
            self.pipe.send(job)
        except OSError as error:
            raise self._died() from error

    def _died(self) -> WorkerDied:
        self.process.join(1)  # the pipe breaks a moment before the exit code is there
        return WorkerDied(f"worker {self.process.pid} ended with exit code {self.process.exitcode}")

    def stop(self) -> None:
        """Ends the process; blocks until it is gone."""
        if self.process.is_alive() and self.process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(10)
        if self._reader is not None:
            # A pipe that is closed while a thread reads it may read from whatever is opened next in its place.
            self._reader.join(10)
        self.pipe.close()


class WorkerPool(Generic[Job, Result]):
    """`size` workers. Use as an async context manager; `factory` must be importable by a spawned process (no
    lambda)."""

    def __init__(self, factory: Callable[[], Server[Job, Result]], size: int) -> None:
        if size < 1:
            raise ValueError(f"a pool needs at least one worker, not {size}")
        self._factory = factory
        self._size = size
        self._free: asyncio.Queue[_Worker | None] = asyncio.Queue()
        self._workers: set[_Worker] = set()
        self._closed = False

    async def __aenter__(self) -> "WorkerPool[Job, Result]":
        # Slots are filled lazily by workers: a None taken from the queue is the right to start one.
        for _ in range(self._size):
            self._free.put_nowait(None)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        for worker in list(self._workers):
            await asyncio.shield(asyncio.to_thread(worker.stop))
        self._workers.clear()

    async def warm(self) -> None:
        """Starts every worker that is not running yet, side by side. Raises what the factory raised, or WorkerDied."""
        free = [self._free.get_nowait() for _ in range(self._free.qsize())]
        starts = []
        for worker in free:
            if worker is None:
                starts.append(self._start_into_queue())
            else:
                self._free.put_nowait(worker)
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def _start_into_queue(self) -> None:
        worker: _Worker | None = None
        try:
            worker = await self._start()
        finally:
            self._free.put_nowait(worker)

    async def _start(self) -> _Worker:
        worker = await self._spawn()
        try:
            answer = await asyncio.to_thread(worker.receive)
            if isinstance(answer, _End) and answer.error is not None:
                raise answer.error
        except BaseException:
            await self._discard(worker)
            raise
        return worker

    async def _spawn(self) -> _Worker:
        spawning = asyncio.ensure_future(asyncio.to_thread(_Worker, self._factory))
        try:
            worker = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            # The thread cannot be stopped: the process that it makes must not be left without an owner.
            await asyncio.wait((spawning,))
            if not spawning.cancelled() and spawning.exception() is None:
                await self._discard(spawning.result())
            raise
        self._workers.add(worker)
        return worker

    async def _discard(self, worker: _Worker) -> None:
        self._workers.discard(worker)
        await asyncio.shield(asyncio.to_thread(worker.stop))

    async def stream(self, job: Job) -> AsyncGenerator[Result, None]:
        """The results of a job as they come. Raises what the server raised, WorkerDied, or WorkerNotStarted.

        Leaving the iteration early ends the worker, because nothing else stops a running computation; use
        `contextlib.aclosing`.
        """
        worker = await self._free.get()
        healthy = False
        try:
            if worker is None:
                worker = await self._start_for_job()
            await asyncio.to_thread(worker.send, job)
            async for answer in self._answers(worker):
                if isinstance(answer, _End):
                    healthy = True
                    if answer.error is not None:
                        raise answer.error
                    return
                yield answer.value
        finally:
            if not healthy and worker is not None:
                if worker in self._workers:
                    await self._discard(worker)
                worker = None
            self._free.put_nowait(worker)

    async def _start_for_job(self) -> _Worker:
        try:
            return await self._start()
        except WorkerDied:
            raise
        except Exception as error:
            raise WorkerNotStarted(f"no worker could be started: {type(error).__name__}: {error}") from error

    @staticmethod
    async def _answers(worker: _Worker) -> AsyncIterator[_Item | _End]:
        """A thread reads the pipe ahead, so that a result is sent on while the next is computed."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[_Item | _End | WorkerDied] = asyncio.Queue()

        def read() -> None:
            while True:
                try:
                    answer: _Item | _End | WorkerDied = worker.receive()
                except WorkerDied as error:
                    answer = error
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                    loop.call_soon_threadsafe(queue.put_nowait, answer)
                if not isinstance(answer, _Item):
                    return

        worker.read_ahead(read)
        while True:
            answer = await queue.get()
            if isinstance(answer, WorkerDied):
                raise answer
            yield answer
            if isinstance(answer, _End):
                return
