"""What of a conversation a chat app shows with each message: dates, names, times, read marks, quotes."""

import random
from datetime import datetime
from typing import Literal

from contracts.base import Record
from tests.screenshots.conversations import Conversation, Utterance

Clock = Literal["korean", "japanese", "12", "24"]
Language = Literal["ko", "en", "ja", "it"]
WEEKDAYS = {
    "ko": "월화수목금토일",
    "ja": "月火水木金土日",
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "it": ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
}
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),  # noqa: SIM905
}


class Turn(Record, frozen=True):
    """A message as shown. `first` and `last` of a run of one sender on one day, `ends` the last of it in its minute;
    `date` stands above it where a day begins; `unread` people have not read it; `quoted` is what it answers."""

    said: Utterance
    first: bool
    last: bool
    ends: bool
    date: str
    time: str
    unread: int
    quoted: Utterance | None

    @property
    def own(self) -> bool:
        return self.said.speaker == "user"


def clock_of(language: Language) -> Clock:
    """How times are written where a language is spoken."""
    clocks: dict[Language, Clock] = {"ko": "korean", "en": "12", "ja": "24", "it": "24"}
    return clocks[language]


def written_time(minute: datetime, clock: Clock) -> str:
    """A time of day."""
    if clock == "24":
        return f"{minute:%H:%M}"
    hour = minute.hour % 12 or 12
    if clock == "12":
        return f"{hour}:{minute:%M} {'PM' if minute.hour >= 12 else 'AM'}"
    halves = ("오전", "오후") if clock == "korean" else ("午前", "午後")
    return f"{halves[minute.hour >= 12]} {hour}:{minute:%M}"


def written_date(minute: datetime, language: Language) -> str:
    """A date in full."""
    day = WEEKDAYS[language][minute.weekday()]
    if language == "ko":
        return f"{minute.year}년 {minute.month}월 {minute.day}일 {day}요일"
    if language == "ja":
        return f"{minute.year}年{minute.month}月{minute.day}日({day})"
    if language == "en":
        return f"{day}, {MONTHS['en'][minute.month - 1]} {minute.day}, {minute.year}"
    return f"{minute.day} {MONTHS['it'][minute.month - 1]} {minute.year}"


def turns(conversation: Conversation, language: Language, clock: Clock, quotes: float, seed: int) -> list[Turn]:
    """Every message with what is shown around it; `quotes` is the chance that one answers an earlier one."""
    rng = random.Random(f"turns/{seed}")
    said = conversation.utterances
    shown: list[Turn] = []
    for place, one in enumerate(said):
        before = said[place - 1] if place else None
        after = said[place + 1] if place + 1 < len(said) else None
        new_day = before is None or before.minute.date() != one.minute.date()
        first = before is None or new_day or not follows(before, one)
        last = after is None or after.minute.date() != one.minute.date() or not follows(one, after)
        earlier = [u for u in said[max(0, place - 8) : place] if u.kind == "text" and u.text]
        quoted = rng.choice(earlier) if earlier and one.kind == "text" and rng.random() < quotes else None
        most = len(conversation.members)
        shown.append(
            Turn(
                said=one,
                first=first,
                last=last,
                ends=last or after is None or after.minute != one.minute,
                date=written_date(one.minute, language) if new_day else "",
                time=written_time(one.minute, clock),
                unread=rng.randint(1, most) if rng.random() < 0.3 else 0,
                quoted=quoted,
            )
        )
    return shown


def follows(before: Utterance, after: Utterance) -> bool:
    """Whether two neighbours belong to one run."""
    return "system" not in (before.kind, after.kind) and (before.speaker, before.sender) == (
        after.speaker,
        after.sender,
    )
