"""A line crop as the recogniser was trained to see it: 32 pixels high, ink 1 on background 0, whatever the theme."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image

Plane = NDArray[np.float32]

INK_DISTANCE = 18.0
"""Grey levels from the background at which a pixel votes on whether the ink is darker or lighter."""
WEAKEST_CONTRAST = 20.0
"""Grey levels that count as full ink at least, so that the noise of an empty crop stays small."""
INK_PERCENTILE = 98.5
BLANK_LEVEL = 0.2
"""Ink (1 is full) below which a column is blank."""
SIDE_BLANK, INNER_BLANK = 0.4, 1.2
LOWEST, HIGHEST = -0.3, 1.2
"""Training stored crops as bytes over this range."""


def scale_to_height(grey: Plane, height: int) -> Plane:
    """Scale a (rows, columns) crop to `height` rows, keeping its shape; at least 8 columns."""
    rows, columns = grey.shape
    width = max(8, round(columns * height / rows))
    interpolation = cv2.INTER_AREA if rows > height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, (width, height), interpolation=interpolation), dtype=np.float32)


def flatten_theme(grey: Plane) -> Plane:
    """Grey levels (0–255) to ink: 0 is the commonest grey, 1 the 98.5th percentile of the ink, dark themes inverted.

    The commonest grey comes from a smoothed histogram in steps of 4, refined by the median of its neighbourhood.
    """
    histogram = np.bincount((np.clip(grey, 0, 255).astype(np.uint8) >> 2).ravel(), minlength=64).astype(np.float32)
    mode = float(np.convolve(histogram, [0.5, 1.0, 0.5], "same").argmax()) * 4 + 2
    near = grey[np.abs(grey - mode) <= 7]
    background = float(np.median(near)) if near.size else mode
    ink = background - grey
    strong = np.abs(ink) > INK_DISTANCE
    if strong.any() and float(ink[strong].sum()) < 0:
        ink = -ink
    full = max(WEAKEST_CONTRAST, float(np.percentile(ink, INK_PERCENTILE)))
    return np.clip(ink / full, LOWEST, HIGHEST).astype(np.float32)


def kept_columns(ink: Plane) -> NDArray[np.intp]:
    """The columns that stay when blank ones beyond those training had are removed: 0.4 line heights at either end, 1.2
    between two letters.

    In a wide empty stretch the network, normalised to ink, reads noise.
    """
    height = ink.shape[0]
    inked = np.flatnonzero((np.abs(ink) > BLANK_LEVEL).any(axis=0))
    if inked.size == 0:
        return np.arange(ink.shape[1])
    margin, widest = round(SIDE_BLANK * height), round(INNER_BLANK * height)
    keep = np.zeros(ink.shape[1], np.bool_)
    keep[max(0, int(inked[0]) - margin) : int(inked[-1]) + 1 + margin] = True
    for gap in np.flatnonzero(np.diff(inked) > widest):
        keep[int(inked[gap]) + 1 + widest // 2 : int(inked[gap + 1]) - widest // 2] = False
    return np.flatnonzero(keep)


class Prepared(NamedTuple):
    """A crop as the network sees it, of shape (height, width), and where in the crop each column lies (px)."""

    ink: Plane
    columns: NDArray[np.float32]


def prepare(crop: Image, height: int, stretch: float) -> Prepared | None:
    """A BGR crop of any size to ink of `height` rows, its width scaled alike and then × `stretch`.

    None where there is nothing to read: fewer than two rows or columns, or no pixel that stands out. The network never
    saw an empty line and would invent one.
    """
    if crop.shape[0] < 2 or crop.shape[1] < 2:
        return None
    scaled = scale_to_height(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32), height)
    if float(np.ptp(scaled)) < INK_DISTANCE:
        return None
    ink = flatten_theme(scaled)
    kept = kept_columns(ink)
    width = max(8, round(kept.size * stretch))
    interpolation = cv2.INTER_AREA if width < kept.size else cv2.INTER_LINEAR
    stretched = cv2.resize(np.ascontiguousarray(ink[:, kept]), (width, height), interpolation=interpolation)
    middles = ((np.arange(width) + 0.5) * kept.size / width).astype(np.intp)
    columns = (kept[middles] + 0.5) * crop.shape[1] / scaled.shape[1]
    return Prepared(np.asarray(stretched, dtype=np.float32), columns.astype(np.float32))
