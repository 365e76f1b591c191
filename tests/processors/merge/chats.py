"""Extractions to merge, made by hand: a bubble is its text, an own one starts with '>'."""

from collections.abc import Sequence

from contracts.resources import Bubble, Extraction, Message, Position, Speaker
from processors.merge.images import RowSignature
from processors.merge.merge import Merged, merge
from processors.merge.shots import Shot

SESSION = "a-session"
ROW = 160.0


def bubble(text: str, order: int, *, top: float | None = None, height: float = 120.0, **changes: object) -> Bubble:
    """A bubble 160 px below the one before; '>' marks the user's own, '~' a cut one."""
    speaker: Speaker = "user" if text.startswith(">") else "interlocutor"
    text = text.removeprefix(">")
    values: dict[str, object] = {
        "text": text.removeprefix("~"),
        "speaker": speaker,
        "confidence": 0.9,
        "position": Position(
            x=500.0 if speaker == "user" else 100.0,
            y=200.0 + ROW * order if top is None else top,
            width=400.0,
            height=height,
        ),
        "order": order,
        "group_id": 1,
        "partial": text.startswith("~"),
        **changes,
    }
    return Bubble(**values)  # type: ignore[arg-type]


def extraction(name: str, bubbles: Sequence[str | Bubble], bottom: float = 2200.0) -> Extraction:
    made = [one if isinstance(one, Bubble) else bubble(one, order) for order, one in enumerate(bubbles)]
    return Extraction(
        screenshot_id=name,
        session_id=SESSION,
        width=1080,
        height=2340,
        top=180.0,
        bottom=bottom,
        bubbles=tuple(made),
        engine="by hand",
    )


def shot(name: str, bubbles: Sequence[str | Bubble], signature: RowSignature | None = None) -> Shot:
    return Shot(extraction=extraction(name, bubbles), signature=signature)


def merged(*shots: Shot) -> Merged:
    return merge(shots, session_id=SESSION, revision=1)


def texts(messages: Sequence[Message]) -> list[str]:
    return [(">" if message.speaker == "user" else "") + message.text for message in messages]
