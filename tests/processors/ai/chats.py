"""What tests of AI engines say to them."""

import itertools
from collections.abc import AsyncIterator, Sequence

from contracts.conversations import ChatMessage, Evaluation
from contracts.resources import Kind, Message, Position
from processors.ai.port import Finish, Relationship

FRIEND = Relationship(relationship="FRIEND", relationship_info="2년 지기")
_numbers = itertools.count(1)


def said(text: str, *, own: bool = False, sender: str | None = None, kind: Kind = "text") -> Message:
    """A message, with an id that no other has."""
    return Message(
        message_id=f"message-{next(_numbers):04}",
        text=text,
        speaker="user" if own else "interlocutor",
        confidence=0.9,
        position=Position(x=0, y=0, width=10, height=10),
        group_id=1,
        sender=sender,
        kind=kind,
    )


def user(text: str) -> ChatMessage:
    return ChatMessage(role="user", content=text)


def assistant(text: str) -> ChatMessage:
    return ChatMessage(role="assistant", content=text)


async def collected(pieces: AsyncIterator[str | Evaluation] | AsyncIterator[str | Finish]) -> tuple[str, list[object]]:
    """The text of a reply, and what is no text."""
    text, others = "", list[object]()
    async for piece in pieces:
        if isinstance(piece, str):
            assert not others, "text after the end"
            text += piece
        else:
            others.append(piece)
    return text, others


def ids(messages: Sequence[Message]) -> set[str]:
    return {message.message_id for message in messages}
