"""What a reader would answer that finds every bubble: the truth of a screenshot as an extraction, with misread
letters if asked."""

import random

from contracts.resources import Bubble, Extraction, Position, TextLine
from tests.screenshots.truth import ShotTruth, TruthMessage

LOOKALIKES = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허ㅋㅎㅠoOlI10.,"


def misread(text: str, rate: float, rng: random.Random) -> str:
    """`text` with each letter replaced, dropped or doubled at the given rate (0–1); line breaks stay."""
    letters = []
    for letter in text:
        if letter == "\n" or rng.random() >= rate:
            letters.append(letter)
        else:
            letters.append(rng.choice((rng.choice(LOOKALIKES), rng.choice(LOOKALIKES), "", letter * 2)))
    return "".join(letters)


def bubbles(truth: ShotTruth, error_rate: float = 0.0, seed: int = 0) -> tuple[Bubble, ...]:
    """The messages as bubbles, in order. `error_rate` is the expected character error rate (0–1)."""
    rng = random.Random(f"oracle/{truth.look}/{truth.seed}/{truth.offset}/{seed}")
    group, found = 0, []
    for order, message in enumerate(truth.messages):
        before = truth.messages[order - 1] if order else None
        if before is None or (before.speaker, before.sender) != (message.speaker, message.sender):
            group += 1
        text = "\n".join([misread(message.text, error_rate, rng), *message.buttons]).strip()
        found.append(_bubble(message, text, order, group))
    return tuple(found)


def _bubble(message: TruthMessage, text: str, order: int, group: int) -> Bubble:
    x, y, width, height = (float(value) for value in message.box)
    shown = text.split("\n") if text else []
    pitch = height / max(1, len(shown))
    lines = tuple(
        TextLine(text=line, confidence=1.0, position=Position(x=x, y=y + row * pitch, width=width, height=pitch))
        for row, line in enumerate(shown)
    )
    return Bubble(
        text=text,
        speaker=message.speaker,
        confidence=1.0,
        position=Position(x=x, y=y, width=width, height=height),
        order=order,
        group_id=group,
        kind=message.kind,
        sender=message.sender,
        sent_at=message.time if message.time_shown else None,
        partial=message.partial,
        lines=lines,
    )


def extraction(
    name: str, truth: ShotTruth, session_id: str = "oracle", error_rate: float = 0.0, seed: int = 0
) -> Extraction:
    """The extraction of one screenshot under the id `name`."""
    return Extraction(
        screenshot_id=name,
        session_id=session_id,
        width=truth.width,
        height=truth.height,
        top=truth.top,
        bottom=truth.bottom,
        bubbles=bubbles(truth, error_rate, seed),
        engine="oracle",
    )
