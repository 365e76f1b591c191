"""The bytes of an export as lines. Messengers write UTF-8 with or without a byte order mark; what went through other
programs comes as UTF-16 or, on Korean Windows, as CP949."""

import codecs
import re

REPLACEMENT = "\ufffd"
MOST_REPLACED = 0.01
"""Share of characters that may be unreadable in a file that is still taken for text."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LINE_END = re.compile(r"\r\n|\n|\r")
_LOOKED_AT = 4096


def decode_lines(data: bytes) -> list[str] | None:
    """The lines without their ends, None where the bytes are no text. Bytes that are wrong become U+FFFD.

    Only CR, LF and both together end a line: a message may hold U+2028 and its like.
    """
    text = _decode(data)
    return None if text is None else _LINE_END.split(text)


def _decode(data: bytes) -> str | None:
    encodings = _encodings(data)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    mended = min((data.decode(encoding, "replace") for encoding in encodings), key=lambda text: text.count(REPLACEMENT))
    return mended if mended.count(REPLACEMENT) <= MOST_REPLACED * len(mended) else None


def _encodings(data: bytes) -> tuple[str, ...]:
    """Those that the bytes may be in, the likeliest first."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return (encoding,)
    start = data[:_LOOKED_AT]
    if b"\0" in start:
        # Blanks, digits and line ends of UTF-16 are a zero and an ASCII byte; the zero comes first in big endian.
        zeros = start[0::2].count(0), start[1::2].count(0)
        wide = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        # Few are control characters in a message, which UTF-8 may hold; Korean in UTF-16 is no UTF-8.
        return (wide,) if sum(zeros) > len(start) // 8 else ("utf-8", wide)
    return ("utf-8", "cp949")
