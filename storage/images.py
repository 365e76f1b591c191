"""What an upload is, told from its header: media type, size, and whether it is within the limits. Nothing is decoded.

The plugins of Pillow are opened directly rather than through `Image.open`: the type is then decided by the magic number
alone, and a decompression bomb is measured by our own limit instead of a global one that warns.
"""

import io
import struct
from typing import Final

from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from contracts.base import Record
from contracts.errors import (
    IMAGE_TOO_LARGE,
    IMAGE_UNREADABLE,
    UNSUPPORTED_MEDIA,
    UPLOAD_TOO_LARGE,
    TokstreamError,
)

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
WEBP: Final = "image/webp"

DECODING_ERRORS: Final = (OSError, ValueError, SyntaxError, struct.error, EOFError, IndexError, KeyError, OverflowError)
"""What Pillow raises for a damaged file: broken headers and chunks are not all OSError."""

SIDEWAYS: Final = frozenset({5, 6, 7, 8})
"""EXIF orientations that exchange width and height (CIPA DC-008, tag 0x0112)."""


class ImageLimits(Record, frozen=True):
    """`max_bytes` bounds the upload, `max_pixels` width times height; both are inclusive."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 50_000_000


class ImageInfo(Record, frozen=True):
    """`width` and `height` in pixels as the image is shown, after its EXIF orientation. `animated`: more than one
    frame."""

    media_type: str
    width: int
    height: int
    animated: bool = False


def media_type(data: bytes) -> str | None:
    """The media type by magic number, or None where it is not one that is accepted."""
    if data[:3] == b"\xff\xd8\xff":
        return JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return None


def open_header(data: bytes) -> Image.Image:
    """The image with its header read and its pixels still encoded.

    Raises TokstreamError: UNSUPPORTED_MEDIA where the magic number is not JPEG, PNG or WebP (whatever the client calls
    it), IMAGE_UNREADABLE where the header is broken.
    """
    kind = media_type(data)
    if kind is None:
        detail = "The upload is empty." if not data else "Send a JPEG, PNG or WebP image."
        raise TokstreamError(UNSUPPORTED_MEDIA, detail, field="file")
    try:
        if kind == JPEG:
            return JpegImagePlugin.JpegImageFile(io.BytesIO(data))
        if kind == PNG:
            return PngImagePlugin.PngImageFile(io.BytesIO(data))
        return WebPImagePlugin.WebPImageFile(io.BytesIO(data))
    except DECODING_ERRORS as error:
        raise TokstreamError(IMAGE_UNREADABLE, f"The image header is damaged: {error}", field="file") from error


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it makes no sense."""
    # A PNG without EXIF in its header would be decoded in full by `getexif`, in search of a late chunk.
    if not image.info.get("exif") and not isinstance(image, JpegImagePlugin.JpegImageFile):
        return 1
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODING_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def inspect(data: bytes, limits: ImageLimits | None = None) -> ImageInfo:
    """What the upload `data` is.

    Raises TokstreamError: UPLOAD_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_UNREADABLE, and IMAGE_TOO_LARGE before any
    pixel is decoded.
    """
    limits = limits or ImageLimits()
    if len(data) > limits.max_bytes:
        raise TokstreamError(
            UPLOAD_TOO_LARGE, f"The upload has {len(data)} bytes, at most {limits.max_bytes} are allowed.", field="file"
        )
    with open_header(data) as image:
        width, height = image.size
        if width < 1 or height < 1:
            raise TokstreamError(IMAGE_UNREADABLE, "The image has no pixels.", field="file")
        if width * height > limits.max_pixels:
            raise TokstreamError(
                IMAGE_TOO_LARGE,
                f"The image has {width} x {height} pixels, at most {limits.max_pixels} are allowed.",
                field="file",
            )
        if orientation(image) in SIDEWAYS:
            width, height = height, width
        return ImageInfo(
            media_type=media_type(data) or "",
            width=width,
            height=height,
            animated=bool(getattr(image, "is_animated", False)),
        )
