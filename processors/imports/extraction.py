"""An export in the form in which screenshots are read, so that the merge and all behind it take it like one."""

from contracts.resources import Bubble, Extraction, Position
from processors.imports.parse import Export, ExportedMessage

NOWHERE = Position(x=0.0, y=0.0, width=0.0, height=0.0)


def extraction_of(export: Export, screenshot_id: str, session_id: str, seconds: float) -> Extraction:
    """The messages as bubbles, in order and sure. Own ones have no sender, as in a screenshot."""
    bubbles = []
    group, previous = 0, None
    for order, message in enumerate(export.messages):
        author = (message.own, message.sender)
        if author != previous:
            group, previous = group + 1, author
        bubbles.append(_bubble(message, order, group))
    return Extraction(
        screenshot_id=screenshot_id,
        session_id=session_id,
        width=0,
        height=0,
        top=0.0,
        bottom=0.0,
        bubbles=tuple(bubbles),
        engine=f"import:{export.format}",
        seconds=seconds,
        exported=True,
    )


def _bubble(message: ExportedMessage, order: int, group: int) -> Bubble:
    return Bubble(
        text=message.text,
        speaker="user" if message.own else "interlocutor",
        confidence=1.0,
        position=NOWHERE,
        order=order,
        group_id=group,
        kind=message.kind,
        sender=None if message.own else message.sender,
        sent_at=message.sent_at,
    )
