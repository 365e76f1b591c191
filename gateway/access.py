"""Who is calling, and what they may see: API keys, tickets for browser sockets, owners of streams, host names."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts import streams
from contracts.base import Record, decode, encode
from contracts.errors import FORBIDDEN_HOST, FORBIDDEN_ORIGIN, UNAUTHORIZED, ErrorKind, TokstreamError
from contracts.resources import TicketIssued
from gateway.config import GatewayConfig
from gateway.problems import problem_response
from storage.collections import CONVERSATIONS, SESSIONS, TASKS
from storage.stores import Stores

LOCAL_OWNER = "local"
TICKET_PREFIX = "tkt_"


class Claims(Record, frozen=True):
    """What a ticket vouches for. `expires` is seconds since 1970, `nonce` makes each ticket another."""

    owner: str
    expires: float
    nonce: str


def key_digest(key: str) -> str:
    """The form in which keys are configured: SHA-256, lowercase hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


class Access:
    """Answers who calls and whether they may. Implements what the realtime shells ask for too."""

    def __init__(self, stores: Stores, config: GatewayConfig) -> None:
        self._stores = stores
        self._keys = config.keys
        self._ticket_seconds = config.ticket_seconds
        self._secret = config.ticket_secret.encode() or secrets.token_bytes(32)

    async def owner(self, token: str | None) -> str | None:
        """The owner that an API key or ticket stands for, None where it stands for nobody."""
        if not self._keys:
            return LOCAL_OWNER
        if token is None:
            return None
        if token.startswith(TICKET_PREFIX):
            return self._owner_of_ticket(token)
        return self._owner_of_key(token)

    def authenticate(self, headers: Headers) -> str:
        """The owner that the headers `x-api-key` or `Authorization: Bearer` name. Tickets are for sockets, not for
        this.

        Raises TokstreamError(UNAUTHORIZED).
        """
        if not self._keys:
            return LOCAL_OWNER
        key = headers.get("x-api-key")
        if key is None:
            scheme, _, credentials = headers.get("authorization", "").partition(" ")
            key = credentials.strip() if scheme.lower() == "bearer" else None
        owner = None if key is None else self._owner_of_key(key)
        if owner is None:
            raise TokstreamError(UNAUTHORIZED, "Send a valid API key as x-api-key or as Authorization: Bearer.")
        return owner

    async def may_read(self, owner: str, stream: str) -> bool:
        """Whether the stream exists and is the owner's."""
        try:
            kind, identifier = streams.split(stream)
        except ValueError:
            return False
        if kind == "session":
            session = await self._stores.documents.get(SESSIONS, identifier)
            return session is not None and session.document.owner == owner
        if kind == "task":
            task = await self._stores.documents.get(TASKS, identifier)
            return task is not None and task.document.owner == owner
        if kind == "conversation":
            conversation = await self._stores.documents.get(CONVERSATIONS, identifier)
            return conversation is not None and conversation.document.owner == owner
        return False

    def issue_ticket(self, owner: str) -> TicketIssued:
        """A ticket that stands for the owner for a short while."""
        expires = self._stores.clock.now().timestamp() + self._ticket_seconds
        payload = encode(Claims(owner=owner, expires=expires, nonce=secrets.token_urlsafe(9)))
        ticket = f"{TICKET_PREFIX}{_base64(payload)}.{_base64(self._signature(payload))}"
        return TicketIssued(ticket=ticket, expires_in=self._ticket_seconds)

    def _owner_of_key(self, key: str) -> str | None:
        digest = key_digest(key)
        found = None
        # Every key is compared, each in constant time, so that the time tells nothing about which one nearly matched.
        for known in self._keys:
            if hmac.compare_digest(known.digest.lower().encode(), digest.encode()):
                found = known.owner
        return found

    def _owner_of_ticket(self, ticket: str) -> str | None:
        payload_part, _, signature_part = ticket.removeprefix(TICKET_PREFIX).partition(".")
        try:
            payload, signature = _unbase64(payload_part), _unbase64(signature_part)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(self._signature(payload), signature):
            return None
        try:
            claims = decode(payload, Claims)
        except msgspec.DecodeError:
            return None
        return claims.owner if self._stores.clock.now().timestamp() < claims.expires else None

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._secret, payload, "sha256")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class KeylessGuard:
    """ASGI middleware for a gateway without keys: only loopback host names, only local and the allowed origins.

    Without keys whoever reaches the service may use it, and a browser on the same machine reaches it for any web page:
    by a cross-site form, or by a host name that was made to point at 127.0.0.1 (DNS rebinding). Applies to websockets
    too.
    """

    def __init__(self, app: ASGIApp, config: GatewayConfig) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in config.allowed_hosts)
        self._origins = frozenset(origin.lower() for origin in config.allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": refusal.kind.websocket, "reason": refusal.detail})
        else:
            await problem_response(refusal.problem())(scope, receive, send)

    def _refusal(self, headers: Headers) -> TokstreamError | None:
        host = headers.get("host", "").lower()
        if not _is_loopback(_without_port(host)) and _without_port(host) not in self._hosts:
            return _refuse(FORBIDDEN_HOST, "Without API keys the service answers to localhost only.")
        origin = headers.get("origin", "").lower()
        if not origin or origin in self._origins or "*" in self._origins:
            return None
        # A page of this machine, on whatever port, is as trusted as any program of it.
        if origin in (f"http://{host}", f"https://{host}") or _is_loopback(_host_of(origin)):
            return None
        return _refuse(FORBIDDEN_ORIGIN, "Requests from this origin are not allowed.")


def _refuse(kind: ErrorKind, detail: str) -> TokstreamError:
    return TokstreamError(kind, detail)


def _host_of(origin: str) -> str:
    return _without_port(origin.partition("://")[2])


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
