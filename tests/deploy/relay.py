"""A relay between a client and a service, whose connections can be lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


class Relay:
    """Listens at `url` and passes on to the service, byte by byte. `swallowed` counts the answers it kept."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.swallowed = 0
        self._service_port = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._swallow: bytes | None = None
        self._away = False
        self._refused = 0
        self._came = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Loses the connections of now."""
        for writer in list(self._open):
            writer.transport.abort()

    def go_away(self) -> None:
        """Loses the connections of now, and each that comes, until `come_back`."""
        self._away = True
        self.cut()

    async def refused(self, connections: int) -> None:
        """Waits until so many more have come in vain."""
        wanted = self._refused + connections
        while self._refused < wanted:
            self._came.clear()
            await self._came.wait()

    def come_back(self) -> None:
        self._away = False

    def swallow_answer_of(self, request: str) -> None:
        """Loses the next connection that begins with this request when its answer comes."""
        self._swallow = request.encode()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            self._refused += 1
            self._came.set()
            writer.transport.abort()
            return
        beyond_reader, beyond_writer = await asyncio.open_connection("127.0.0.1", self._service_port)
        self._open |= {writer, beyond_writer}
        swallowing = asyncio.Event()
        with contextlib.suppress(OSError):
            await asyncio.gather(
                self._pass(reader, beyond_writer, swallowing, asks=True),
                self._pass(beyond_reader, writer, swallowing, asks=False),
            )
        self._open -= {writer, beyond_writer}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallowing: asyncio.Event, *, asks: bool
    ) -> None:
        try:
            while data := await reader.read(65536):
                if asks and self._swallow is not None and data.startswith(self._swallow):
                    self._swallow = None
                    swallowing.set()
                if not asks and swallowing.is_set():
                    self.swallowed += 1
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def relayed(url: str) -> AsyncIterator[Relay]:
    """A relay before the service at `url`, until the context is left."""
    port = urlsplit(url).port
    assert port is not None
    relay = Relay(port)
    await relay.listen()
    try:
        yield relay
    finally:
        relay.stop()
