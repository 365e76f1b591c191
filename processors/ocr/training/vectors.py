"""Emoji that come as vector drawings: Iconify's collections on npm, one JSON file a set, named by CLDR short name."""

import functools
import importlib.util
import io
from pathlib import Path

import msgspec
from PIL import Image

SIDE = 96
"""Pixels at which a vector drawing is painted; it is scaled from there."""
NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
NAMES = "fluent-emoji-flat/chars.json"
"""The only collection at hand that says which code points its names stand for; the others use the same names."""


class Icon(msgspec.Struct, frozen=True):
    """The inside of an SVG picture, with its own size where that differs from the collection's."""

    body: str
    width: int | None = None
    height: int | None = None


class Icons(msgspec.Struct, frozen=True):
    """icons.json of a collection."""

    icons: dict[str, Icon]
    width: int = 16
    height: int = 16


def can_paint() -> bool:
    """Whether the painter of vector drawings is installed (PyPI resvg-py, in the extra `train`)."""
    return importlib.util.find_spec("resvg_py") is not None


@functools.cache
def load_icons(path: Path) -> Icons:
    """A collection. Raises `msgspec.ValidationError` where the file is none."""
    return msgspec.json.decode(path.read_bytes(), type=Icons)


@functools.cache
def load_names(path: Path) -> dict[str, str]:
    """From code points, as `emoji_name` writes them, to the names of icons."""
    names = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return {"-".join(p.lstrip("0") for p in points.split("-") if p != "fe0f"): name for points, name in names.items()}


def painted(icons: Path, name: str) -> Image.Image | None:
    """The emoji of that `emoji_name` (RGBA, 96 × 96 px); None where the collection at `icons` lacks it."""
    import resvg_py

    collection = load_icons(icons)
    icon = collection.icons.get(load_names(icons.parent.parent / NAMES).get(name, ""))
    if icon is None:
        return None
    width, height = icon.width or collection.width, icon.height or collection.height
    svg = f'<svg {NAMESPACES} viewBox="0 0 {width} {height}">{icon.body}</svg>'
    png = resvg_py.svg_to_bytes(svg_string=svg, width=SIDE, height=SIDE, skip_system_fonts=True)
    with Image.open(io.BytesIO(bytes(png))) as opened:
        return opened.convert("RGBA")
