"""Work and the deletion of its session meet: nothing that the work wrote stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.streams import session_stream
from storage.collections import MESSAGES
from storage.stores import Stores


@asynccontextmanager
async def nothing_left_behind(stores: Stores, session_id: str) -> AsyncIterator[None]:
    """Takes away what the work inside wrote while the session was being deleted, however the work ended.

    The stream is closed before the contents go, so whoever writes, and finds the stream open afterwards, leaves
    nothing; and a command that comes again after a crash looks once more, whatever it finds to do.
    """
    try:
        yield
    finally:
        if await stores.journal.position(session_stream(session_id)) is None:
            await stores.documents.delete(MESSAGES, {"session_id": session_id})
            await stores.blobs.delete(f"sessions/{session_id}")
