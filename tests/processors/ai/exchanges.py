"""The golden exchanges: read from their files, judged by an engine, compared with what is expected of it."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from contracts.resources import Message, Position
from processors.ai.port import AiEngine, Assessment, Relationship

FOLDER = Path(__file__).parent / "golden"
COMPLAINTS = ("반말", "존댓말과")
"""Words of the comments that complain of the level of speech."""


class Exchange(NamedTuple):
    """`chat`: speaker and text of each message, oldest first; the last own one is judged."""

    about: str
    relationship: Relationship
    chat: tuple[tuple[str, str], ...]
    expect: dict[str, Any]


def load(half: str) -> list[Exchange]:
    """The exchanges of `tuning` or `held_out`."""
    found = tomllib.loads((FOLDER / f"{half}.toml").read_text(encoding="utf-8"))["exchange"]
    return [
        Exchange(
            item["about"],
            Relationship(relationship=item["with"], relationship_info=item.get("info", "")),
            tuple(
                ("user" if line[0] == ">" else "interlocutor", line[1:].strip())
                for line in item["chat"].strip().splitlines()
            ),
            item["expect"],
        )
        for item in found
    ]


def message(number: int, speaker: str, text: str, **fields: Any) -> Message:
    """A message of a transcript; `number` is its id and group."""
    given: dict[str, Any] = {
        "message_id": f"m{number}",
        "text": text,
        "speaker": speaker,
        "confidence": 1.0,
        "position": Position(x=0, y=0, width=1, height=1),
        "group_id": number,
        "order": number,
    }
    return Message(**(given | fields))


def transcript(chat: tuple[tuple[str, str], ...]) -> list[Message]:
    return [message(number, speaker, text) for number, (speaker, text) in enumerate(chat)]


async def judged(engine: AiEngine, chat: tuple[tuple[str, str], ...], relationship: Relationship) -> Assessment:
    """The judgement of the last message."""
    messages = transcript(chat)
    return (await engine.analyse((), messages, relationship))[messages[-1].message_id]


async def failures(engine: AiEngine, exchange: Exchange) -> list[str]:
    """What the engine says otherwise than expected; empty where the exchange is met."""
    said = await judged(engine, exchange.chat, exchange.relationship)
    wanted, wrong = exchange.expect, []
    low, high = wanted["score"]
    if not low <= said.score <= high:
        wrong.append(f"score {said.score} not in {low}–{high}")
    if "tone" in wanted and said.emotional_tone != wanted["tone"]:
        wrong.append(f"tone {said.emotional_tone}, not {wanted['tone']}")
    if "impact" in wanted and not (said.impact_score > 0 if wanted["impact"] == "+" else said.impact_score < 0):
        wrong.append(f"impact {said.impact_score}, not {wanted['impact']}")
    if "politeness" in wanted and wanted["politeness"] != any(word in said.ai_message for word in COMPLAINTS):
        wrong.append(f"politeness {'not ' if wanted['politeness'] else ''}complained of: {said.ai_message}")
    if "alternative" in wanted and wanted["alternative"] != (said.suggested_alternative is not None):
        wrong.append(f"alternative {said.suggested_alternative!r}")
    for order, sign in (("beats", 1), ("loses", -1)):
        if order in wanted:
            other = await judged(engine, (*exchange.chat[:-1], ("user", wanted[order])), exchange.relationship)
            if sign * (said.score - other.score) <= 0:
                wrong.append(f"{said.score} against {other.score} of {wanted[order]!r}")
    return wrong
