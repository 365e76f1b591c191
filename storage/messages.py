"""The merged messages of a session."""

from contracts.resources import Message
from storage.collections import MESSAGES
from storage.documents.port import Documents


async def session_messages(documents: Documents, session_id: str, revision: int) -> tuple[Message, ...]:
    """All messages of a revision, in the order of the conversation. Raises Unavailable."""
    messages: list[Message] = []
    after: str | None = None
    while True:
        page = await documents.find(
            MESSAGES, {"session_id": session_id, "revision": revision}, order_by="order", after=after
        )
        messages += [stored.message for stored in page.documents]
        if (after := page.next) is None:
            return tuple(messages)
