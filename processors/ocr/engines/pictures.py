"""Whether something is drawn in areas instead of strokes: emoji, pieces of photos."""

import cv2
import numpy as np

from processors.ocr.engines.port import Image

INK_SHARE = 0.4
"""Share of the strongest contrast from which a pixel is ink: the pale smears between small letters stay below."""
LOWEST = 20
"""Rows of a crop below which strokes lie too close to be told from areas."""
STROKE = 0.2
"""Width of the boldest stroke as a share of the line's height; what is wider is an area."""
AREA_SHARE = 0.35
"""Share of the ink in such areas from which a line is mostly emoji."""


def is_picture(crop: Image) -> bool:
    """Whether most of the ink of a BGR crop of one line, or of a bubble of several, lies in areas wider than any stroke
    of a letter. False where the crop is too low to tell."""
    if crop.shape[0] < LOWEST or crop.shape[1] < 2:
        return False
    rim = np.concatenate((crop[0], crop[-1], crop[:, 0], crop[:, -1]))
    ground = np.median(rim, axis=0).astype(np.int16)
    contrast = np.abs(crop.astype(np.int16) - ground).max(axis=2)
    ink = (contrast > max(24.0, INK_SHARE * float(np.percentile(contrast, 99)))).astype(np.uint8)
    stroke = round(STROKE * crop.shape[0])
    areas = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((stroke, stroke), np.uint8))
    return int(np.count_nonzero(areas)) > AREA_SHARE * max(1, int(np.count_nonzero(ink)))
