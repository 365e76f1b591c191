"""What a screen, and the way a screenshot takes, make of a drawing."""

import io
import random
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


class Degraded(NamedTuple):
    """An image, and by how many columns and rows it was cut at the top left: the blocks of JPEG lie anywhere."""

    image: Image.Image
    moved: tuple[int, int]


def subpixels(plane: Pixels, factor: float) -> Pixels:
    """A drawing of `factor` times its size, prepared to be averaged down, as an LCD of red, green and blue stripes
    shows it: each colour a third of a pixel aside, smoothed over five stripes (ClearType; Platt 2000)."""
    smooth = cv2.blur(plane, (max(1, round(factor)), 1))
    for channel, side in ((0, 1), (2, -1)):
        shift = np.array([[1, 0, side * factor / 3], [0, 1, 0]], np.float32)
        size = (plane.shape[1], plane.shape[0])
        moved = cv2.warpAffine(smooth[:, :, channel], shift, size, borderMode=cv2.BORDER_REPLICATE)
        smooth[:, :, channel] = moved
    return np.asarray(smooth, np.uint8)


def resized(plane: Pixels, scale: float, resampling: int) -> Pixels:
    """The plane times `scale`; enlarged always by cubic interpolation."""
    size = (max(4, round(plane.shape[1] * scale)), max(4, round(plane.shape[0] * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=resampling if scale < 1 else cv2.INTER_CUBIC), np.uint8)


def sent(plane: Pixels, draw: random.Random) -> Degraded:
    """Some images blurred, some recompressed."""
    if draw.random() < 0.10:
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), draw.uniform(0.3, 0.75)), np.uint8)
    image = Image.fromarray(plane)
    if draw.random() >= 0.45:
        return Degraded(image, (0, 0))
    moved = (draw.randrange(4), draw.randrange(4))
    image = image.crop((*moved, image.width, image.height))
    packed = io.BytesIO()
    quality = draw.choice((draw.randint(50, 95), draw.randint(75, 95)))
    image.save(packed, "JPEG", quality=quality, subsampling=draw.choice((0, 2, 2)))
    return Degraded(Image.open(packed), moved)
