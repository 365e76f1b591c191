"""How uvicorn must be set up for realtime, and a websocket server that cuts off clients that never read."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from contracts.realtime import MAX_MESSAGE_BYTES


class CuttingWebSockets(WebSocketsSansIOProtocol):
    """uvicorn's websocket server, except that a connection whose application is done is gone `close_timeout` later.

    Closing waits until the client has read what was written. One that keeps its window closed would keep the socket
    and its buffer for ever.
    """

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(self.close_timeout, self.transport.abort)


UVICORN_SETTINGS: Final[dict[str, Any]] = {
    "ws": CuttingWebSockets,
    "ws_max_size": MAX_MESSAGE_BYTES,
    "ws_per_message_deflate": False,
    # The protocol has pings of its own, which browsers can see.
    "ws_ping_interval": None,
    "ws_ping_timeout": None,
}
"""Keyword arguments for `uvicorn.Config`."""
