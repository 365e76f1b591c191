"""Crops of emoji as the runtime cuts them out of screenshots: small, on a bubble, between letters, compressed."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from processors.ocr.engines.emoji import network_input
from processors.ocr.engines.port import Image
from processors.ocr.training.emoji.pictures import OTHER, SIDE, SKIN, Drawing, Picture
from processors.ocr.training.fonts import typefaces

SMALLEST, LARGEST = 10, 64
"""Sides in pixels of an emoji in a screenshot."""
GROUNDS = ((0x00, 0xE5, 0xFE), (255, 255, 255), (0x2B, 0x2B, 0x2B), (0xD1, 0xC0, 0xAB), (0xFF, 0x84, 0x0A))
"""Blue, green, red of bubbles: KakaoTalk's own and other, dark, KakaoTalk's wallpaper, iMessage's blue."""
LETTERS = "가나다라마바사아자차카타파하네응요고어진짜좋오늘내일ㅋㅎㅠㅜ!?.~,1203aeIlnostMW"
OTHERS_SHARE, LETTERS_SHARE = 0.2, 0.04
TONED_SHARE = 0.15
"""Of the hands and people: in another skin than the default yellow."""


class Batch(NamedTuple):
    """`inputs` of shape (samples, 3, 32, 32) as `network_input` makes them, `labels` of shape (samples,)."""

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]


class Sampler:
    """Draws crops, the same ones for the same seed and drawings."""

    def __init__(self, drawings: Sequence[Drawing], seed: int) -> None:
        """`drawings` need at least one of a chosen emoji. Chosen emoji come equally often, whatever the sets hold."""
        self.random = random.Random(seed)
        self.others = [drawing for drawing in drawings if drawing.label == OTHER]
        self.by_label: dict[int, list[Drawing]] = {}
        self.toned: dict[int, list[Drawing]] = {}
        for drawing in drawings:
            if drawing.label != OTHER:
                kept = self.toned if SKIN.search(drawing.cluster) else self.by_label
                kept.setdefault(drawing.label, []).append(drawing)
        self.chosen = sorted(self.by_label)
        self.letters = letter_masks()

    def batch(self, size: int) -> Batch:
        """`size` crops."""
        crops, labels = zip(*(self.sample() for _ in range(size)), strict=True)
        return Batch(network_input(crops), np.array(labels, np.int64))

    def sample(self) -> tuple[Image, int]:
        """One crop and its class: a chosen emoji, another one, or no emoji at all."""
        kind = self.random.random()
        if kind < LETTERS_SHARE:
            return self.letters_alone(), OTHER
        if self.others and kind < LETTERS_SHARE + OTHERS_SHARE:
            return self.crop(self.random.choice(self.others)), OTHER
        label = self.random.choice(self.chosen)
        toned = label in self.toned and self.random.random() < TONED_SHARE
        return self.crop(self.random.choice((self.toned if toned else self.by_label)[label])), label

    def crop(self, drawing: Drawing, *, as_drawn: bool = False) -> Image:
        """One drawing in a new place, changed a little unless it is wanted `as_drawn`."""
        picture = drawing.picture if as_drawn else self.redrawn(drawing.picture)
        return self.place(picture, self.side(), self.ground())

    def redrawn(self, picture: Picture) -> Picture:
        """The picture turned, stretched and tinted a little, as another artist might have drawn it."""
        draw = self.random
        if draw.random() < 0.3:
            return picture
        turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), draw.gauss(0, 4), draw.uniform(0.92, 1.0))
        turn[0, :2] = turn[0, :2] * draw.uniform(0.95, 1.03) + np.array([0, draw.gauss(0, 0.04)])
        turned = cv2.warpAffine(picture, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        hsv = cv2.cvtColor(np.ascontiguousarray(turned[:, :, :3]), cv2.COLOR_BGR2HSV).astype(np.float32)
        hsv[:, :, 0] = (hsv[:, :, 0] + draw.gauss(0, 3)) % 180
        hsv[:, :, 1] *= draw.uniform(0.75, 1.25)
        hsv[:, :, 2] = 255 * (hsv[:, :, 2] / 255) ** draw.uniform(0.7, 1.4)
        tinted = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
        return np.dstack([tinted, turned[:, :, 3]])

    def side(self) -> int:
        """Pixels, small ones more often: steps look larger there."""
        return round(math.exp(self.random.uniform(math.log(SMALLEST), math.log(LARGEST))))

    def ground(self) -> tuple[int, int, int]:
        """The colour of the bubble."""
        if self.random.random() < 0.6:
            return self.random.choice(GROUNDS)
        if self.random.random() < 0.5:
            grey = self.random.randint(0, 255)
            return grey, grey, grey
        return self.random.randint(0, 255), self.random.randint(0, 255), self.random.randint(0, 255)

    def place(self, picture: Picture, side: int, ground: tuple[int, int, int]) -> Image:
        """The picture at `side` px on the ground with its neighbours, cut out as the runtime would."""
        draw = self.random
        small = resized(picture, side, draw.uniform(0.96, 1.04), draw.random() < 0.5)
        height, width = small.shape[:2]
        top, left = side // 2 + 2, side + 4
        canvas = np.empty((height + 2 * top, width + 2 * left, 3), np.uint8)
        canvas[:] = ground
        ink = (20, 20, 20) if sum(ground) > 360 else (235, 235, 235)
        if draw.random() < 0.1:
            ink = (draw.randint(0, 255), draw.randint(0, 255), draw.randint(0, 255))
        gap = max(0, round(side * draw.uniform(-0.02, 0.2)))
        for start in (left - gap, left + width + gap):
            if draw.random() < 0.6:
                self.neighbour(canvas, start, start < left, side, picture, ink)
        blend(canvas, small, left, top)
        canvas = self.worn(canvas)
        return self.cut(canvas, small[:, :, 3], left, top)

    def neighbour(
        self, canvas: Image, start: int, before: bool, side: int, picture: Picture, ink: tuple[int, int, int]
    ) -> None:
        """A letter, or the same emoji once more, that ends or begins at column `start`."""
        draw = self.random
        if draw.random() < 0.3:
            other = resized(picture, side, 1.0, False)
        else:
            mask = draw.choice(self.letters)
            rows = max(4, round(side * draw.uniform(0.7, 0.95)))
            columns = max(2, round(mask.shape[1] * rows / mask.shape[0]))
            opacity = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA)
            other = np.dstack([np.full((rows, columns, 3), ink, np.uint8), opacity])
        top = (canvas.shape[0] - other.shape[0]) // 2 + round(side * draw.uniform(-0.05, 0.08))
        blend(canvas, other, start - other.shape[1] if before else start, top)

    def worn(self, canvas: Image) -> Image:
        """The screenshot after blurring and compression."""
        draw = self.random
        if draw.random() < 0.2:
            canvas = np.asarray(cv2.GaussianBlur(canvas, (3, 3), draw.uniform(0.3, 0.9)), np.uint8)
        if draw.random() < 0.5:
            done, data = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, draw.randint(50, 95)])
            assert done
            canvas = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return canvas

    def cut(self, canvas: Image, opacity: NDArray[np.uint8], left: int, top: int) -> Image:
        """A square around what can be seen of the emoji, a little off."""
        draw = self.random
        columns = np.flatnonzero((opacity > 40).any(axis=0))
        rows = np.flatnonzero((opacity > 40).any(axis=1))
        if not rows.size:
            return canvas
        room = max(columns[-1] - columns[0], rows[-1] - rows[0]) + 1
        x = left + (columns[0] + columns[-1] + 1) / 2 + room * draw.gauss(0, 0.04)
        y = top + (rows[0] + rows[-1] + 1) / 2 + room * draw.gauss(0, 0.04)
        half = max(2.0, room * draw.uniform(0.94, 1.22) / 2)
        x0, y0 = max(0, round(x - half)), max(0, round(y - half))
        return canvas[y0 : max(y0 + 2, round(y + half)), x0 : max(x0 + 2, round(x + half))]

    def letters_alone(self) -> Image:
        """Where the line recogniser took letters for an emoji."""
        side, ground = self.side(), self.ground()
        canvas = np.empty((side, side, 3), np.uint8)
        canvas[:] = ground
        ink = (self.random.randint(0, 255), self.random.randint(0, 255), self.random.randint(0, 255))
        blank: Picture = np.zeros((SMALLEST, SMALLEST, 4), np.uint8)
        self.neighbour(canvas, round(side * self.random.uniform(0, 0.3)), False, side, blank, ink)
        return self.worn(canvas)


def resized(picture: Picture, side: int, aspect: float, sharp: bool) -> Picture:
    """The picture at `side` px, premultiplied while it is scaled so that no dark rim appears."""
    opacity = picture[:, :, 3:].astype(np.float32) / 255
    layers = np.concatenate([picture[:, :, :3] * opacity, opacity * 255], axis=2)
    shrinking = side < picture.shape[0]
    how = (cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC) if sharp else cv2.INTER_LINEAR
    if shrinking and not sharp:
        layers = cv2.GaussianBlur(layers, (0, 0), 0.35 * picture.shape[0] / side)
    scaled = cv2.resize(layers, (max(4, round(side * aspect)), side), interpolation=how)
    scaled = np.clip(scaled, 0, 255)
    seen = np.maximum(scaled[:, :, 3:], 1) / 255
    return np.dstack([np.clip(scaled[:, :, :3] / seen, 0, 255), scaled[:, :, 3]]).astype(np.uint8)


def blend(canvas: Image, picture: Picture, left: int, top: int) -> None:
    """Paint the picture over the canvas with its corner at (`left`, `top`); what lies outside is cut off."""
    height, width = canvas.shape[:2]
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(height, top + picture.shape[0]), min(width, left + picture.shape[1])
    if y1 <= y0 or x1 <= x0:
        return
    part = picture[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32)
    opacity = part[:, :, 3:] / 255
    under = canvas[y0:y1, x0:x1]
    canvas[y0:y1, x0:x1] = (part[:, :, :3] * opacity + under * (1 - opacity) + 0.5).astype(np.uint8)


def letter_masks() -> list[NDArray[np.uint8]]:
    """Letters as opacity, cut to their ink, from every family at hand."""
    masks = []
    for face in typefaces():
        font = ImageFont.truetype(str(face.regular), 48, index=face.number)
        for letter in LETTERS:
            drawn = Pictures.new("L", (72, 80))
            ImageDraw.Draw(drawn).text((8, 8), letter, font=font, fill=255)
            box = drawn.getbbox()
            if box is not None:
                masks.append(np.asarray(drawn.crop((box[0], 4, box[2], 72)), np.uint8))
    return masks
