"""Short ways to ask the built-in engine."""

from contracts.conversations import ChatMessage
from contracts.resources import Message
from processors.ai.builtin.engine import BuiltinEngine
from processors.ai.port import Assessment, Relationship
from tests.processors.ai.exchanges import message


def relationship(said: str) -> Relationship:
    return Relationship(relationship=said)


def conversation(*said: str, **sent_at: str) -> list[Message]:
    """Messages of `> own` and `< other` texts; `sent_at` by m0, m1 …"""
    return [
        message(
            number, "user" if text[0] == ">" else "interlocutor", text[1:].strip(), sent_at=sent_at.get(f"m{number}")
        )
        for number, text in enumerate(said)
    ]


async def last(said_to: str, *said: str, **sent_at: str) -> Assessment:
    """The judgement of the last message."""
    messages = conversation(*said, **sent_at)
    return (await BuiltinEngine().analyse((), messages, relationship(said_to)))[messages[-1].message_id]


def turns(*said: str) -> list[ChatMessage]:
    return [ChatMessage(role="user" if text[0] == ">" else "assistant", content=text[1:].strip()) for text in said]
