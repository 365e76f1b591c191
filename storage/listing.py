"""Everything that a search finds, page after page; and the storing of merged messages, which are listed here."""

from collections.abc import Mapping, Sequence

from contracts.resources import Message, Screenshot, StoredMessage
from storage.collections import MESSAGES, SCREENSHOTS
from storage.documents.port import Collection, D, Documents, Value


async def find_all(
    documents: Documents, collection: Collection[D], where: Mapping[str, Value], *, order_by: str | None = None
) -> tuple[D, ...]:
    """All documents that match, in order. Raises as `Documents.find` does."""
    found: list[D] = []
    after: str | None = None
    while True:
        page = await documents.find(collection, where, order_by=order_by, after=after)
        found += page.documents
        if (after := page.next) is None:
            return tuple(found)


async def session_screenshots(documents: Documents, session_id: str) -> tuple[Screenshot, ...]:
    """All screenshots of a session, in the order of their upload."""
    return await find_all(documents, SCREENSHOTS, {"session_id": session_id}, order_by="upload_order")


async def session_messages(documents: Documents, session_id: str, revision: int) -> tuple[Message, ...]:
    """All messages of a revision, in the order of the conversation."""
    where: dict[str, Value] = {"session_id": session_id, "revision": revision}
    return tuple(stored.message for stored in await find_all(documents, MESSAGES, where, order_by="order"))


async def store_messages(
    documents: Documents, owner: str, session_id: str, revision: int, messages: Sequence[Message]
) -> None:
    """Puts the messages of a revision, in the order of the conversation, in the place of those of the same order."""
    stored = [
        StoredMessage(
            id=f"{session_id}/{revision}/{order}",
            session_id=session_id,
            owner=owner,
            revision=revision,
            order=order,
            message=message,
        )
        for order, message in enumerate(messages)
    ]
    await documents.put(MESSAGES, stored)
