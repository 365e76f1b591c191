"""Which characters the recogniser writes, and a text as the classes that the network is taught.

The order of the classes is that of `charset.json`: new ones are only ever appended, so that a later network can start
from the weights of an earlier one.
"""

import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.charset import (
    EMOJI_CLASS,
    FINALS,
    FIRST_OTHER,
    FIRST_SYLLABLE,
    HANGUL,
    INITIALS,
    MEDIALS,
    UNKNOWN_EMOJI,
    Charset,
    CharsetFile,
)
from processors.ocr.training.lettering import EMOJI, split_emoji

SYLLABLES = INITIALS * MEDIALS * FINALS

_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_JAMO = "".join(map(chr, range(0x3131, 0x3164)))
_FIRST_SYMBOLS = (
    "…·•※♡♥★☆→←↑↓▶◀▷◁●○■□◆◇▲▼△▽㎡℃₩“”‘’「」『』《》〈〉【】①②③④⑤⑥⑦⑧⑨⑩✓✔✕×÷±°–—′″£€¥©®™½♪♬☎☏☞◎▪∞≪≫✨❤ㆍ、。〜"
)
"""The classes of the first recogniser, in its order."""

_KANA = "".join(map(chr, range(0x3041, 0x3097))) + "".join(map(chr, [*range(0x30A1, 0x30FB), 0x30FC, 0x30FB])) + "々〆"
_LATIN = (
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ¿¡ŒœŸŠšŽ"
    "žĀāĂăĄąĆćČčĎďĐđĒēĘęĚěĞğĪīİıŁłŃńŇňŌōŐőŘřŚśŞşŤťŪūŮůŰűŹźŻżȘșȚț"
)
_SYMBOLS = (
    "！？（）：；，％～＆＋＝￦‥⋯‣◦▸◂►◄➜➔➤⇒⇐⇔↔↗↘↙↖↳↩☑☐☒✗✘✖❍◉⊙◈▣◐⦁∙−≤≥≠≈∴∵√∑∏∫∂∇¼¾⅓⅔‰§¶†‡℉㎏㎎㎍㎜㎝㎞㎖㎘㏄㈜㏊㎾㎐㎒"
    "⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳❶❷❸❹❺❻❼❽❾❿ⓐⓑⓒⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ㉠㉡㉢㉣㉤♂♀♠♣♦♤♧◊♨♩♫♭✿❀❁✦✧⋆☀☁☂☃☺☻☹✌✍✉✈✂✪✩✭✰✶✽❄❥❣➕➖"
    "〔〕〖〗〃〒｢｣｡､･‹›«»„‚¦¨¯´¸¹²³ªº¤¢ωαβγδεθλμπσφψΔΣΩΦДд∀ლツᴗ˘˚ʕʔಠ益皿"
    "│─┌┐└┘├┤┼━┃┏┓┗┛═║█▌▐░▒▓▬"
)

FOLDED = str.maketrans(
    {
        "\u00a0": " ", "\u3000": " ", "\u2028": " ", "\t": " ", "\n": " ", "\ufe0e": "", "\u200b": "",
        "―": "—", "∼": "~", "˜": "~", "˙": "·", "‧": "·", "ᆢ": "‥", "ᆞ": "·", "．": ".", "／": "/", "µ": "μ",
        "ᄏ": "ㅋ", "ᄒ": "ㅎ", "ᅲ": "ㅠ", "ᅮ": "ㅜ", "ᄋ": "ㅇ", "ᄃ": "ㄷ", "ᅳ": "ㅡ", UNKNOWN_EMOJI: "",
    }
)  # fmt: skip
"""Characters that look like another, to that other."""


class Classes(NamedTuple):
    """A text for the network: shape (characters, 4) of head class, initial, medial and final; the last three are 0
    where the character is no syllable."""

    text: str
    parts: NDArray[np.int64]


def charset(*, whole_syllables: bool = False) -> Charset:
    """The alphabet of the recogniser that this code trains. With `whole_syllables` each has a class of its own instead
    of three parts."""
    return to_charset(charset_file(whole_syllables=whole_syllables))


def charset_file(*, whole_syllables: bool = False) -> CharsetFile:
    """As `charset`, in the form that is written beside the weights."""
    ordered = dict.fromkeys(_ASCII + _JAMO + _FIRST_SYMBOLS + EMOJI_CLASS + _KANA + _LATIN + _SYMBOLS)
    syllables = [chr(FIRST_SYLLABLE + number) for number in range(SYLLABLES)] if whole_syllables else []
    others = [*ordered, *syllables]
    return CharsetFile(others=others, height=32, stretch=0.82, pad=4, width_multiple=16, subframes_per_4px=2)


def to_charset(file: CharsetFile) -> Charset:
    return Charset(
        others=tuple(file.others),
        height=file.height,
        stretch=file.stretch,
        pad=file.pad,
        width_multiple=file.width_multiple,
        frames_per_pixel=file.subframes_per_4px / 4,
    )


class Alphabet:
    """Turns texts into what can be drawn and taught."""

    def __init__(self, charset: Charset) -> None:
        self.charset = charset
        self._classes = {character: FIRST_OTHER + index for index, character in enumerate(charset.others)}

    def writes(self, character: str) -> bool:
        """Whether there is a class for it, syllables included."""
        return 0 <= ord(character) - FIRST_SYLLABLE < SYLLABLES or character in self._classes

    def cleaned(self, text: str) -> str:
        """`text` in NFC with look-alikes folded, what has no class left out, and runs of blanks made one. Emoji stay as
        they are: each is one class, however many code points it has."""
        folded = unicodedata.normalize("NFC", text).translate(FOLDED)
        kept = "".join(piece if emoji else "".join(filter(self.writes, piece)) for piece, emoji in split_emoji(folded))
        return " ".join(kept.replace(EMOJI_CLASS, "").split())

    def classes(self, text: str) -> Classes:
        """The classes of a cleaned text. Raises KeyError for a character without one."""
        label = EMOJI.sub(EMOJI_CLASS, text)
        return Classes(label, np.array([self._parts(character) for character in label], np.int64).reshape(-1, 4))

    def _parts(self, character: str) -> tuple[int, int, int, int]:
        syllable = ord(character) - FIRST_SYLLABLE
        if 0 <= syllable < SYLLABLES and character not in self._classes:
            initial, rest = divmod(syllable, MEDIALS * FINALS)
            return HANGUL, initial, *divmod(rest, FINALS)
        return self._classes[character], 0, 0, 0
