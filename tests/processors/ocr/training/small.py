"""Corpora and typefaces small enough for a test: sentences of the screenshot generator, and the fonts that come with
the extra `samples`."""

import lzma
import random
from functools import cache
from pathlib import Path

from processors.ocr.training.corpus import DIALOGUES, REVIEWS
from processors.ocr.training.fonts import package_folder
from processors.ocr.training.shards import Sources
from tests.screenshots.conversations import converse
from tests.servers.cache import NotProvisioned, skip_or_fail


@cache
def sentences() -> tuple[str, ...]:
    """Some hundred Korean sentences."""
    texts = {utterance.text for seed in range(12) for utterance in converse(seed, 40).utterances if utterance.text}
    return tuple(sorted(text.replace("\n", " ") for text in texts))


def write_corpora(folder: Path) -> Path:
    """The two Korean corpora in their formats."""
    texts = list(sentences())
    random.Random(1).shuffle(texts)
    half = len(texts) // 2
    with lzma.open(folder / REVIEWS, "wt", encoding="utf-8") as file:
        file.write("".join(f"{1 + place % 10}\t{text}\n" for place, text in enumerate(texts[:half])))
    with lzma.open(folder / DIALOGUES, "wt", encoding="utf-8") as file:
        pairs = zip(texts[half::2], texts[half + 1 :: 2], strict=False)
        quoted = (tuple(text.replace('"', "'") for text in pair) for pair in pairs)
        file.write("Q,A,label\n" + "".join(f'"{q}","{a}",0\n' for q, a in quoted))
    return folder


def fonts_folder() -> Path:
    """A folder that holds a Korean typeface."""
    folder = package_folder("noto_cjk_sans_otc")
    if folder is None:
        skip_or_fail(NotProvisioned("a Korean typeface"))
    return folder


def sources(folder: Path, *, natural: bool = False) -> Sources:
    return Sources(write_corpora(folder), (fonts_folder(),), natural=natural)
