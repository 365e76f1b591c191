"""Judges an own message in its scene: signals, score, comment, alternative."""

from collections.abc import Sequence

from contracts.resources import Message
from processors.ai.builtin.act_words import Act
from processors.ai.builtin.alternatives import alternative
from processors.ai.builtin.comments import comment
from processors.ai.builtin.scenes import JUDGED, Line, Scene, lines_of, scene
from processors.ai.builtin.scoring import total
from processors.ai.builtin.signals import signals_of
from processors.ai.builtin.tone import Tone
from processors.ai.builtin.utterances import understand
from processors.ai.port import Assessment
from processors.ai.relationships import Relation


def judge(place: Scene) -> Assessment:
    """The judgement of one message."""
    found = signals_of(place)
    score, impact = total(item.signal for item in found)
    return Assessment(
        score=score,
        emotional_tone=_tone(place),
        impact_score=impact,
        ai_message=comment(place, found),
        suggested_alternative=alternative(place, found),
    )


def _tone(place: Scene) -> str:
    own = place.own
    if Act.DISMISSAL in own.acts and own.tone is Tone.POSITIVE:
        return Tone.NEUTRAL.value
    return own.tone.value


def judge_lines(lines: Sequence[Line], places: Sequence[int], relation: Relation) -> list[Assessment]:
    """The judgements of the own messages at `places`."""
    return [judge(scene(lines, place, relation)) for place in places]


def judge_messages(
    context: Sequence[Message], messages: Sequence[Message], relation: Relation
) -> dict[str, Assessment]:
    """The judgements of the own text messages among `messages`, by id. CPU work: call it from a thread."""
    everything = [*context, *messages]
    texts = [message for message in everything if message.kind in JUDGED]
    lines = lines_of(everything, understand([message.text for message in texts]))
    wanted = {message.message_id for message in messages if message.speaker == "user" and message.kind in JUDGED}
    first = sum(message.kind in JUDGED for message in context)
    places = [i for i, message in enumerate(texts) if i >= first and message.message_id in wanted]
    judged = judge_lines(lines, places, relation)
    return {texts[place].message_id: said for place, said in zip(places, judged, strict=True)}
