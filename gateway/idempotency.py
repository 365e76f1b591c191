"""Idempotency-Key: a POST that is repeated with its key is answered from what was stored, and its work is done once.

A first request claims the key, works under ids derived from that claim, and stores its answer. When the gateway dies in
between, a repetition takes the claim over and derives the same ids: what the first had begun is found instead of begun
again.
"""

import hashlib
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from starlette.responses import Response

from contracts.base import decode
from contracts.errors import BAD_REQUEST, IDEMPOTENCY_CONFLICT, IDEMPOTENCY_MISMATCH, Problem, TokstreamError
from gateway.config import GatewayConfig
from gateway.housekeeping import repeat
from storage.collections import IDEMPOTENCY, IdempotentRequest
from storage.documents.port import Versioned
from storage.errors import DuplicateKey, Unavailable, VersionConflict
from storage.sources import IdSource, timestamp
from storage.stores import Stores

MAX_KEY = 255
CLAIM_ATTEMPTS = 5
SWEEP_SECONDS = 3600.0
SWEEP_PAGE = 500
_IDS = uuid.UUID("6f0a4c0e-5b1d-4f55-9f0e-2d8a5be0c1d7")
"""The namespace of the ids that are derived from claims (RFC 9562, version 5)."""

log = logging.getLogger("tokstream.gateway")


class DerivedIds:
    """Ids that are the same for the same seed, in the same order."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return str(uuid.uuid5(_IDS, f"{self._seed}/{self._count}"))


class Claim(msgspec.Struct, frozen=True):
    """A request that may do its work now."""

    record: IdempotentRequest
    version: int


@dataclass(slots=True)
class Subject:
    """The session or conversation that an answer tells about: the stored answer is deleted with it."""

    id: str | None = None


class Idempotency:
    """Keys are scoped to owner and route; `fingerprint` tells whether a repetition is the same request."""

    def __init__(self, stores: Stores, config: GatewayConfig) -> None:
        self._stores = stores
        self._retention = timedelta(seconds=config.idempotency_retention)
        self._lease = timedelta(seconds=config.idempotency_lease)
        self._holder = str(uuid.uuid4())
        self._running: set[str] = set()

    async def answer(
        self,
        *,
        owner: str,
        route: str,
        key: str,
        fingerprint: str,
        subject: Subject,
        perform: Callable[[IdSource], Awaitable[Response]],
    ) -> Response:
        """The stored answer where the request was answered before, else that of `perform`, which must not raise and may
        name the `subject`.

        Raises TokstreamError: BAD_REQUEST for a malformed key, IDEMPOTENCY_MISMATCH, IDEMPOTENCY_CONFLICT.
        """
        if not 1 <= len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
            detail = f"Idempotency-Key must be 1 to {MAX_KEY} visible ASCII characters."
            raise TokstreamError(BAD_REQUEST, detail, field="Idempotency-Key")
        identifier = hashlib.sha256("\0".join((owner, route, key)).encode()).hexdigest()
        if identifier in self._running:
            raise _conflict()
        self._running.add(identifier)
        try:
            claim = await self._claim(identifier, owner, fingerprint, subject.id)
            if isinstance(claim, Response):
                return claim
            response = await perform(DerivedIds(f"{identifier}/{claim.record.created_at}"))
            await self._settle(claim, response, subject)
            return response
        finally:
            self._running.discard(identifier)

    async def _claim(self, identifier: str, owner: str, fingerprint: str, session_id: str | None) -> Claim | Response:
        now = self._stores.clock.now()
        stamp = timestamp(self._stores.clock)
        fresh = IdempotentRequest(
            id=identifier,
            owner=owner,
            fingerprint=fingerprint,
            created_at=stamp,
            claimed_at=stamp,
            holder=self._holder,
            session_id=session_id,
        )
        for _ in range(CLAIM_ATTEMPTS):
            try:
                await self._stores.documents.insert(IDEMPOTENCY, [fresh])
                return Claim(fresh, 1)
            except DuplicateKey:
                found = await self._stores.documents.get(IDEMPOTENCY, identifier)
            if found is None:
                continue
            record = found.document
            if now - datetime.fromisoformat(record.created_at) > self._retention:
                taken = fresh
            elif record.fingerprint != fingerprint:
                detail = "This Idempotency-Key was used for another request; choose a new one."
                raise TokstreamError(IDEMPOTENCY_MISMATCH, detail, field="Idempotency-Key")
            elif record.status:
                return _replay(record)
            elif self._abandoned(record, now):
                taken = msgspec.structs.replace(record, holder=self._holder, claimed_at=stamp)
            else:
                raise _conflict()
            claim = await self._take_over(found, taken)
            if claim is not None:
                return claim
        raise _conflict()

    def _abandoned(self, record: IdempotentRequest, now: datetime) -> bool:
        """Whether nobody works on it any more. One of our own that is not running (the caller checked) has been given
        up."""
        if record.holder in ("", self._holder):
            return True
        return now - datetime.fromisoformat(record.claimed_at or record.created_at) >= self._lease

    async def _take_over(self, found: Versioned[IdempotentRequest], record: IdempotentRequest) -> Claim | None:
        try:
            return Claim(record, await self._stores.documents.replace(IDEMPOTENCY, record, found.version))
        except VersionConflict:
            return None

    async def _settle(self, claim: Claim, response: Response, subject: Subject) -> None:
        """Stores the answer; one that a repetition may improve on is forgotten instead, and after 503 the claim stays,
        so that the repetition finds what was begun."""
        documents = self._stores.documents
        try:
            if response.status_code == 503:
                await documents.replace(IDEMPOTENCY, msgspec.structs.replace(claim.record, holder=""), claim.version)
            elif _may_improve(response):
                await documents.delete(IDEMPOTENCY, {"id": claim.record.id})
            else:
                await documents.replace(IDEMPOTENCY, _with_answer(claim.record, response, subject), claim.version)
        except VersionConflict:
            log.info("an idempotent request was deleted or taken over before its answer could be stored")
        except Unavailable as error:
            # The work is done and acknowledged; a repetition redoes it under the same ids and finds it done.
            log.warning("the answer of an idempotent request could not be stored: %s", error)

    async def sweep(self) -> int:
        """Deletes what is older than the retention; returns how many."""
        cutoff = (self._stores.clock.now() - self._retention).isoformat(timespec="microseconds")
        deleted = 0
        while True:
            page = await self._stores.documents.find(
                IDEMPOTENCY, {}, order_by="created_at", below=cutoff, limit=SWEEP_PAGE
            )
            for record in page.documents:
                deleted += await self._stores.documents.delete(IDEMPOTENCY, {"id": record.id})
            if len(page.documents) < SWEEP_PAGE:
                return deleted

    async def sweep_for_ever(self) -> None:
        """Sweeps now and then, until cancelled."""
        await repeat(self.sweep, SWEEP_SECONDS, "old idempotency keys")


def _may_improve(response: Response) -> bool:
    """Whether the same request may be answered otherwise later. Work that was cancelled stays so: a repetition must not
    begin anew what somebody stopped."""
    if response.status_code == 409:
        return bool(decode(bytes(response.body), Problem).temporary)
    return response.status_code in (408, 429) or response.status_code >= 500


def _with_answer(record: IdempotentRequest, response: Response, subject: Subject) -> IdempotentRequest:
    return msgspec.structs.replace(
        record,
        status=response.status_code,
        content_type=response.headers.get("content-type", ""),
        body=bytes(response.body),
        location=response.headers.get("location"),
        session_id=subject.id,
    )


def _replay(record: IdempotentRequest) -> Response:
    response = Response(record.body, record.status)
    if record.content_type:
        response.headers["Content-Type"] = record.content_type
    if record.location is not None:
        response.headers["Location"] = record.location
    response.headers["Idempotent-Replay"] = "true"
    return response


def _conflict() -> TokstreamError:
    detail = "A request with this Idempotency-Key is still running; its answer will be stored."
    return TokstreamError(IDEMPOTENCY_CONFLICT, detail, retry_after=1)
