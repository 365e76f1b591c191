"""The strip that shows a new message over the last rows of a conversation that was scrolled up. It is no message."""

from processors.ocr.elements import Element
from processors.ocr.engines.port import Box
from processors.ocr.frames import Edges
from processors.ocr.planes import inside

FROM, TO = 0.08, 0.9
"""Share of the width within which both edges of the strip are straight: no bubble reaches so far to both sides."""

LOWEST_SHARE, HIGHEST_SHARE = 0.06, 0.13
"""The strip holds one line: its height as a share of the width."""

GAP_SHARE = 0.08
"""It ends within this share of the width above the end of the conversation."""

WHOLE_EDGE = 0.95
BROKEN_EDGE = 0.6
"""Shares of its edges that are seen: it lets bubbles shine through, and those hide a part of one edge."""

EDGE_ROWS = 6
"""Rows above the end of the conversation that show its own edge."""

COVERED = 0.8


def find_preview(edges: Edges, end: int, width: int) -> Box | None:
    """The strip above the row `end` of a conversation of this width (px of the reduced image); None where there is
    none."""
    columns = slice(round(FROM * width), round(TO * width))
    lowest, highest = round(LOWEST_SHARE * width), round(HIGHEST_SHARE * width)
    first = max(0, end - round(GAP_SHARE * width) - highest)
    shares = {row: edges.level_share(row, columns) for row in range(first, end - EDGE_ROWS)}
    drawn = [row for row, share in shares.items() if share >= BROKEN_EDGE]
    pairs = [
        (bottom - top, top, bottom)
        for top in drawn
        for bottom in drawn
        if lowest <= bottom - top <= highest
        and end - bottom <= GAP_SHARE * width
        and max(shares[top], shares[bottom]) >= WHOLE_EDGE
    ]
    if not pairs:
        return None
    # The edge of the conversation or of its last bubble may be near: the narrowest strip is the one.
    _, top, bottom = min(pairs)
    return Box(0, top - 2, width, bottom + 3)


def without_preview(elements: list[Element], edges: Edges, end: int, width: int) -> list[Element]:
    """The elements without those that are the strip or a part of it over its whole height."""
    strip = find_preview(edges, end, width)
    if strip is None:
        return elements
    return [e for e in elements if inside(e.box, strip) < COVERED or e.box.height < COVERED * (strip.height - 4)]
