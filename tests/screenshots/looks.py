"""How each messenger looks: colours and measures in points (1 point = `scale` pixels), as read off real screens.

The colours of a picture theme are drawn by lot in `wallpapers`; what stands here for them is only the geometry.
"""

from typing import Literal

from contracts.base import Record
from processors.ocr.training.lettering import Wrap
from tests.screenshots.palettes import (
    IMESSAGE_DARK,
    IMESSAGE_LIGHT,
    KAKAO_DARK,
    KAKAO_LIGHT,
    LINE_DARK,
    LINE_LIGHT,
    TELEGRAM_DARK,
    TELEGRAM_LIGHT,
    WHATSAPP_DARK,
    WHATSAPP_LIGHT,
    Palette,
)

Platform = Literal["ios", "android", "pc"]
Theme = Literal["light", "dark", "picture"]
Tail = Literal["none", "kakao", "spike", "imessage", "telegram", "corner"]
NamePlace = Literal["above", "inside", "none"]
StampPlace = Literal["beside", "inside", "centre"]


class Metrics(Record, frozen=True):
    """Lengths in points."""

    text: float = 15.5
    leading: float = 1.3
    small: float = 10.5
    name: float = 12.0
    pad_x: float = 10.5
    pad_y: float = 8.0
    radius: float = 15.0
    widest: float = 0.62
    """Largest width of a bubble in units of the screen's."""
    other_left: float = 52.0
    own_right: float = 12.0
    avatar: float = 38.0
    avatar_left: float = 8.0
    avatar_radius: float = 0.4
    """Corner radius of an avatar in units of its size; 0.5 is a circle."""
    near: float = 5.0
    """Space between bubbles of one run."""
    far: float = 14.0
    """Space between runs."""


class Look(Record, frozen=True):
    """A messenger on a platform in a theme."""

    name: str
    messenger: str
    platform: Platform
    theme: Theme
    palette: Palette
    metrics: Metrics
    tail: Tail
    wrap: Wrap
    names: NamePlace
    stamps: StampPlace
    avatars: bool
    """Avatars in direct rooms (groups have them always, but WhatsApp)."""
    fonts: tuple[str, ...]
    clock: Literal["korean", "24", "12"]


PHONE_FONTS = ("Pretendard", "Noto Sans CJK KR", "Nanum Barun Gothic")
ROUND_FONTS = ("Noto Sans CJK KR", "Nanum Gothic")
PC_FONTS = ("Nanum Barun Gothic", "Nanum Gothic", "Noto Sans CJK KR")

KAKAO_METRICS: dict[Platform, Metrics] = {
    "ios": Metrics(),
    "android": Metrics(
        text=15.5,
        leading=1.27,
        small=11,
        name=12.5,
        pad_x=10,
        pad_y=8,
        radius=14,
        widest=0.64,
        other_left=58,
        own_right=10,
        avatar=41,
        avatar_left=8,
        near=5,
        far=12,
    ),
    "pc": Metrics(
        text=12.5,
        leading=1.4,
        small=10.5,
        name=11.5,
        pad_x=8,
        pad_y=6,
        radius=3.5,
        widest=0.52,
        other_left=57,
        own_right=22,
        avatar=38,
        avatar_left=11,
        avatar_radius=0.42,
        near=6,
        far=14,
    ),
}
IMESSAGE_METRICS = Metrics(
    text=17,
    leading=1.27,
    small=11,
    name=11.5,
    pad_x=12,
    pad_y=7.5,
    radius=18,
    widest=0.7,
    other_left=16,
    own_right=16,
    avatar=28,
    avatar_left=8,
    avatar_radius=0.5,
    near=2,
    far=9,
)
WHATSAPP_METRICS = Metrics(
    text=16,
    leading=1.3,
    small=11.5,
    name=13,
    pad_x=9,
    pad_y=6,
    radius=9,
    widest=0.78,
    other_left=11,
    own_right=11,
    avatar=30,
    avatar_left=6,
    avatar_radius=0.5,
    near=2.5,
    far=9,
)
TELEGRAM_METRICS = Metrics(
    text=16.5,
    leading=1.28,
    small=11.5,
    name=14,
    pad_x=11,
    pad_y=6.5,
    radius=16,
    widest=0.76,
    other_left=12,
    own_right=12,
    avatar=34,
    avatar_left=6,
    avatar_radius=0.5,
    near=2.5,
    far=8,
)
LINE_METRICS = Metrics(
    text=15,
    leading=1.32,
    small=10,
    name=11.5,
    pad_x=12,
    pad_y=9,
    radius=17,
    widest=0.62,
    other_left=50,
    own_right=12,
    avatar=34,
    avatar_left=9,
    avatar_radius=0.5,
    near=6,
    far=13,
)


def _kakao(platform: Platform, theme: Theme) -> Look:
    return Look(
        name=f"kakao-{platform}-{theme}",
        messenger="KakaoTalk",
        platform=platform,
        theme=theme,
        palette=KAKAO_DARK if theme == "dark" else KAKAO_LIGHT,
        metrics=KAKAO_METRICS[platform],
        tail="spike" if platform == "pc" else "kakao",
        wrap="character" if platform != "android" else "word",
        names="above",
        stamps="beside",
        avatars=True,
        fonts=PC_FONTS if platform == "pc" else PHONE_FONTS,
        clock="korean",
    )


def _looks() -> tuple[Look, ...]:
    platforms: tuple[Platform, ...] = ("ios", "android", "pc")
    themes: tuple[Theme, ...] = ("light", "dark", "picture")
    looks = [_kakao(platform, theme) for platform in platforms for theme in themes]
    for dark in (False, True):
        theme: Theme = "dark" if dark else "light"
        looks += [
            Look(
                name=f"imessage-{theme}",
                messenger="iMessage",
                platform="ios",
                theme=theme,
                palette=IMESSAGE_DARK if dark else IMESSAGE_LIGHT,
                metrics=IMESSAGE_METRICS,
                tail="imessage",
                wrap="word",
                names="above",
                stamps="centre",
                avatars=False,
                fonts=PHONE_FONTS,
                clock="korean",
            ),
            Look(
                name=f"whatsapp-{theme}",
                messenger="WhatsApp",
                platform="android",
                theme=theme,
                palette=WHATSAPP_DARK if dark else WHATSAPP_LIGHT,
                metrics=WHATSAPP_METRICS,
                tail="corner",
                wrap="word",
                names="inside",
                stamps="inside",
                avatars=False,
                fonts=PHONE_FONTS,
                clock="24",
            ),
            Look(
                name=f"telegram-{theme}",
                messenger="Telegram",
                platform="ios",
                theme=theme,
                palette=TELEGRAM_DARK if dark else TELEGRAM_LIGHT,
                metrics=TELEGRAM_METRICS,
                tail="telegram",
                wrap="word",
                names="inside",
                stamps="inside",
                avatars=False,
                fonts=PHONE_FONTS,
                clock="24",
            ),
            Look(
                name=f"line-{theme}",
                messenger="LINE",
                platform="ios",
                theme=theme,
                palette=LINE_DARK if dark else LINE_LIGHT,
                metrics=LINE_METRICS,
                tail="kakao",
                wrap="character",
                names="above",
                stamps="beside",
                avatars=True,
                fonts=ROUND_FONTS,
                clock="korean",
            ),
        ]
    return tuple(
        sorted(
            looks,
            key=lambda look: (
                look.messenger != "KakaoTalk",
                look.messenger,
                look.platform,
                look.theme == "picture",
                look.name,
            ),
        )
    )


BY_NAME = {look.name: look for look in _looks()}
