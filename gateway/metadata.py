"""Uploads without what they tell about their maker: place, device, comments, thumbnails. The pixels stay bit by bit.

Only the orientation is kept, in an Exif block that holds nothing else. Formats: JPEG (ITU-T T.81, annex B), PNG (third
edition, W3C), WebP (RFC 9649).
"""

import re
import struct
import zlib

from storage.images import JPEG, PNG, WEBP

EXIF_PREFIX = b"Exif\0\0"
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""In entropy-coded data FF 00 is a data byte and FF D0 to D7 restart; whatever else follows FF is a marker."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_JFIF, _ICC, _ADOBE, _COMMENT = 0xE0, 0xE2, 0xEE, 0xFE
_PNG_SIGNATURE = 8
_PNG_KEPT = frozenset(b"tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs sPLT hIST acTL fcTL fdAT".split())
_WEBP_KEPT = frozenset((b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def without_metadata(data: bytes, media_type: str, orientation: int) -> bytes:
    """The image `data` without metadata but for its Exif `orientation` (1 to 8; 1, upright, needs no block).

    A damaged image comes back as damaged as it was: whether it can be decoded is for the decoder to say.
    """
    exif = b"" if orientation == 1 else _tiff(orientation)
    if media_type == JPEG:
        return _jpeg(data, exif)
    if media_type == PNG:
        return _png(data, exif)
    if media_type == WEBP:
        return _webp(data, exif)
    return data


def _tiff(orientation: int) -> bytes:
    """The least TIFF structure: one directory with the one entry 0x0112, a SHORT."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def _jpeg(data: bytes, exif: bytes) -> bytes:
    parts = [data[:2]]
    if exif:
        parts.append(b"\xff\xe1" + struct.pack(">H", 2 + len(EXIF_PREFIX) + len(exif)) + EXIF_PREFIX + exif)
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _END_OF_IMAGE:
            # What follows the image is another one, or a film: gone too.
            return b"".join([*parts, data[at : at + 2]])
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            following = _NEXT_MARKER.search(data, end)
            end = following.start() if following else len(data)
        if _jpeg_keeps(marker, data[at + 4 : at + 16]):
            parts.append(data[at:end])
        at = end
    return b"".join([*parts, data[at:]])


def _jpeg_keeps(marker: int, start: bytes) -> bool:
    if marker == _ICC:
        # Also the home of the multi-picture format, which lists further images.
        return start.startswith(b"ICC_PROFILE\0")
    return marker in (_JFIF, _ADOBE) or not (0xE0 <= marker <= 0xEF or marker == _COMMENT)


def _png(data: bytes, exif: bytes) -> bytes:
    parts = [data[:_PNG_SIGNATURE]]
    at = _PNG_SIGNATURE
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        critical = not kind[0] & 0x20
        if critical or kind in _PNG_KEPT:
            parts.append(data[at:end])
        if kind == b"IHDR" and exif:
            parts.append(struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif)))
        at = end
        if kind == b"IEND":
            return b"".join(parts)
    return b"".join([*parts, data[at:]])


def _webp(data: bytes, exif: bytes) -> bytes:
    parts = []
    at = 12
    while at + 8 <= len(data):
        kind = data[at : at + 4]
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if kind == b"VP8X":
            flags = data[at + 8] & ~(_WEBP_EXIF | _WEBP_XMP) if at + 8 < len(data) else 0
            # Without an extended header there is no Exif block, so there was no orientation either.
            flags |= _WEBP_EXIF if exif else 0
            parts.append(data[at : at + 8] + bytes([flags]) + data[at + 9 : end])
        elif kind in _WEBP_KEPT:
            parts.append(data[at:end])
        at = end
    if exif:
        parts.append(b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2))
    body = b"".join(parts)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
