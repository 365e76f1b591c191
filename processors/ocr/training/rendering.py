"""Draws one line as a screenshot shows it and cuts it out as the line finder would: the recogniser's training data.

Screen text is rendered, so this is not augmentation of photographs but the same process as on a phone: a font at a
size, hinted or not, resampled when the screenshot was scaled, recompressed when it was sent on.
"""

import math
import random
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from processors.ocr.engines.crops import HIGHEST, LOWEST, flatten_theme, scale_to_height
from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from processors.ocr.training.faces import Faces
from processors.ocr.training.fonts import emoji_sources
from processors.ocr.training.lettering import TextStyle, text_width
from processors.ocr.training.screens import Degraded, Pixels, resized, sent, subpixels

SMALLEST, USUAL, LARGEST, SPREAD = 8.0, 16.0, 54.0, 0.45
"""Ems in pixels: log-normal around the usual size."""
SMALL = (7.0, 12.5)
"""Ems of thumbnails and of small print, uniform."""
STRIPED = 0.2
"""Share of the drawings averaged down that are shown by the stripes of an LCD, as Windows shows letters."""
FARTHEST_INK = 40
"""Difference of a channel from the ground that counts as ink when the line's box is measured."""
WIDEST = 900
"""Columns, at 32 rows, of the longest line that is kept."""
# Grounds and inks of the messengers' light and dark themes; half of all lines have one of them.
_THEMES: tuple[tuple[Colour, Colour], ...] = (
    ((254, 229, 0), (25, 25, 25)), ((255, 255, 255), (25, 25, 25)), ((255, 255, 255), (0, 0, 0)),
    ((48, 48, 51), (235, 235, 235)), ((0, 122, 255), (255, 255, 255)), ((52, 199, 89), (255, 255, 255)),
    ((233, 233, 235), (0, 0, 0)), ((38, 38, 41), (255, 255, 255)), ((217, 253, 211), (17, 27, 33)),
    ((0, 92, 75), (233, 237, 239)), ((32, 44, 51), (233, 237, 239)), ((239, 255, 222), (0, 0, 0)),
    ((43, 82, 120), (255, 255, 255)), ((24, 37, 51), (245, 245, 245)), ((133, 230, 76), (0, 0, 0)),
    ((171, 193, 209), (50, 60, 70)), ((255, 255, 255), (140, 140, 144)), ((255, 255, 255), (45, 102, 178)),
    ((254, 229, 0), (45, 102, 178)), ((48, 48, 51), (110, 170, 240)), ((28, 28, 30), (140, 140, 144)),
    ((171, 193, 209), (86, 103, 118)), ((242, 243, 245), (60, 64, 67)), ((255, 236, 66), (60, 30, 30)),
)  # fmt: skip
_RESAMPLINGS = (cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)


class Rendering(NamedTuple):
    """What lines are drawn: as screenshots show them or, to find out what that is worth, not quite so.

    `small` is the share of looks that have SMALL ems whatever the usual sizes, `smallest` the least em else. Lines that
    are not `degraded` are drawn at their own size, and neither blurred nor recompressed; those not `flattened` keep
    their grey levels (black 0, white 1) instead of becoming ink on a ground of 0.
    """

    small: float = 0.0
    smallest: float = SMALLEST
    degraded: bool = True
    flattened: bool = True


AS_SHOWN = Rendering()


class Look(NamedTuple):
    """How a few lines in a row look. `style` is at the size of drawing, `scale` what the drawing is resized by,
    `striped` whether an LCD's stripes show it."""

    style: TextStyle
    scale: float
    resampling: int
    striped: bool
    ground: Colour
    ink: Colour


class Measured(NamedTuple):
    """The ink of the line itself, in pixels of the drawing: half-open box, and the baseline."""

    box: Rectangle
    baseline: float


class LineRenderer:
    """Draws lines; the same ones for the same seed, faces and texts."""

    def __init__(self, faces: Faces, seed: int, rendering: Rendering = AS_SHOWN) -> None:
        self.random = random.Random(seed)
        self.noise = np.random.default_rng(seed)
        self._faces = faces
        self._rendering = rendering
        self._emoji = tuple(emoji_sources()) or (None,)

    def look(self) -> Look:
        """A look at random."""
        draw = self.random
        weights, korean = zip(*self._faces.korean, strict=True)
        (face,) = draw.choices(korean, weights)
        em = min(LARGEST, max(self._rendering.smallest, draw.lognormvariate(math.log(USUAL), SPREAD)))
        if self._rendering.small and draw.random() < self._rendering.small:
            em = draw.uniform(*SMALL)
        size, resampling, striped = self._drawn_size(em)
        overlaid = self._faces.latin and draw.random() < 0.3
        tight = draw.random()
        style = TextStyle(
            face=face,
            size=size,
            latin=draw.choice(self._faces.latin) if overlaid else None,
            fallback=self._faces.fallback,
            spacing=draw.uniform(-0.07, 0.12) if tight < 0.12 else draw.uniform(-0.04, 0.02) if tight < 0.4 else 0.0,
            emoji=draw.choice(self._emoji),
        )
        ground, ink = draw.choice(_THEMES) if draw.random() < 0.5 else self._colours()
        return Look(style, em / size, resampling, striped, ground, ink)

    def render(self, text: str, look: Look, neighbour: str | None = None) -> Pixels | None:
        """The line as `encode` stores it, shape (32, width); None where it cannot be drawn or is too wide.

        `neighbour` is the text of the lines above and below, which peek into some crops.
        """
        found = self.crop(text, look, neighbour)
        if found is None:
            return None
        grey = self._squeeze(cv2.cvtColor(found, cv2.COLOR_BGR2GRAY).astype(np.float32))
        return encode(grey, flattened=self._rendering.flattened)

    def crop(self, text: str, look: Look, neighbour: str | None = None) -> Pixels | None:
        """The line as a line finder cuts it out of a screenshot: (height, width, 3), blue, green, red."""
        drawn = self._draw(text, look, neighbour)
        if drawn is None:
            return None
        image, measured = drawn
        image, moved = self._degrade(image, look)
        return self._cut(image, measured, look, moved)

    # ── drawing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _drawn_size(self, em: float) -> tuple[float, int, bool]:
        """The size a line of `em` pixels is drawn in: as it is, larger and averaged down, or at a screen's size and
        scaled as sent screenshots are. How it is scaled, and whether stripes of colour show it."""
        draw = self.random
        kind = draw.random() if self._rendering.degraded else 0.0
        if kind < 0.30:
            return float(round(em)), cv2.INTER_AREA, False
        if kind < 0.68:
            size = float(max(10, min(72, round(em * draw.choice((2, 3, 4))))))
            return size, cv2.INTER_AREA, size > em and draw.random() < STRIPED
        size = float(round(draw.uniform(18, 54)))
        return (size if em / size <= 1.6 else max(12.0, round(em * 0.7))), draw.choice(_RESAMPLINGS), False

    def _colours(self) -> tuple[Colour, Colour]:
        """Two colours of which one is at least 60 levels darker."""
        draw = self.random
        while True:
            ground, ink = (tuple(draw.randrange(256) for _ in range(3)) for _ in range(2))
            if draw.random() < 0.6:
                ink = (ink[0],) * 3
            if draw.random() < 0.4:
                ground = (ground[0],) * 3
            if abs(_luma(ground) - _luma(ink)) >= 60:
                return (ground[0], ground[1], ground[2]), (ink[0], ink[1], ink[2])

    def _draw(self, text: str, look: Look, neighbour: str | None) -> tuple[Image.Image, Measured] | None:
        draw, style = self.random, look.style
        size = style.size
        pad = size * 1.2 + 2
        width, height = round(text_width(text, style) + 2 * pad), round(size * 2.4)
        if width * 32 / (1.1 * size) > WIDEST + 400:
            return None
        baseline = float(round(size * 1.5))
        canvas = Canvas(self._ground(width, height, look))
        bare = canvas.image.copy()
        canvas.text(pad + (draw.random() if draw.random() < 0.5 else 0), baseline, text, style, look.ink)
        box = ink_box(canvas.image, bare)
        if box is None:
            return None
        self._surround(canvas, box, baseline, pad, look, neighbour)
        return canvas.image, Measured(box, baseline)

    def _ground(self, width: int, height: int, look: Look) -> Image.Image:
        kind = self.random.random()
        if kind >= 0.08:
            return Image.new("RGB", (width, height), look.ground)
        plane = np.broadcast_to(np.array(look.ground, np.float32), (height, width, 3))
        if kind < 0.05:
            steps = [
                np.linspace(-1, 1, length, dtype=np.float32) * self.random.uniform(-18, 18)
                for length in (height, width)
            ]
            plane = plane + steps[0][:, None, None] + steps[1][None, :, None]
        else:
            coarse = self.noise.normal(0, 14, (max(2, height // 8), max(2, width // 8))).astype(np.float32)
            plane = plane + cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]
        return Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8))

    def _surround(
        self, canvas: Canvas, box: Rectangle, baseline: float, pad: float, look: Look, neighbour: str | None
    ) -> None:
        """What stands around a line: the lines above and below, an underline, the edge of the bubble."""
        draw, size = self.random, look.style.size
        if neighbour and draw.random() < 0.16:
            pitch = size * draw.uniform(1.18, 1.6)
            for side in draw.choice(((1,), (-1,), (1, -1))):
                canvas.text(pad, baseline + side * round(pitch), neighbour, look.style, look.ink)
        if draw.random() < 0.04:
            top = baseline + max(1, round(size * draw.uniform(0.08, 0.16)))
            canvas.fill(Rectangle(box.left, top, box.right, top + max(1, round(size / 16))), look.ink)
        if draw.random() < 0.06:
            beyond = size * draw.uniform(0.35, 0.9)
            colour: Colour = (draw.randrange(256), draw.randrange(256), draw.randrange(256))
            if draw.random() < 0.5:
                canvas.fill(Rectangle(0, 0, box.left - beyond, canvas.height), colour)
            else:
                canvas.fill(Rectangle(box.right + beyond, 0, canvas.width, canvas.height), colour)

    # ── what happens to a screenshot on its way ────────────────────────────────────────────────────────────────────

    def _degrade(self, image: Image.Image, look: Look) -> Degraded:
        """The image as the screen and the way to us leave it."""
        plane = np.asarray(image)
        if look.striped:
            plane = subpixels(plane, 1 / look.scale)
        if look.scale != 1:
            plane = resized(plane, look.scale, look.resampling)
        if not self._rendering.degraded:
            return Degraded(Image.fromarray(plane), (0, 0))
        return sent(plane, self.random)

    def _cut(self, image: Image.Image, measured: Measured, look: Look, moved: tuple[int, int]) -> Pixels | None:
        """The crop of the line, as line finders cut: to its ink or to the line's nominal box, with margins."""
        draw, scale = self.random, look.scale
        em = look.style.size * scale
        left, right = (x * scale - moved[0] for x in (measured.box.left, measured.box.right))
        top, bottom, baseline = (
            y * scale - moved[1] for y in (measured.box.top, measured.box.bottom, measured.baseline)
        )
        if draw.random() < 0.5:
            top = min(top, baseline - 0.86 * em * draw.uniform(0.93, 1.03))
            bottom = max(bottom, baseline + 0.12 * em * draw.uniform(0.6, 1.3))
        if bottom - top < 0.8 * em:
            lacking, share = 0.8 * em - (bottom - top), draw.random()
            top, bottom = top - lacking * share, bottom + lacking * (1 - share)
        low, high = draw.choices(((-0.02, 0.12), (0.02, 0.28), (-0.05, 0.45)), (5, 4, 1))[0]
        wide = 0.5 if draw.random() < 0.85 else 1.0
        box = (
            max(0, math.floor(left - draw.uniform(-0.03, wide) * em)),
            max(0, round(top - draw.uniform(low, high) * em)),
            min(image.width, math.ceil(right + draw.uniform(-0.03, wide) * em)),
            min(image.height, round(bottom + draw.uniform(low, high) * em)),
        )
        if box[3] - box[1] < 5 or box[2] - box[0] < 3:
            return None
        return np.ascontiguousarray(np.asarray(image.convert("RGB").crop(box))[:, :, ::-1])

    def _squeeze(self, crop: NDArray[np.float32]) -> NDArray[np.float32]:
        """Some noise, and letters a little narrower or wider than their font has them."""
        draw = self.random
        if draw.random() < 0.05:
            crop = crop + self.noise.normal(0, draw.uniform(1, 6), crop.shape).astype(np.float32)
        if draw.random() < 0.5:
            width = max(3, round(crop.shape[1] * draw.uniform(0.93, 1.12)))
            crop = np.asarray(cv2.resize(crop, (width, crop.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
        return crop


def _luma(colour: tuple[int, ...]) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def ink_box(drawn: Image.Image, bare: Image.Image) -> Rectangle | None:
    """Where two images of one size differ by more than the softest edge of a letter; None where nowhere."""
    channels = ImageChops.difference(drawn, bare).split()
    apart = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    box = apart.point(lambda level: 255 * (level > FARTHEST_INK)).getbbox()
    return None if box is None else Rectangle(*map(float, box))


def encode(crop: NDArray[np.float32], *, flattened: bool = True) -> Pixels | None:
    """A grey crop as the recogniser sees it, before its width is changed, in bytes over the range of ink."""
    scaled = scale_to_height(crop, 32)
    if scaled.shape[1] > WIDEST:
        return None
    ink = flatten_theme(scaled) if flattened else scaled / 255
    return np.rint((ink - LOWEST) * (255 / (HIGHEST - LOWEST))).astype(np.uint8)


def decode(pixels: Pixels) -> NDArray[np.float32]:
    """What `encode` stored."""
    return pixels.astype(np.float32) * np.float32((HIGHEST - LOWEST) / 255) + np.float32(LOWEST)
