"""From the bytes of an upload to the pixels that are read.

Whatever the file was (palette, CMYK, 16 bit, transparent, rotated, animated), what comes out is the first frame as a
person sees it on a white page: uint8, shape (height, width, 3), channels blue, green, red.
"""

import contextlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from storage.images import DECODING_ERRORS, ImageLimits, inspect, open_header, orientation

Pixels = NDArray[np.uint8]

TRANSPARENT_MODES = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


def decode(data: bytes, limits: ImageLimits | None = None) -> Pixels:
    """The pixels of a JPEG, PNG or WebP file.

    Raises TokstreamError as `storage.images.inspect` does, and IMAGE_UNREADABLE where the pixels are truncated or
    damaged.
    """
    with _loaded(data, limits) as image:
        turn = orientation(image)
        return to_bgr(ImageOps.exif_transpose(image) if turn != 1 else image)


def verify(data: bytes, limits: ImageLimits | None = None) -> None:
    """Decodes the image and drops the pixels: raises what `decode` would, for half its price."""
    with _loaded(data, limits):
        pass


@contextlib.contextmanager
def _loaded(data: bytes, limits: ImageLimits | None) -> Iterator[Pillow.Image]:
    """The first frame, decoded."""
    inspect(data, limits)
    try:
        with open_header(data) as image:
            image.seek(0)
            image.load()
            yield image
    except DECODING_ERRORS as error:
        raise TokstreamError(IMAGE_UNREADABLE, f"The image cannot be decoded: {error}", field="file") from error


def to_bgr(image: Pillow.Image) -> Pixels:
    """Any Pillow image as uint8 (height, width, 3), blue, green, red; transparency is composited on white."""
    if image.mode.startswith("I") or image.mode == "F":
        return grey_to_bgr(np.asarray(image))
    if (image.mode in TRANSPARENT_MODES or "transparency" in image.info) and not is_opaque(image):
        shown = image.convert("RGBA")
        page = Pillow.new("RGBA", shown.size, "white")
        page.alpha_composite(shown)
        image = page
    rgb = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def is_opaque(image: Pillow.Image) -> bool:
    """Whether an RGBA image has nothing transparent, as screenshots of iOS: compositing would cost and change
    nothing."""
    return image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)


def grey_to_bgr(values: NDArray[np.generic]) -> Pixels:
    """Grey of 16 or 32 bits as uint8: Pillow's own conversion clips at 255, which turns a 16-bit page white."""
    levels = values.astype(np.float64)
    top = 65535.0 if levels.max(initial=0.0) > 255 else 255.0
    grey = np.clip(levels * (255.0 / top), 0, 255).round().astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
