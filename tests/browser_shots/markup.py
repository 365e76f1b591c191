"""Pieces of HTML that every chat app has: letters, avatars, pictures, signs, and the marks from which truth is read."""

import base64
import random
import re
from html import escape

from tests.browser_shots.turns import Turn

SIGNS = {
    "back": '<path d="M15 4 7 12l8 8"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "menu": '<path d="M3.5 6h17M3.5 12h17M3.5 18h17"/>',
    "dots": '<g fill="currentColor"><circle cx="12" cy="5" r="1.4"/><circle cx="12" cy="12" r="1.4"/>'
    '<circle cx="12" cy="19" r="1.4"/></g>',
    "plus": '<path d="M12 4v16M4 12h16"/>',
    "smile": '<circle cx="12" cy="12" r="9"/><path d="M8 14.5c2 3 6 3 8 0M9 9.5v.6M15 9.5v.6"/>',
    "mic": '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5c0 8 13 8 13 0M12 18v3"/>',
    "camera": (
        '<rect x="3" y="7" width="18" height="13" rx="3"/><circle cx="12" cy="13.5" r="3.6"/>'
        '<path d="M8 7l1.5-3h5L16 7"/>'
    ),
    "call": (
        '<path d="M5 3.5c2 0 4 .5 4 4l-2 2.6c1.4 3 3.6 5.3 6.8 6.9l2.7-2c3.5 0 4 2 4 4-3 4.5-17.5-3.5-15.5-15.5z"/>'
    ),
    "video": '<rect x="2.5" y="6" width="13" height="12" rx="2.5"/><path d="m15.5 11 6-3.5v9l-6-3.5"/>',
    "clip": '<path d="m8 12.5 6-6c2.5-2.5 6 1 3.5 3.5l-8 8c-4 4-9-1.5-5-5.5l7-7"/>',
    "send": '<path d="M3 11.5 21 4l-6 17-4-7.5z"/>',
    "down": '<path d="m6 9 6 6 6-6"/>',
    "share": '<path d="M13 5 20 11l-7 6v-4c-5 0-8 2-9 5 0-6 4-9 9-9.5z"/>',
    "bell": '<path d="M6 17V11c0-8 12-8 12 0v6l1.5 1.5h-15z"/><path d="M10 20.5h4"/>',
    "pin": '<path d="M9 3.5h6l-1 7 3 3H7l3-3zM12 13.5V21"/>',
    "hash": '<path d="M9 3 7 21M17 3l-2 18M4 8.5h17M3 15.5h17"/>',
    "sent": '<path d="m3 13 4.5 4.5L17 7"/>',
    "read": '<path d="m1.5 13 4.5 4.5L15 7M10.5 17.2 22 7"/>',
    "image": '<rect x="3" y="4" width="18" height="16" rx="2.5"/><path d="m3 17 5-5 4 4 4-5 5 6"/>',
    "close": '<path d="M5 5l14 14M19 5 5 19"/>',
}


HANDLE = "haneul.k"
"""The reader's own name where it is shown like everybody's."""


def sign(name: str, size: float = 22, kind: str = "") -> str:
    """A small drawing in the colour of the letters around it."""
    return (
        f'<svg class="sign {kind}" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" '
        f'stroke="currentColor" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">{SIGNS[name]}</svg>'
    )


def colour(rng: random.Random, lightness: int = 60) -> str:
    """Any hue."""
    return f"hsl({rng.randint(0, 359)} {rng.randint(25, 65)}% {lightness + rng.randint(-12, 12)}%)"


def picture(width: float, height: float, seed: int, kind: str = "") -> str:
    """A photo of `width` by `height` CSS px: sky, hills, a sun and some grain; or things on a table."""
    rng = random.Random(f"picture/{seed}")
    hills = "".join(
        f'<path fill="{colour(rng, 45)}" d="M0 {40 + 12 * n} Q {rng.randint(10, 40)} {20 + 12 * n} 50 {38 + 12 * n} '
        f'T 100 {36 + 12 * n} V 100 H 0 Z"/>'
        for n in range(rng.randint(1, 4))
    )
    spots = "".join(
        f'<circle cx="{rng.randint(0, 100)}" cy="{rng.randint(0, 100)}" r="{rng.randint(3, 16)}" fill="{colour(rng)}" '
        f'opacity="{rng.uniform(0.4, 1):.2f}"/>'
        for _ in range(rng.randint(2, 9))
    )
    return (
        f'<svg class="picture {kind}" width="{width}" height="{height}" viewBox="0 0 100 100" '
        f'preserveAspectRatio="none">'
        f'<defs><linearGradient id="sky{seed}" x2="0" y2="1"><stop stop-color="{colour(rng, 55)}"/>'
        f'<stop offset="1" stop-color="{colour(rng, 75)}"/></linearGradient>'
        f'<filter id="grain{seed}"><feTurbulence baseFrequency="0.9" numOctaves="2" seed="{seed % 997}"/>'
        f'<feColorMatrix values="0 0 0 0 0.5 0 0 0 0 0.5 0 0 0 0 0.5 0 0 0 0.35 0"/></filter></defs>'
        f'<rect width="100" height="100" fill="url(#sky{seed})"/>{hills}{spots}'
        f'<rect width="100" height="100" filter="url(#grain{seed})"/></svg>'
    )


def avatar(name: str, size: float, kind: str = "") -> str:
    """A sender's picture: a photo, or an initial on a colour."""
    rng = random.Random(f"avatar/{name}")
    if rng.random() < 0.6:
        return f'<span class="avatar {kind}">{picture(size, size, rng.getrandbits(30))}</span>'
    return (
        f'<span class="avatar {kind}" '
        f'style="width:{size}px;height:{size}px;background:{colour(rng)};line-height:{size}px;'
        f'font-size:{size * 0.45}px">{escape(name[:1])}</span>'
    )


def letters(text: str) -> str:
    """A message's letters with its addresses set off as links."""
    pieces = re.split(r"(\s+)", text)
    return "".join(
        f'<a class="link">{escape(piece)}</a>' if re.match(r"https?://|www\.", piece) else escape(piece)
        for piece in pieces
    )


def marks(turn: Turn, *, named: bool, timed: bool, unsided: bool = False, bare: bool = False) -> str:
    """The attributes by which `measure.js` finds a message. `named` and `timed`: its sender and its time are shown;
    `unsided`: its place does not tell who wrote it; `bare`: it has no ground of its own."""
    said = turn.said
    values = {
        "message": str(said.index),
        "speaker": "interlocutor" if unsided else said.speaker,
        "sender": said.sender or (HANDLE if unsided else ""),
        "named": "yes" if named else "",
        "time": turn.time,
        "timed": "yes" if timed else "",
        "kind": said.kind,
        "bare": "yes" if bare else "",
    }
    return " ".join(f'data-{key}="{escape(value)}"' for key, value in values.items())


def text(turn: Turn) -> str:
    """The text of a message, marked as such."""
    return f'<span class="text" data-text>{letters(turn.said.text)}</span>'


def background(svg: str) -> str:
    """An SVG drawing as a CSS image."""
    return f"url(data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def doodles(ink: str, seed: int, size: int = 240) -> str:
    """A tile of line drawings, as messengers paper their rooms with."""
    rng = random.Random(f"doodles/{seed}")
    drawn = "".join(
        f'<g transform="translate({rng.randint(0, size - 24)} {rng.randint(0, size - 24)}) '
        f"rotate({rng.randint(-40, 40)} 12 12) "
        f'scale({rng.uniform(0.7, 1.3):.2f})">{rng.choice(list(SIGNS.values()))}</g>'
        for _ in range(34)
    )
    return background(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" fill="none" stroke="{ink}" '
        f'stroke-width="1.3" color="{ink}">{drawn}</svg>'
    )
