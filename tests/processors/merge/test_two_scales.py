"""One conversation, read by our own recogniser at two scales: the merge knows at least as much as either reading."""

from collections.abc import Sequence

import cv2
import numpy as np

from contracts.resources import Bubble, Extraction, Message
from processors.merge.merge import merge
from processors.merge.shots import Shot
from processors.ocr.engines.port import Image
from processors.ocr.engines.select import open_reader
from processors.ocr.reader import ScreenshotReader
from tests.screenshots.conversations import PLAIN, converse
from tests.screenshots.scenes import draw
from tests.screenshots.scoring import is_required, letters
from tests.screenshots.truth import ShotTruth

SCALES = (0.32, 0.35)
"""Small enough for the recogniser to doubt and to err: letters of 15 points are 14 and 16 px high."""


def read(image: Image, scale: float, truth: ShotTruth) -> Extraction:
    """What is read of the image scaled down."""
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Extraction(
        screenshot_id=f"at-{scale}",
        session_id="scales",
        width=size[0],
        height=size[1],
        top=truth.top * scale,
        bottom=truth.bottom * scale,
        bubbles=tuple(ScreenshotReader(open_reader("tokstream")).read(small)),
        engine="tokstream",
    )


def wrong(said: Sequence[Bubble | Message], truth: ShotTruth) -> set[str]:
    """The messages of the truth that nobody said."""
    known = {letters(message.text) for message in truth.messages if is_required(message)}
    return known - {letters(one.text) for one in said}


def test_two_readings_are_at_least_as_good_as_either() -> None:
    shot = draw(converse(8, 30, mix=PLAIN), "kakao-ios-light", 8)
    image = np.ascontiguousarray(np.asarray(shot.image.convert("RGB"))[:, :, ::-1])
    readings = [read(image, scale, shot.truth) for scale in SCALES]
    merged = merge([Shot(extraction=one, signature=None) for one in readings], session_id="scales", revision=1).messages
    assert len(merged) == len(readings[0].bubbles) == len(readings[1].bubbles)
    assert len(wrong(merged, shot.truth)) <= min(len(wrong(one.bubbles, shot.truth)) for one in readings)
    assert sum(message.uncertain for message in merged) <= min(
        sum(bubble.uncertain for bubble in one.bubbles) for one in readings
    )
    agreeing = [
        (message, pair)
        for message, *pair in zip(merged, *(one.bubbles for one in readings), strict=True)
        if letters(pair[0].text) == letters(pair[1].text)
    ]
    assert agreeing
    assert all(message.confidence >= max(one.confidence for one in pair) for message, pair in agreeing)
