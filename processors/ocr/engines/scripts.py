"""Which script a line is in, and whether another engine's answer should replace ours."""

import re
import unicodedata

from rapidfuzz.distance import Levenshtein

from processors.ocr.engines.confidence import line_confidence
from processors.ocr.engines.port import Recognition

READ_AGAIN = 0.85
"""Our confidence below which any line is shown to the other engine. Ours reads 95 % of Korean lines above 0.98 and of
Japanese and Chinese lines below 0.9."""
READ_AGAIN_LATIN = 0.97
"""The same for lines without Hangul, which ours reads well only if they are plain Latin."""
READ_AGAIN_MARKS = 0.6
"""The same for digits and marks alone: nothing is gained by asking, but what is no mark at all reads worse."""
SURE = 0.9
"""Probability from which a single character counts as read."""
TRUSTED = 0.85
"""The other engine's confidence from which its answer counts: on Korean lines, for which PP-OCRv5 has no classes, it
answers nothing or stays below 0.7."""
DOUBTFUL_LATIN = 0.93
MARKS = frozenset("!?.,:;~^-_…'\"/()+*=%")
"""Marks that ours reads as they are; others it also answers for letters that it cannot write."""
SAME_LETTERS = 0.7
"""Similarity of two readings, accents and case apart, from which they are of the same line."""


PICTURES = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b19\u2b1b-\u2b55\u203c\u231a-\u23fa\u27a1]|[0-9]\ufe0f\u20e3"
)
"""Emoji and the signs among them, without the placeholder of those that have no name."""
JOINERS = re.compile("[\ufe0f\u200d\u2640\u2642]")


def only_pictures(text: str) -> bool:
    """Whether a text is emoji and blanks alone, each emoji named."""
    return bool(PICTURES.search(text)) and not without_pictures(text).strip()


def without_pictures(text: str) -> str:
    """The text without its emoji."""
    return JOINERS.sub("", PICTURES.sub("", text))


def has_hangul(text: str) -> bool:
    """Syllables or jamo."""
    return any("가" <= character <= "힣" or "ㄱ" <= character <= "ㆎ" for character in text)


def has_kana(text: str) -> bool:
    """Hiragana or katakana; the dot and the dash between them stand in Korean too."""
    return any("ぁ" <= character <= "ゖ" or "ァ" <= character <= "ヺ" for character in text)


def has_han_or_kana(text: str) -> bool:
    """Chinese characters, which ours cannot write, or kana, which stand among them."""
    return any("぀" <= character <= "ヿ" or "㐀" <= character <= "鿿" or "ｦ" <= character <= "ﾝ" for character in text)


def has_accents(text: str) -> bool:
    """Latin letters beyond ASCII."""
    return any("À" <= character <= "ɏ" and character not in "×÷" for character in text)


def without_accents(text: str) -> str:
    """The letters alone: decomposed, marks and blanks removed, lower case."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character) and not character.isspace()
    )


def worth_asking(ours: Recognition) -> bool:
    """Whether the other engine should see a line that ours read like this.

    The other engine cannot write Hangul, so a line whose syllables ours is mostly sure of is Korean with something
    unknown in it (an emoji, as a rule): asking would cost the loading of the engine for nothing. Kana ours reads, but
    the Chinese characters that stand among them in nearly every sentence it does not.
    """
    if has_kana(ours.text):
        return True
    if not has_hangul(ours.text):
        if only_pictures(ours.text):
            return False
        marks = ours.text and all(c in MARKS or c.isdigit() or c.isspace() for c in ours.text)
        return confidence_of_letters(ours) < (READ_AGAIN_MARKS if marks else READ_AGAIN_LATIN)
    hangul = [p for letter, p in zip(ours.text, ours.characters, strict=True) if has_hangul(letter)]
    return ours.confidence < READ_AGAIN and 2 * sum(p >= SURE for p in hangul) < len(hangul)


def confidence_of_letters(ours: Recognition) -> float:
    """The confidence of a line without its emoji, which no other engine can name."""
    letters = [
        probability
        for character, probability in zip(ours.text, ours.characters, strict=True)
        if without_pictures(character)
    ]
    return line_confidence(letters) if len(letters) < len(ours.text) else ours.confidence


def better(ours: Recognition, other: Recognition) -> Recognition:
    """The answer to keep. Ours, unless the other is sure of characters that ours cannot write, or ours is unsure of
    plain Latin."""
    if other.confidence < TRUSTED or not other.text or has_hangul(other.text):
        return ours
    if has_han_or_kana(other.text):
        return other if ours.confidence < READ_AGAIN_LATIN or has_kana(ours.text) else ours
    if has_hangul(ours.text) and ours.confidence >= READ_AGAIN:
        return ours
    alike = Levenshtein.normalized_similarity(without_accents(ours.text), without_accents(other.text))
    if has_accents(other.text):
        return other if ours.confidence < READ_AGAIN else ours
    surer = ours.confidence < DOUBTFUL_LATIN < other.confidence
    letters = sum(character.isalpha() for character in other.text)
    return other if surer and letters >= 2 and alike >= SAME_LETTERS else ours
