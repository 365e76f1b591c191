"""The embedded service beside a program that waits for its user: in a thread, with an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from deploy.serve import embedded_service
from deploy.settings import Settings


@contextmanager
def background_service(settings: Settings, capabilities: Sequence[str]) -> Iterator[str]:
    """The URL of a service with these capabilities, until the context is left. Raises what `embedded_service` does, on
    leaving where it broke down meanwhile."""
    broken: list[Exception] = []
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with embedded_service(settings, capabilities) as url:
            started.set_result((url, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except Exception as error:
            if started.done():
                broken.append(error)
            else:
                started.set_exception(error)

    thread = threading.Thread(target=run, name="tokstream-service", daemon=True)
    thread.start()
    url, loop, stop = started.result()
    try:
        yield url
    finally:
        with suppress(RuntimeError):  # The loop is closed where the service broke down.
            loop.call_soon_threadsafe(stop.set)
        thread.join()
    if broken:
        raise broken[0]
