"""What one screenshot shows and on what: conversation, device, theme, language."""

import random
from typing import NamedTuple

from contracts.base import Record
from tests.browser_shots.turns import Language, Turn
from tests.screenshots.conversations import Conversation


class Device(Record, frozen=True):
    """A viewport in CSS pixels and the pixels of the screenshot in one of them."""

    width: int
    height: int
    scale: float
    system: str
    """ios, android or pc."""


class Stage(NamedTuple):
    """All that a template needs. `bars`: the app's header and input box are in the picture."""

    device: Device
    conversation: Conversation
    turns: list[Turn]
    language: Language
    dark: bool
    bars: bool
    rng: random.Random

    @property
    def ios(self) -> bool:
        return self.device.system == "ios"

    def say(self, korean: str, english: str, japanese: str = "", italian: str = "") -> str:
        """A label of the interface in the language of the conversation."""
        words = {"ko": korean, "en": english, "ja": japanese or english, "it": italian or english}
        return words[self.language]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability


class Screen(NamedTuple):
    """A page: its styles, and what is above, in and below the conversation. `aside` stands left of all three (lists of
    rooms), `floats` over the conversation."""

    css: str
    top: str
    chat: str
    bottom: str
    aside: str = ""
    floats: str = ""
    look: str = ""


PHONES = (
    Device(width=390, height=844, scale=3, system="ios"),
    Device(width=393, height=852, scale=3, system="ios"),
    Device(width=375, height=667, scale=2, system="ios"),
    Device(width=414, height=896, scale=2, system="ios"),
    Device(width=430, height=932, scale=3, system="ios"),
    Device(width=360, height=780, scale=3, system="android"),
    Device(width=412, height=915, scale=2.625, system="android"),
    Device(width=360, height=640, scale=2, system="android"),
    Device(width=384, height=832, scale=2.8125, system="android"),
    Device(width=411, height=890, scale=3.5, system="android"),
    Device(width=360, height=720, scale=1, system="android"),
    Device(width=393, height=800, scale=1.5, system="android"),
)
LANDSCAPE = Device(width=780, height=360, scale=2.5, system="android")


def phone(rng: random.Random) -> Device:
    """A phone; one of twenty is held across."""
    return LANDSCAPE if rng.random() < 0.05 else rng.choice(PHONES)


def window(rng: random.Random, narrow: tuple[int, int], high: tuple[int, int]) -> Device:
    """A window of a desktop app of any size between the bounds (CSS px)."""
    return Device(
        width=rng.randint(*narrow), height=rng.randint(*high), scale=rng.choice((1, 1, 1, 1.25, 1.5, 2)), system="pc"
    )
