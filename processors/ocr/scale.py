"""How far a screenshot is reduced before anything is looked for, and whether it is a screen or a piece of one."""

import cv2
import numpy as np

from processors.ocr.engines.port import Image

WORKING_WIDTH = 540
"""A screenshot is reduced to this width: gaps of 2 points on a phone of 390 stay 2 px wide."""

PHONE_SHAPE = 0.75
"""Windows wider than this share of their height are reduced by their height: their text does not grow with them."""

LEAST_FACTOR = 1.15

PIECE_SHAPE = 0.4
"""Pictures lower than this share of their width are pieces cut out of a conversation: the widest windows are not."""

MOST_PIECE_FACTOR = 2.0
"""Whether a phone or a window showed a piece cannot be told: lines of text stay high enough for both."""


def reduce(image: Image) -> tuple[Image, float]:
    """A reduced copy, and how many pixels of the image one of its pixels stands for (1 or more, the same both ways)."""
    height, width = image.shape[:2]
    if is_piece(width, height):
        factor = min(width / WORKING_WIDTH, MOST_PIECE_FACTOR)
    else:
        factor = min(width, PHONE_SHAPE * height) / WORKING_WIDTH
    if factor < LEAST_FACTOR:
        return image, 1.0
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), factor


def is_piece(width: int, height: int) -> bool:
    """Whether a picture is too low for a screen: a few messages that somebody has cut out."""
    return height < PIECE_SHAPE * width
