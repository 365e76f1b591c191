"""The realtime routes: `/ws`, and `/streams/{stream}/events` as server-sent events or as a page of JSON."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from contracts.base import encode
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.hub import Hub
from gateway.realtime.longpoll import limit_of, poll_events, wait_of
from gateway.realtime.ports import Access, Commands
from gateway.realtime.requests import cursor_of, readable_stream
from gateway.realtime.sse import event_stream
from gateway.realtime.websocket import serve_websocket

EVENT_STREAM = "text/event-stream"
JSON = "application/json"
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept"}


def realtime_routes(hub: Hub, access: Access, commands: Commands, config: RealtimeConfig) -> list[BaseRoute]:
    """The routes. TokstreamError and storage.errors.Unavailable, raised before an answer has begun, are for the
    exception handlers of the application."""

    async def websocket(socket: WebSocket) -> None:
        await serve_websocket(socket, hub, access, commands, config)

    async def events(request: Request) -> Response:
        stream = await readable_stream(request, access)
        if wants_json(request.headers.get("accept", "")):
            return await page(request, stream)
        # EventSource sends Last-Event-ID when it reconnects, and keeps the `after` it began with.
        since = cursor_of(request.headers.get("last-event-id"), "last-event-id") or cursor_of(
            request.query_params.get("after"), "after"
        )
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            return Response(media_type=EVENT_STREAM, headers=headers)
        body = event_stream(hub, stream, since, config)
        # What is wrong with storage must be told by the status, so the stream has to be open before the answer begins.
        first = await anext(body)
        return StreamingResponse(preceded(first, body), media_type=EVENT_STREAM, headers=headers)

    async def page(request: Request, stream: str) -> Response:
        prefer = ",".join(request.headers.getlist("prefer"))
        wait = wait_of(prefer, config)
        after = cursor_of(request.query_params.get("after"), "after")
        limit = limit_of(request.query_params.get("limit"))
        events = await poll_events(hub, stream, after, limit, wait)
        applied = {"Preference-Applied": f"wait={wait:.0f}"} if wait else {}
        return Response(encode(events), media_type=JSON, headers={**HEADERS, **applied})

    return [
        WebSocketRoute("/ws", websocket, name="ws"),
        Route("/streams/{stream}/events", events, methods=["GET"], name="stream-events"),
    ]


def wants_json(accept: str) -> bool:
    """Whether the long poll is meant. Who accepts anything gets server-sent events."""
    offered = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return JSON in offered and EVENT_STREAM not in offered


async def preceded(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part
