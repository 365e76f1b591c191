"""The websocket route: carries frames, time and outcomes to the protocol core, and its actions to the socket and the
hub."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from uuid import uuid4

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from contracts.base import encode
from contracts.errors import (
    BAD_REQUEST,
    INTERNAL,
    SHUTTING_DOWN,
    SLOW_CLIENT,
    STREAM_NOT_FOUND,
    UNAVAILABLE,
    TokstreamError,
)
from contracts.realtime import (
    BATCH_SECONDS,
    SUBPROTOCOL_JSON,
    SUBPROTOCOL_MSGPACK,
    Cancelled,
    CommandAccepted,
    ErrorReply,
)
from contracts.streams import Cursor
from gateway.realtime.actions import (
    Action,
    Authenticate,
    CancelWork,
    Close,
    LeaveStream,
    OpenStream,
    RunCommand,
    Send,
)
from gateway.realtime.codec import codec_for
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.hub import Hub
from gateway.realtime.outbox import Outbox
from gateway.realtime.ports import Access, Commands
from gateway.realtime.protocol import Connection, goodbye
from gateway.realtime.publication import Publication
from gateway.realtime.requests import check_origin, token_of
from gateway.realtime.subscription import Subscription
from storage.errors import StorageError

SNAPSHOT_BYTES = 256 * 1024
"""Events up to about this size come with the answer to `subscribe`, the others as pushes after it."""
RETRY_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Finished(Exception):
    """Ends the tasks of a connection."""


class WebSocketSession:
    """One connection, from the handshake to the last byte. It is the sink of its subscriptions."""

    def __init__(
        self, websocket: WebSocket, hub: Hub, access: Access, commands: Commands, config: RealtimeConfig
    ) -> None:
        self.websocket = websocket
        self.hub = hub
        self.access = access
        self.commands = commands
        self.config = config
        offered = websocket.scope.get("subprotocols", [])
        known = [name for name in offered if name in (SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK)]
        self.subprotocol: str | None = known[0] if known else None
        self.loop = asyncio.get_running_loop()
        codec = codec_for(self.subprotocol)
        self.protocol = Connection(uuid4().hex, codec, config, self.loop.time())
        self.outbox = Outbox(codec, config.max_pending_bytes)
        self.subscriptions: dict[str, Subscription] = {}
        self.replaying: set[Subscription] = set()
        self.behind: set[Subscription] = set()
        """Those whose pushes were dropped and that have not been read on to the live events since."""
        self.behind_since: float | None = None
        self.group: asyncio.TaskGroup | None = None
        self.wake = asyncio.Event()
        self.drained = asyncio.Event()
        self.finished = asyncio.Event()
        self.closing: Close | None = None

    async def run(self) -> None:
        """Serves an accepted connection until it ends, for whatever reason."""
        try:
            async with asyncio.TaskGroup() as group:
                self.group = group
                for task in (self.read(), self.write(), self.keep_time(), self.await_shutdown()):
                    group.create_task(task)
                await self.finished.wait()
                raise Finished
        except* (Finished, WebSocketDisconnect):
            pass
        except* Exception:
            logger.exception("A websocket connection failed")
            self.closing = Close(INTERNAL, INTERNAL.title)
        finally:
            self.group = None
            resume = {subscription.stream: cursor for subscription, cursor in self.outbox.sent.items()}
            for subscription in self.subscriptions.values():
                subscription.close()
        if self.closing is not None:
            await self.say_goodbye(self.closing, resume)

    # ── The tasks ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def read(self) -> None:
        while True:
            # Who does not read the answers is not asked for more questions.
            while self.outbox.reply_bytes > self.config.max_pending_bytes:
                await self.until_drained()
            message = await self.websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise Finished
            frame = message.get("text")
            self.perform(
                self.protocol.received(message.get("bytes") or b"" if frame is None else frame, self.loop.time())
            )

    async def write(self) -> None:
        written_at = 0.0
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.outbox.bytes:
                pause = written_at + BATCH_SECONDS - self.loop.time()
                if pause > 0 and not self.outbox.urgent:
                    await asyncio.sleep(pause)
                written_at = self.loop.time()
                await self.write_frame()

    async def write_frame(self) -> None:
        frame = self.outbox.take()
        self.drained.set()
        if isinstance(frame, str):
            await self.websocket.send_text(frame)
        elif frame is not None:
            await self.websocket.send_bytes(frame)

    async def keep_time(self) -> None:
        # No longer than the shortest of the times: a frame that arrives may bring the next deadline closer.
        longest = min(self.config.connect_seconds, self.config.ping_seconds, self.config.pong_seconds)
        while True:
            deadline = self.protocol.deadline()
            if deadline is None:
                return
            await asyncio.sleep(min(max(deadline - self.loop.time(), 0.001), longest))
            self.perform(self.protocol.tick(self.loop.time()))

    async def await_shutdown(self) -> None:
        await self.hub.stopping.wait()
        self.perform(self.protocol.close(SHUTTING_DOWN, SHUTTING_DOWN.title))

    async def say_goodbye(self, closing: Close, resume: dict[str, Cursor]) -> None:
        self.outbox.drop_pushes()
        self.outbox.reply(goodbye(closing.kind, closing.reason, resume))
        try:
            async with asyncio.timeout(self.config.close_seconds):
                while self.outbox.bytes:
                    await self.write_frame()
                # A close frame has room for 123 bytes (RFC 6455, section 5.5.1).
                reason = closing.reason.encode()[:120].decode(errors="ignore")
                await self.websocket.close(closing.kind.websocket, reason)
        except (TimeoutError, WebSocketDisconnect):
            pass  # The server cuts the connection when this returns.

    # ── Carrying out actions ──────────────────────────────────────────────────────────────────────────────────────

    def perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Send(message=message):
                    self.outbox.reply(message)
                case Authenticate(token=token):
                    self.start(self.authenticate(token))
                case OpenStream(stream=stream, since=since):
                    self.start(self.open_stream(stream, since))
                case LeaveStream(stream=stream):
                    self.leave(stream)
                case RunCommand() | CancelWork():
                    self.start(self.run_command(action))
                case Close():
                    self.closing = action
                    self.finished.set()
        self.wake.set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        if self.group is None:
            work.close()
        else:
            self.group.create_task(work)

    async def authenticate(self, token: str | None) -> None:
        try:
            async with asyncio.timeout(self.config.access_seconds):
                owner = await self.access.owner(token or token_of(self.websocket))
        except (TimeoutError, StorageError):
            self.perform(self.protocol.close(UNAVAILABLE, "tokens cannot be checked now: try again later"))
        else:
            self.perform(self.protocol.authenticated(owner))

    async def run_command(self, action: RunCommand | CancelWork) -> None:
        reply: CommandAccepted | Cancelled | ErrorReply
        try:
            async with asyncio.timeout(self.config.access_seconds):
                owner = await self.check_readable(action.stream)
                if isinstance(action, CancelWork):
                    await self.commands.cancel(owner, action.stream)
                    reply = Cancelled(id=action.id, stream=action.stream)
                else:
                    accepted = await self.commands.run(
                        owner, action.stream, action.name, action.data, action.id, action.key
                    )
                    reply = CommandAccepted(id=action.id, task_id=accepted.task_id, stream=accepted.stream)
        except (TokstreamError, StorageError, TimeoutError) as error:
            reply = ErrorReply(id=action.id, error=shown(error).problem())
        self.perform(self.protocol.completed(reply))

    async def check_readable(self, stream: str) -> str:
        """The owner of the connection, who may read the stream. Raises TokstreamError."""
        owner = self.protocol.owner
        if owner is None or not await self.access.may_read(owner, stream):
            raise TokstreamError(STREAM_NOT_FOUND, f"there is no stream {stream}", field="stream")
        return owner

    # ── Streams ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def open_stream(self, stream: str, since: Cursor | None) -> None:
        subscription: Subscription | None = None
        opened = False
        try:
            async with asyncio.timeout(self.config.access_seconds):
                await self.check_readable(stream)
            subscription = self.hub.subscribe(stream, since, self)
            await subscription.open()
            events: list[Publication] = []
            while not subscription.live and sum(event.size for event in events) < SNAPSHOT_BYTES:
                events += await subscription.catch_up()
            # From here on without waiting: the subscription is live, and its next event must come after this answer.
            self.subscriptions[stream] = subscription
            self.outbox.begin(subscription, subscription.cursor)
            opened = True
            self.perform(
                self.protocol.subscribed(
                    stream, subscription.cursor, subscription.recovered, tuple(event.event for event in events)
                )
            )
        except (TokstreamError, StorageError, TimeoutError) as error:
            self.perform(self.protocol.refused(stream, shown(error)))
        finally:
            if subscription is not None and not opened:
                subscription.close()
        if opened and subscription is not None:
            await self.replay(subscription)

    async def replay(self, subscription: Subscription) -> None:
        """Sends what the journal has, as fast as the client reads, until the subscription is live."""
        if subscription in self.replaying:
            return
        self.replaying.add(subscription)
        try:
            while not subscription.live and not subscription.closed:
                if self.outbox.push_bytes * 4 > self.config.max_pending_bytes:
                    await self.until_drained()
                    continue
                try:
                    page = await subscription.catch_up()
                except StorageError as error:
                    logger.warning("Reading on in %s failed, trying again: %s", subscription.stream, error)
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                except TokstreamError:
                    return  # `ended` was told already.
                for publication in page:
                    self.outbox.push(subscription, publication)
                self.wake.set()
        finally:
            self.replaying.discard(subscription)
            self.behind.discard(subscription)
            if not self.behind:
                self.behind_since = None

    async def until_drained(self) -> None:
        self.drained.clear()
        await self.drained.wait()

    def leave(self, stream: str) -> None:
        subscription = self.subscriptions.pop(stream, None)
        if subscription is not None:
            self.outbox.forget(subscription)
            subscription.close()

    def push(self, subscription: Subscription, publication: Publication) -> None:
        """A live event. Where too much waits already, all pushes are dropped and read again when there is room."""
        if self.outbox.has_room(publication):
            self.outbox.push(subscription, publication)
            self.wake.set()
            return
        behind = self.outbox.drop_pushes() | {subscription}
        for late in behind:
            if late in self.outbox.sent:
                late.rewind(self.outbox.sent[late])
                self.start(self.replay(late))
                self.behind.add(late)
        if self.behind_since is None:
            self.behind_since = self.loop.time()
            self.start(self.close_if_behind(self.behind_since))

    async def close_if_behind(self, since: float) -> None:
        """A client that does not catch up with what was dropped is better off reconnecting."""
        await asyncio.sleep(self.config.slow_seconds)
        if self.behind_since == since:
            self.perform(self.protocol.close(SLOW_CLIENT, SLOW_CLIENT.title))

    def ended(self, subscription: Subscription, error: TokstreamError) -> None:
        """The stream of a subscription is no more. When the service goes down, the whole connection is told."""
        if error.kind is not SHUTTING_DOWN and self.subscriptions.get(subscription.stream) is subscription:
            self.perform(self.protocol.ended(subscription.stream, error.detail))


def shown(error: TokstreamError | StorageError | TimeoutError) -> TokstreamError:
    """What the client is told."""
    if isinstance(error, TokstreamError):
        return error
    logger.warning("A websocket request failed: %s", error or "timeout")
    return TokstreamError(UNAVAILABLE, "a part of the service is unavailable: try again later", retry_after=1)


async def serve_websocket(
    websocket: WebSocket, hub: Hub, access: Access, commands: Commands, config: RealtimeConfig
) -> None:
    """`GET /ws`. Refuses foreign pages and unknown subprotocols by an HTTP answer, before the websocket begins."""
    session = WebSocketSession(websocket, hub, access, commands, config)
    try:
        check_origin(websocket, config)
        if websocket.scope.get("subprotocols") and session.subprotocol is None:
            detail = f"the subprotocols are {SUBPROTOCOL_JSON} and {SUBPROTOCOL_MSGPACK}"
            raise TokstreamError(BAD_REQUEST, detail, field="sec-websocket-protocol")
    except TokstreamError as error:
        problem = error.problem(instance=websocket.url.path)
        await websocket.send_denial_response(
            Response(encode(problem), status_code=error.kind.status, media_type="application/problem+json")
        )
        return
    await websocket.accept(session.subprotocol)
    await session.run()
