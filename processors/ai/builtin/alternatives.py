"""What could have been said instead: one's own words rewritten, or the feeling of the other side taken up first.

Nothing is invented: an alternative states no fact that the two messages do not hold. Where none is safe it is None.
"""

import re

from processors.ai.builtin import rewriting
from processors.ai.builtin.act_words import Act
from processors.ai.builtin.feelings import acknowledgement
from processors.ai.builtin.kiwi import join
from processors.ai.builtin.korean import with_particle
from processors.ai.builtin.politeness import is_polite, owed
from processors.ai.builtin.profanity import undisguised
from processors.ai.builtin.questions import Question
from processors.ai.builtin.scenes import Scene
from processors.ai.builtin.scoring import Signal
from processors.ai.builtin.signals import Found
from processors.ai.builtin.utterances import Utterance, understand
from processors.ai.relationships import Politeness

_LEVEL = (Signal.CASUAL_TO_RANK, Signal.CASUAL, Signal.MIXED, Signal.SUDDENLY_CASUAL)
_ATTACKS = (Act.INSULT, Act.BLAME, Act.SARCASM, Act.COMPLAINT, Act.DISMISSAL, Act.PROFANITY)
_BEYOND_WORDS = frozenset((Signal.INSULT, Signal.SARCASM, Signal.BLAME, Signal.COMPLAINT, Signal.PROFANITY))
_NEGATIVE = re.compile(r"아니|ㄴㄴ|싫|몰라|됐|no", re.IGNORECASE)
_SHIFTING = re.compile(r"너|니가|네가|나|내|우리|언제|와|왔|올|갈|가 |갔|줄|줘|줬")
"""Words whose meaning turns with the speaker: an echo of a question that has them says something else."""


def alternative(scene: Scene, found: list[Found]) -> str | None:
    """A better wording of the message, or None."""
    signals = {item.signal for item in found}
    polite = speaks_politely(scene)
    text = _reworded(scene, signals, polite)
    return text if text and text.strip() != scene.own.text.strip() else None


def speaks_politely(scene: Scene) -> bool:
    """Whether one speaks 존댓말 here: what is owed decides, else one's own habit, else the other side's level."""
    expected = owed(scene.relation, scene.other)
    if expected in (Politeness.FORMAL, Politeness.POLITE):
        return True
    if scene.habit or scene.own.levels:
        return is_polite(scene.habit or scene.own.levels)
    return expected is not Politeness.CASUAL and is_polite(scene.other)


def _reworded(scene: Scene, signals: set[Signal], polite: bool) -> str | None:
    own = scene.own
    if Signal.PROFANITY in signals or Signal.INSULT in signals:
        return _without_offence(scene, polite)
    if signals & {Signal.DISMISSAL, Signal.BRIEF_TO_FEELING}:
        return _acknowledged(scene, polite)
    if signals & _BEYOND_WORDS:
        return None
    if Signal.BRIEF in signals and (echo := _echo(scene, polite)):
        return echo
    if Signal.BARE_REFUSAL in signals:
        return rewriting.hedged(own.text, own.morphemes, polite)
    if Signal.COMMAND in signals and (request := rewriting.softened(own.text, own.morphemes, polite)):
        return request
    if signals & set(_LEVEL):
        formal = scene.relation.politeness is Politeness.FORMAL
        return rewriting.to_polite(own.text, own.morphemes, formal)
    if signals & {Signal.UNFEELING, Signal.TERSE} and not own.question:
        return _warmed(scene, polite)
    if Signal.SUDDENLY_POLITE in signals:
        return rewriting.to_casual(own.text, own.morphemes)
    return None


def _without_offence(scene: Scene, polite: bool) -> str | None:
    """The message without its swear words, where what is left is friendly enough to stand."""
    plain = undisguised(scene.own.text)
    words = [w for act in (Act.PROFANITY, Act.INSULT) if (w := scene.own.acts.get(act))]
    for word in words:
        plain = re.sub(rf"\S*{re.escape(word)}\S*", "", plain)
    plain = re.sub(r"\s+", " ", re.sub(r"^\s*아\s", "", plain)).strip()
    left = understand([plain])[0]
    if left.brief or left.length < 4 or any(act in left.acts for act in _ATTACKS):
        return None
    if Act.COMMAND in left.acts or Act.URGING in left.acts or re.search(r"기다려\s*$", plain):
        return rewriting.softened(plain, left.morphemes, polite)
    return rewriting.to_polite(plain, left.morphemes) if polite and not is_polite(left.levels) else plain


def _acknowledged(scene: Scene, polite: bool) -> str | None:
    """The feeling of the other side taken up, and a question that shows interest."""
    feeling = next((u for u in reversed(scene.prompt) if u.acts.keys() & {Act.DISTRESS, Act.JOY}), None)
    if feeling is not None:
        return followed_up(feeling, polite)
    asked = next((u for u in reversed(scene.prompt) if u.question in (Question.YES_NO, Question.REQUEST)), None)
    if asked is not None and scene.own.brief and (echo := _echo(scene, polite)):
        return echo
    if scene.prompt and scene.own.brief and scene.prompt[-1].topics and not scene.prompt[-1].question:
        topic = scene.prompt[-1].topics[0]
        return f"{with_particle(topic, '이라')}니, {'더 듣고 싶어요!' if polite else '더 듣고 싶어!'}"
    cared = any(Act.CARE in u.acts for u in scene.prompt)
    if cared and scene.own.brief and scene.own.text.strip() and not _NEGATIVE.search(scene.own.text):
        yes = "네" if polite else "응"
        return f"{yes}, 신경 써 주셔서 감사해요!" if polite else f"{yes}, 신경 써 줘서 고마워!"
    return None


def _warmed(scene: Scene, polite: bool) -> str | None:
    """One's own words with a word for the feeling of the other side before them, or thanks for asking behind them."""
    own = scene.own.text.strip()
    feeling = next((u for u in reversed(scene.prompt) if u.acts.keys() & {Act.DISTRESS, Act.JOY}), None)
    if feeling is not None and (first := acknowledgement(feeling, polite)):
        return f"{first}. {own}"
    ended = own if own[-1:] in ".!?~…" else f"{own}."
    if any(u.asks_after for u in scene.prompt):
        return f"{ended} {'그래도 물어봐 주셔서 감사해요!' if polite else '그래도 물어봐 줘서 고마워!'}"
    return f"{ended} {'그렇게 말씀해 주셔서 감사해요!' if polite else '그렇게 말해 줘서 고마워!'}"


def followed_up(feeling: Utterance, polite: bool) -> str | None:
    """An acknowledgement and the question that follows from it."""
    first = acknowledgement(feeling, polite)
    if first is None:
        return None
    topic = feeling.topics[0] if feeling.topics else None
    if Act.DISTRESS in feeling.acts:
        about = f"{topic} 이야기, " if topic else ""
        asked = f"{about}조금 더 들려주실래요?" if polite else f"{about}조금 더 들려줄래?"
        return f"{first}. {asked}"
    return f"{first}! {'자세히 들려주세요' if polite else '자세히 들려줘'}"


def _echo(scene: Scene, polite: bool) -> str | None:
    """Yes to a yes-or-no question, with its predicate repeated; only where it means the same from the other mouth."""
    asked = next((u for u in reversed(scene.prompt) if u.question is Question.YES_NO), None)
    if asked is None or _SHIFTING.search(asked.text) or re.search(r"아니|ㄴㄴ|몰라|왜|뭐|ㅋ", scene.own.text):
        return None
    endings = [place for place, m in enumerate(asked.morphemes) if m.tag == "EF"]
    if not endings:
        return None
    place = endings[-1]
    stem = rewriting.stem_of(asked.morphemes, place)
    if not stem or not stem[-1].tag.startswith(("VV", "VA", "EP")) or any(m.form == "시" for m in stem):
        return None
    said = join([*[(m.form, m.tag) for m in stem], ("어요" if polite else "어", "EF")])
    return f"{'네' if polite else '응'}, {said}!"
