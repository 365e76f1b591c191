"""Makes up Korean conversations: who says what, when, in direct and group rooms, casual and polite."""

import datetime
import random
from typing import Literal

from contracts.base import Record
from contracts.resources import Kind, Speaker
from tests.screenshots import phrases, vocabulary
from tests.screenshots.phrases import fill

Register = Literal["casual", "polite", "mixed"]


TITLE_AS_MESSAGE = 0.006
"""Chance that somebody writes just what the title bar says: readers that drop the title by its words lose a message."""


class Utterance(Record, frozen=True):
    """One message of a conversation. `text` is as typed, without line breaks of the display. `picture` lists the
    lines of text in a photo or on a card, `buttons` those below a card, `seed` decides what a photo or sticker
    shows."""

    index: int
    speaker: Speaker
    sender: str
    minute: datetime.datetime
    text: str
    kind: Kind = "text"
    picture: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    seed: int = 0


class Conversation(Record, frozen=True):
    """A chat room. `members` are the others; a group has two or more. The own side has no name."""

    title: str
    members: tuple[str, ...]
    group: bool
    utterances: tuple[Utterance, ...]


class Mix(Record, frozen=True):
    """How often what occurs, as chances a message (a turn for `repeat`)."""

    long: float = 0.07
    short: float = 0.12
    laugh: float = 0.09
    emoji: float = 0.03
    link: float = 0.03
    photo: float = 0.03
    card: float = 0.03
    deleted: float = 0.015
    file: float = 0.01
    sticker: float = 0.012
    system: float = 0.012
    repeat: float = 0.05
    new_day: float = 0.015


PLAIN = Mix(
    long=0.05,
    short=0.1,
    laugh=0.06,
    emoji=0,
    link=0,
    photo=0,
    card=0,
    deleted=0,
    file=0,
    sticker=0,
    system=0,
    repeat=0.02,
    new_day=0.01,
)
"""Text only."""


class _Writer:
    """Hands out what the two sides say next, exchange after exchange."""

    def __init__(self, rng: random.Random, register: Register, mix: Mix) -> None:
        self.rng = rng
        self.register = register
        self.mix = mix
        self.pending: list[tuple[bool, str]] = []
        self.polite = False
        self.last = ""

    def next_line(self) -> tuple[bool, str]:
        """(from the other side, text)."""
        rng = self.rng
        if not self.pending:
            self.polite = self.register == "polite" or (self.register == "mixed" and rng.random() < 0.5)
            exchange = rng.choice(phrases.POLITE if self.polite else phrases.CASUAL)
            swapped = rng.random() < 0.5
            self.pending = [(line.startswith(">") != swapped, line.removeprefix(">")) for line in exchange]
        if rng.random() < self.mix.short + self.mix.laugh + self.mix.long:
            return rng.random() < 0.5, self.aside()
        other, phrase = self.pending.pop(0)
        return other, fill(phrase + rng.choice(phrases.TAILS_POLITE if self.polite else phrases.TAILS_CASUAL), rng)

    def aside(self) -> str:
        """A short word, a laugh, or a speech."""
        rng, mix = self.rng, self.mix
        kind = rng.choices(("short", "laugh", "long"), (mix.short, mix.laugh, mix.long))[0]
        if kind == "short":
            return rng.choice(vocabulary.SHORT_POLITE if self.polite else vocabulary.SHORT_CASUAL)
        if kind == "laugh":
            return rng.choice(vocabulary.LAUGHS) if rng.random() < 0.8 else "ㅋ" * rng.randint(1, 40)
        return fill(rng.choice(phrases.LONG_POLITE if self.polite else phrases.LONG_CASUAL), rng)


def converse(
    seed: int,
    count: int = 40,
    *,
    group: bool = False,
    register: Register = "mixed",
    mix: Mix | None = None,
    start: datetime.datetime | None = None,
) -> Conversation:
    """A conversation of `count` messages. The same arguments give the same conversation."""
    rng = random.Random(f"conversation/{seed}/{group}/{register}")
    mix = mix if mix is not None else Mix()
    members = (
        tuple(dict.fromkeys(vocabulary.full_name(rng) for _ in range(rng.randint(3, 6))))
        if group
        else (vocabulary.full_name(rng),)
    )
    title = (
        fill(
            rng.choice(("{place} {hobby} 모임", "{subject} 스터디", "{food} 원정대", "{n}학년 {n}반", "{show} 동호회")),
            rng,
        )
        if group
        else members[0]
    )
    writer = _Writer(rng, register, mix)
    minute = (
        start
        if start is not None
        else datetime.datetime(2025, rng.randint(1, 12), rng.randint(1, 28), rng.randint(7, 21), rng.randint(0, 59))
    )
    utterances: list[Utterance] = []
    speaking = members[0]
    while len(utterances) < count:
        other, text = writer.next_line()
        if other and (len(members) == 1 or rng.random() < 0.55):
            speaking = rng.choice(members)
        if rng.random() < TITLE_AS_MESSAGE:
            text = title
        minute = _later(minute, rng, mix)
        for repeated in range(rng.randint(2, 3) if rng.random() < mix.repeat and len(text) < 12 else 1):
            if len(utterances) < count:
                utterances.append(
                    _utterance(len(utterances), other, speaking, minute, text, rng, mix, plain=repeated > 0)
                )
    return Conversation(title=title, members=members, group=group and len(members) > 1, utterances=tuple(utterances))


def _later(minute: datetime.datetime, rng: random.Random, mix: Mix) -> datetime.datetime:
    if rng.random() < mix.new_day:
        return (minute + datetime.timedelta(days=rng.choice((1, 1, 1, 2, 5)))).replace(
            hour=rng.randint(7, 22), minute=rng.randint(0, 59)
        )
    return minute + datetime.timedelta(minutes=rng.choices((0, 1, 2, 5, 23, 71), (50, 25, 10, 8, 5, 2))[0])


def _utterance(
    index: int,
    other: bool,
    speaking: str,
    minute: datetime.datetime,
    text: str,
    rng: random.Random,
    mix: Mix,
    *,
    plain: bool,
) -> Utterance:
    def made(text: str, kind: Kind = "text", picture: tuple[str, ...] = (), buttons: tuple[str, ...] = ()) -> Utterance:
        return Utterance(
            index=index,
            speaker="interlocutor" if other else "user",
            sender=speaking if other else "",
            minute=minute,
            text=text,
            kind=kind,
            picture=picture,
            buttons=buttons,
            seed=rng.getrandbits(31),
        )

    chances = (mix.emoji, mix.link, mix.photo, mix.card, mix.deleted, mix.file, mix.sticker, mix.system)
    kind = rng.choices(
        ("", "emoji", "link", "photo", "card", "deleted", "file", "sticker", "system"),
        (max(0.0, 1 - sum(chances)), *chances),
    )[0]
    if plain or not kind:
        return made(text)
    if kind == "emoji":
        return made("".join(rng.choice(vocabulary.EMOJI_LIKED) for _ in range(rng.randint(1, 4))))
    if kind == "link":
        return made(rng.choice(("", "이거 봐 ", "참고하세요\n", "링크 보내드려요 ")) + vocabulary.link(rng))
    if kind == "photo":
        lines = tuple(fill(line, rng) for line in rng.choice(phrases.PHOTO_TEXTS)) if rng.random() < 0.5 else ()
        return made("", "photo", lines)
    if kind == "card":
        lines = tuple(fill(line, rng) for line in rng.choice(phrases.PHOTO_TEXTS))[:2] if rng.random() < 0.4 else ()
        buttons = tuple(rng.sample(phrases.BUTTONS, rng.choice((0, 1, 1, 2, 3))))
        return made(
            fill(rng.choice(phrases.CARD_TITLES), rng) + "\n" + fill(rng.choice(phrases.CARD_TEXTS), rng),
            "card",
            lines,
            buttons,
        )
    if kind == "deleted":
        return made("", "deleted")
    if kind == "sticker":
        return made("", "sticker")
    if kind == "file":
        return made(fill(rng.choice(phrases.FILES), rng), "file")
    guest = rng.choice(vocabulary.SURNAMES) + rng.choice(vocabulary.GIVEN_NAMES)
    return made(f"{guest}님이 {rng.choice(('들어왔습니다.', '나갔습니다.'))}", "system")
