"""The output alphabet of the Tokstream recogniser and how its columns are laid out.

A frame has one column for blank, one for "some Hangul syllable", one for every other character, and then the parts of a
syllable: initial, medial, final. Each of the four blocks is a log-softmax of its own, so that
log p(syllable) = HANGUL + initial + medial + final is exact over all 11,172 syllables (Unicode 16, section 3.12).
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

INITIALS, MEDIALS, FINALS = 19, 21, 28
FIRST_SYLLABLE = 0xAC00
BLANK, HANGUL, FIRST_OTHER = 0, 1, 2
EMOJI_CLASS = "\ue000"
"""The class of every emoji: the recogniser sees that there is one, not which."""
UNKNOWN_EMOJI = "\N{DOTTED SQUARE}"
"""What a line shows where an emoji stands that nobody identified."""


class CharsetFile(msgspec.Struct, frozen=True):
    """charset.json as the training code writes it."""

    others: list[str]
    height: int
    stretch: float
    pad: int
    width_multiple: int
    subframes_per_4px: int


@dataclass(frozen=True, slots=True)
class Charset:
    """Characters by class and the geometry of the input.

    `height` in pixels, `stretch` the factor on the width after scaling to `height`, `pad` blank pixels on either side,
    `width_multiple` what the padded width is rounded up to, `frames_per_pixel` of the padded input.
    """

    others: tuple[str, ...]
    height: int
    stretch: float
    pad: int
    width_multiple: int
    frames_per_pixel: float

    @property
    def head_width(self) -> int:
        """Columns of the first block: blank, HANGUL, the others."""
        return FIRST_OTHER + len(self.others)

    @property
    def columns(self) -> int:
        """All columns of a frame."""
        return self.head_width + INITIALS + MEDIALS + FINALS


def load_charset(path: Path) -> Charset:
    """Read charset.json. Raises `msgspec.ValidationError` where the file is not one, `OSError` where unreadable."""
    file = msgspec.json.decode(path.read_bytes(), type=CharsetFile)
    return Charset(
        others=tuple(UNKNOWN_EMOJI if character == EMOJI_CLASS else character for character in file.others),
        height=file.height,
        stretch=file.stretch,
        pad=file.pad,
        width_multiple=file.width_multiple,
        frames_per_pixel=file.subframes_per_4px / 4,
    )
