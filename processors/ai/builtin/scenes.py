"""The place of an own message in the conversation: what it answers, what was said beside it, who speaks how."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.resources import Message
from processors.ai.builtin import latency
from processors.ai.builtin.politeness import Level
from processors.ai.builtin.utterances import Utterance
from processors.ai.relationships import Relation

JUDGED = ("text",)
NEAR = 30
"""Messages on each side that tell how the two speak to each other now."""


class Line(NamedTuple):
    """A text message with its understanding."""

    mine: bool
    utterance: Utterance
    sent: latency.Moment | None = None


class Scene(NamedTuple):
    """`prompt`: the messages of the other side that this one follows; `run`: the own messages since them, this one
    among them at `place`. `habit` and `other` are the levels of speech of both sides outside this message. `waited` is
    minutes since the last of the prompt."""

    relation: Relation
    own: Utterance
    prompt: tuple[Utterance, ...]
    run: tuple[Utterance, ...]
    place: int
    habit: tuple[Level, ...]
    other: tuple[Level, ...]
    waited: int | None = None
    asleep: bool = False

    @property
    def last(self) -> bool:
        return self.place == len(self.run) - 1


def lines_of(messages: Sequence[Message], understood: Sequence[Utterance]) -> list[Line]:
    """The lines of the text messages; `understood` is those messages in order."""
    sent = latency.moments(messages)
    texts = [(message, moment) for message, moment in zip(messages, sent, strict=True) if message.kind in JUDGED]
    return [
        Line(message.speaker == "user", utterance, moment)
        for (message, moment), utterance in zip(texts, understood, strict=True)
    ]


def scene(lines: Sequence[Line], place: int, relation: Relation) -> Scene:
    """The scene of the own message at `place`."""
    start = place
    while start > 0 and lines[start - 1].mine:
        start -= 1
    end = place
    while end + 1 < len(lines) and lines[end + 1].mine:
        end += 1
    first = start
    while first > 0 and not lines[first - 1].mine:
        first -= 1
    prompt = lines[first:start]
    near = range(max(0, place - NEAR), min(len(lines), place + NEAR + 1))
    asked = prompt[-1].sent if prompt else None
    waited = latency.minutes_between(asked, lines[start].sent) if place == start else None
    return Scene(
        relation=relation,
        own=lines[place].utterance,
        prompt=tuple(line.utterance for line in prompt),
        run=tuple(line.utterance for line in lines[start : end + 1]),
        place=place - start,
        habit=tuple(level for i in near if lines[i].mine and i != place for level in lines[i].utterance.levels),
        other=tuple(level for i in near if not lines[i].mine for level in lines[i].utterance.levels),
        waited=waited,
        asleep=bool(asked and waited is not None and latency.overnight(asked, waited)),
    )
