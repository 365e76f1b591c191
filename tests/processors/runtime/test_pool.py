"""The pool with real worker processes."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from processors.runtime.pool import WorkerDied, WorkerNotStarted, WorkerPool


class Counter:
    """Counts to the number in the job; a word in the job makes it misbehave."""

    def __call__(self, job: str) -> Iterator[int]:
        if job == "pid":
            yield os.getpid()
        elif job == "refuse":
            raise TokstreamError(IMAGE_UNREADABLE, "not an image", field="file")
        elif job == "die":
            yield 1
            os.kill(os.getpid(), signal.SIGKILL)
        elif job.startswith("meet"):
            # Says it is here, then waits for the other: ends only where two jobs run at the same time.
            folder = Path(job.removeprefix("meet "))
            (folder / str(os.getpid())).touch()
            deadline = time.monotonic() + 20
            while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            yield len(list(folder.iterdir()))
        elif job == "endless":
            for number in range(10**9):
                yield number
                time.sleep(0.01)
        else:
            yield from range(int(job))


def broken() -> Counter:
    raise OSError("no model file")


async def answers(pool: WorkerPool[str, int], job: str) -> list[int]:
    async with asyncio.timeout(30), contextlib.aclosing(pool.stream(job)) as results:
        return [number async for number in results]


async def test_results_come_in_order_and_workers_are_used_again() -> None:
    async with WorkerPool(Counter, 1) as pool:
        await pool.warm()
        assert await answers(pool, "5") == [0, 1, 2, 3, 4]
        assert await answers(pool, "pid") == await answers(pool, "pid")


async def test_as_many_jobs_run_at_once_as_there_are_workers(tmp_path: Path) -> None:
    async with WorkerPool(Counter, 2) as pool:
        both = await asyncio.gather(*(answers(pool, f"meet {tmp_path}") for _ in range(2)))
    assert both == [[2], [2]]


async def test_errors_cross_the_border_whole() -> None:
    async with WorkerPool(Counter, 1) as pool:
        with pytest.raises(TokstreamError) as caught:
            await answers(pool, "refuse")
        assert caught.value.kind == IMAGE_UNREADABLE
        assert caught.value.field == "file"
        with pytest.raises(ValueError, match="invalid literal"):
            await answers(pool, "nonsense")
        assert await answers(pool, "1") == [0]


async def test_a_worker_that_dies_fails_its_job_alone() -> None:
    async with WorkerPool(Counter, 1) as pool:
        with pytest.raises(WorkerDied):
            await answers(pool, "die")
        assert await answers(pool, "2") == [0, 1]


async def test_leaving_early_stops_the_work() -> None:
    async with WorkerPool(Counter, 1) as pool:
        async with asyncio.timeout(30), contextlib.aclosing(pool.stream("endless")) as results:
            async for number in results:
                if number == 3:
                    break
        assert await answers(pool, "2") == [0, 1]


async def test_a_server_that_cannot_start_says_why() -> None:
    async with WorkerPool(broken, 1) as pool:
        with pytest.raises(OSError, match="no model file"):
            await pool.warm()
        with pytest.raises(WorkerNotStarted, match="no model file"):
            await answers(pool, "1")


async def test_no_worker_outlives_the_pool() -> None:
    async with WorkerPool(Counter, 1) as pool:
        (pid,) = await answers(pool, "pid")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_worker_outlives_signals_that_are_meant_for_the_service() -> None:
    async with WorkerPool(Counter, 1) as pool:
        (pid,) = await answers(pool, "pid")
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(pid, number)
        assert await answers(pool, "pid") == [pid]


@pytest.mark.parametrize("turns", [1, 3, 10, 100])
async def test_cutting_a_start_off_leaves_no_process_and_loses_no_slot(turns: int) -> None:
    async with WorkerPool(Counter, 1) as pool:
        asked = asyncio.create_task(answers(pool, "pid"))
        for _ in range(turns):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait((asked,))
        assert not [child for child in multiprocessing.active_children() if child.name == "tokstream-worker"]
        assert await answers(pool, "2") == [0, 1]


async def test_a_killed_worker_tells_its_exit_code() -> None:
    async with WorkerPool(Counter, 1) as pool:
        with pytest.raises(WorkerDied, match="exit code -9"):
            await answers(pool, "die")


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        WorkerPool(Counter, 0)
