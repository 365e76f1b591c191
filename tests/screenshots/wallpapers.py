"""Pictures without a camera: wallpapers, photos, avatars and the palettes of picture themes, all from a seed."""

import colorsys
import random
from typing import Literal

import msgspec
import numpy as np
from PIL import Image, ImageFilter

from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from tests.screenshots.looks import Look
from tests.screenshots.palettes import Palette


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """`a` with `share` (0–1) of `b`."""
    red, green, blue = (round(x * (1 - share) + y * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def hue(
    rng: random.Random, saturation: tuple[float, float] = (0.25, 0.7), value: tuple[float, float] = (0.5, 0.95)
) -> Colour:
    """Any colour of the given saturation and value (0–1)."""
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value))
    return round(red * 255), round(green * 255), round(blue * 255)


def brightness(colour: Colour) -> float:
    """Luma 0–255 (ITU-R BT.601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def gradient(width: int, height: int, colours: tuple[Colour, ...], rng: random.Random) -> Image.Image:
    """Colours blended along a slanted axis."""
    slant = rng.uniform(-0.8, 0.8)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    along = down / max(1, height) + slant * across / max(1, width)
    along = (along - along.min()) / max(1e-6, float(along.max() - along.min()))
    stops = np.linspace(0, 1, len(colours))
    channels = [np.interp(along, stops, [colour[channel] for colour in colours]) for channel in range(3)]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


PhotoStyle = Literal["hills", "lights", "things"]


def photo(width: int, height: int, rng: random.Random, *styles: PhotoStyle) -> Image.Image:
    """Something like a photo: a sky and hills, lights out of focus, or a table with things, with a camera's grain."""
    small_width, small_height = max(8, width // 3), max(8, height // 3)
    canvas = Canvas(gradient(small_width, small_height, (hue(rng), hue(rng), hue(rng)), rng))
    style = rng.choice(styles or ("hills", "lights", "things"))
    if style == "hills":
        for layer in range(3):
            level = small_height * (0.45 + 0.18 * layer)
            ridge = [(x, level + rng.uniform(-0.09, 0.09) * small_height) for x in np.linspace(-5, small_width + 5, 9)]
            canvas.polygon(
                [*ridge, (small_width + 5, small_height + 5), (-5, small_height + 5)], hue(rng, value=(0.2, 0.6))
            )
    else:
        for _ in range(rng.randint(7, 22)):
            x, y, size = (
                rng.uniform(0, small_width),
                rng.uniform(0, small_height),
                rng.uniform(0.03, 0.22) * small_width,
            )
            if style == "lights":
                canvas.circle(x, y, size, hue(rng, value=(0.7, 1)), 0.45)
            else:
                canvas.rounded(Rectangle(x - size, y - size / 2, x + size, y + size / 2), size / 3, hue(rng), 0.9)
    soft = canvas.image.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 3)))
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 6), (small_height, small_width, 1))
    noisy = np.clip(np.asarray(soft, dtype=np.float32) + grain, 0, 255).astype(np.uint8)
    return Image.fromarray(noisy).resize((width, height), Image.Resampling.BICUBIC)


def doodles(
    width: int, height: int, ground: Image.Image, ink: Colour, opacity: float, scale: float, rng: random.Random
) -> Image.Image:
    """Line drawings strewn over a ground, as WhatsApp and Telegram have them."""
    canvas = Canvas(ground)
    tile = Image.new("L", (round(180 * scale), round(180 * scale)))
    board = Canvas(tile.convert("RGB"))
    for _ in range(26):
        x, y, size = rng.uniform(0, 180) * scale, rng.uniform(0, 180) * scale, rng.uniform(6, 15) * scale
        shape = rng.choice(("circle", "zigzag", "box"))
        if shape == "circle":
            board.outline(Rectangle(x - size, y - size, x + size, y + size), size, 1.1 * scale, (255, 255, 255))
        elif shape == "box":
            board.outline(
                Rectangle(x - size, y - size * 0.7, x + size, y + size * 0.7), 3 * scale, 1.1 * scale, (255, 255, 255)
            )
        else:
            points = [(x + i * size * 0.5, y + (size * 0.5 if i % 2 else 0)) for i in range(5)]
            board.stroke(points, 1.1 * scale, (255, 255, 255))
    mask = board.image.convert("L")
    for left in range(0, width, mask.width):
        for top in range(0, height, mask.height):
            canvas.cover(mask, left, top, ink, opacity)
    return canvas.image


def wallpaper(look: Look, width: int, height: int, scale: float, rng: random.Random) -> Image.Image:
    """What lies behind the conversation, as large as the screen. It does not scroll."""
    palette = look.palette
    if look.theme == "picture":
        kind = rng.choice(("photo", "gradient", "doodles", "flat"))
        if kind == "photo":
            # Who paints a theme keeps its picture in the tone on which its bubbles and names can be told.
            picture = photo(width, height, rng, "hills", "lights")
            return Image.blend(picture, Image.new("RGB", picture.size, palette.background), rng.uniform(0.5, 0.75))
        if kind == "gradient":
            return gradient(width, height, (palette.background, mixed(palette.background, palette.other, 0.4)), rng)
        ground = Image.new("RGB", (width, height), palette.background)
        ink = mixed(palette.background, (0, 0, 0) if brightness(palette.background) > 128 else (255, 255, 255), 0.4)
        return doodles(width, height, ground, ink, 0.3, scale, rng) if kind == "doodles" else ground
    ground = Image.new("RGB", (width, height), palette.background)
    if look.messenger == "WhatsApp":
        ink = (0, 0, 0) if look.theme == "light" else (255, 255, 255)
        return doodles(width, height, ground, ink, 0.05 if look.theme == "light" else 0.03, scale, rng)
    if look.messenger == "Telegram":
        if look.theme == "light":
            ground = gradient(width, height, ((219, 221, 187), (107, 165, 135), (213, 216, 141), (136, 184, 132)), rng)
            return doodles(width, height, ground, (60, 110, 60), 0.18, scale, rng)
        return doodles(width, height, ground, (90, 120, 150), 0.12, scale, rng)
    return ground


def picture_palette(base: Palette, rng: random.Random) -> Palette:
    """The colours of a theme somebody painted: any background, bubbles in two clearly different colours, inks that
    can be read on them."""
    background = hue(rng, (0.1, 0.6), (0.3, 0.98))
    own = hue(rng, (0.15, 0.75), (0.45, 1.0))
    other = rng.choice(((255, 255, 255), (250, 246, 238), (45, 45, 50), hue(rng, (0.05, 0.4), (0.75, 1.0))))
    # A theme in which bubbles cannot be told from the background is not one that people use.
    while sum(abs(a - b) for a, b in zip(own, background, strict=True)) < 110:
        own = hue(rng, (0.15, 0.75), (0.45, 1.0))
    while sum(abs(a - b) for a, b in zip(other, background, strict=True)) < 110:
        background = hue(rng, (0.1, 0.6), (0.3, 0.98))
        if sum(abs(a - b) for a, b in zip(own, background, strict=True)) < 110:
            background = mixed(background, (20, 20, 30) if brightness(own) > 128 else (250, 250, 250), 0.7)

    def ink(on: Colour) -> Colour:
        return (30, 28, 32) if brightness(on) > 140 else (250, 250, 250)

    quiet = mixed(ink(background), background, 0.2)
    return msgspec.structs.replace(
        base,
        background=background,
        own=own,
        own_ink=ink(own),
        other=other,
        other_ink=ink(other),
        stamp=quiet,
        name=quiet,
        link=(40, 90, 200) if brightness(other) > 140 else (140, 190, 255),
        bar=mixed(background, (255, 255, 255), 0.1),
        bar_ink=ink(background),
    )


def avatar(size: int, rng: random.Random) -> Image.Image:
    """A profile picture: a photo, or a head on a flat colour."""
    if rng.random() < 0.5:
        return photo(max(8, size), max(8, size), rng)
    canvas = Canvas(Image.new("RGB", (size, size), hue(rng, (0.2, 0.5), (0.6, 0.9))))
    light = (255, 255, 255)
    canvas.circle(size / 2, size * 0.4, size * 0.18, light)
    canvas.circle(size / 2, size * 0.95, size * 0.34, light)
    return canvas.image
