"""Letters that look alike on a screen, settled by their neighbours: I, l and 1; ㅇ and o; ? and ？; ∙ and •.

The recogniser sees shapes alone; in most screen fonts these are the same shape.
"""

import re

STANDALONE_I = re.compile(r"(?<![\w'’])[l|](?=(?:['’](?:m|ll|d|ve|re)\b)?(?:\s|$|[,.?!]))")
"""A lone l is the pronoun: "l think", "l'm"."""
CAPITAL_I = re.compile(r"(?<![A-Za-z0-9'’/.@&_-])l(?=[bcdfghjkmnpqrstvwxz]\w|[tfsn]\b)|(?<![A-Za-z0-9/@_-])l(?=[A-Z])")
"""No English word begins with l and another consonant: "lt" is It, "ls" is Is, "lT" and "1.lT" are IT."""
DIGIT_ONE = re.compile(r"(?<=\d)[lI|](?=[\d:.,]|\b)|(?<![A-Za-z가-힣])[lI|](?=[\d:])")
DIGIT_ZERO = re.compile(r"(?<=\d)[oO](?=[\d:.,])|(?<=\d[:.,])[oO](?=\d)")
JAMO_IEUNG = re.compile(r"(?<=[가-힣ㄱ-ㅣ])(\s?)o(?=$|[\s가-힣ㄱ-ㅣ~!?])|(?<![A-Za-z0-9])o(?=[ㄱ-ㅣ])")
"""Beside Hangul a lone o is the jamo of "ㅇㅇ" or of a word broken off."""
BULLET = re.compile(r"^[∙‧](?=\s)")
"""What begins an item is a bullet, of whatever size the dot is drawn."""
LONG_LATIN = re.compile(r"[A-Za-z]{2,}")
LETTER, HANGUL, KANA_OR_HAN = re.compile(r"[^\W\d_]"), re.compile("[가-힣ㄱ-ㅣ]"), re.compile("[ぁ-ヺ一-鿿]")
USUAL_WIDTH = str.maketrans({chr(0xFEE0 + ord(mark)): mark for mark in "!?~,:;()%+&"})
"""Marks of full width are typed in Japanese and Chinese; beside Hangul or alone they are the usual ones, set wide."""


def settle(text: str) -> str:
    """The text with look-alikes replaced by what their neighbours ask for; of the same length."""
    text = BULLET.sub("•", text)
    text = DIGIT_ONE.sub("1", text)
    text = DIGIT_ZERO.sub("0", text)
    if LONG_LATIN.search(text):
        text = STANDALONE_I.sub("I", text)
        text = CAPITAL_I.sub("I", text)
    elif text in {"l", "|"}:
        return "I"
    if not KANA_OR_HAN.search(text) and (HANGUL.search(text) or not LETTER.search(text)):
        text = text.translate(USUAL_WIDTH)
    return JAMO_IEUNG.sub(lambda match: (match.group(1) or "") + "ㅇ", text)
