"""How far one screenshot is scrolled against another, told by the pictures alone.

A screenshot becomes a `RowSignature`: a strip of cells, one row of cells for each row of pixels, each cell holding
how much edge (text, bubble outline, picture detail) lies there. Flat colour and soft wallpaper leave a cell near
zero, so the strip looks alike in light and dark themes and survives JPEG. Two strips are slid over each other: a
Fourier correlation proposes shifts, and each proposal is checked cell by cell.

What stays in place while the conversation scrolls (title bar, input box, keyboard, a fixed wallpaper) agrees at shift
zero. Such cells are left out of every other shift, so no search for the header or the footer is needed, and a
translucent one only costs the few rows that it covers.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

COLUMNS = 24
"""Cells in a row. Fewer blur words into each other, more make JPEG noise visible."""

FLAT_EDGE = 12
"""Grey levels between neighbouring pixels that count as no edge: JPEG ringing and soft wallpapers stay below."""

TEXTURED = 40
"""Cell value from which a cell shows something. Values are 16 × the root of the mean edge, clipped to 255."""

MOST_IN_ROW = 8
"""Agreeing cells that count in one row: a straight edge across the screen is one fact, not two dozen."""

ENOUGH = 100.0
"""Agreeing cells less differing ones that prove a shift: about a line of text."""

ENOUGH_ROWS = 12.0
"""Rows over which they must spread."""

MOVING_IN_FOOTER = 8
"""Cells that stand still for each that does not in what is taken for a footer; a caret blinks."""

HIGHEST_FOOTER = 0.5
"""Share of the height that a footer takes at most, a keyboard with it."""

PROPOSALS = 6
"""Shifts that are checked cell by cell."""

LINE_ENERGY = 2e5
"""Energy of about a line of text, in squares of cell values."""

SAME_SHIFT = 4
"""Rows between two shifts that are one, found twice."""

MAXIMUM_ROWS = 1_000_000
"""Rows that a stored signature may claim to hold, so that a damaged one cannot ask for all memory."""

CONFIDENT = 0.5
"""`ImageAlignment.confidence` from which the shift may be relied on (see the merging benchmark)."""

_MAGIC = b"TSR1"
_HEADER = struct.Struct("<4sII")

Cells = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class RowSignature(msgspec.Struct, frozen=True):
    """The strip of one screenshot: `cells` is (height, COLUMNS) row by row, `width` and `height` are pixels of the
    image."""

    width: int
    height: int
    cells: bytes

    def array(self) -> Cells:
        """The cells as an array (height, COLUMNS)."""
        return np.frombuffer(self.cells, np.uint8).reshape(self.height, COLUMNS)

    def to_bytes(self) -> bytes:
        """A compressed form to store beside the screenshot; about 15 kB for 1080 × 2340."""
        return _HEADER.pack(_MAGIC, self.width, self.height) + zlib.compress(self.cells, 6)

    @staticmethod
    def from_bytes(data: bytes) -> "RowSignature":
        """The inverse of `to_bytes`. Raises ValueError where `data` is anything else."""
        if len(data) < _HEADER.size:
            raise ValueError("not a row signature: too short")
        magic, width, height = _HEADER.unpack_from(data)
        if magic != _MAGIC or not 0 < height <= MAXIMUM_ROWS:
            raise ValueError("not a row signature")
        size = height * COLUMNS
        inflater = zlib.decompressobj()
        try:
            cells = inflater.decompress(data[_HEADER.size :], size + 1)
        except zlib.error as error:
            raise ValueError("not a row signature: damaged") from error
        if len(cells) != size or not inflater.eof:
            raise ValueError("not a row signature: wrong length")
        return RowSignature(width, height, cells)


class Rows(NamedTuple):
    """Pixel rows from `top` up to, not including, `bottom`."""

    top: int
    bottom: int


class ImageAlignment(msgspec.Struct, frozen=True):
    """Row y of the second image shows what row y + `shift` of the first shows; positive where the second is further
    down.

    `confidence` is 0–1. `rows` are the rows of the first image in which both show the same, empty where nothing was
    found. `agreement` is the share of the detailed cells there that agree. `telling` are those of the rows in which
    something agrees that is more than an upright outline, in ascending order.
    """

    shift: int
    confidence: float
    rows: Rows
    agreement: float = 0.0
    telling: tuple[int, ...] = ()

    @property
    def confident(self) -> bool:
        return self.confidence >= CONFIDENT


NOT_ALIGNED = ImageAlignment(0, 0.0, Rows(0, 0))


def row_signature(image_bgr: NDArray[np.uint8]) -> RowSignature:
    """The signature of an image, (height, width, 3) uint8 in BGR or (height, width) grey.

    Raises ValueError for an empty image.
    """
    if image_bgr.ndim not in (2, 3) or image_bgr.size == 0:
        raise ValueError("an image of (height, width, 3) or (height, width) is needed")
    height, width = image_bgr.shape[:2]
    grey = image_bgr if image_bgr.ndim == 2 else cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)
    edge = np.zeros((height, width), np.uint8)
    if width > 1:
        edge[:, 1:] = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    if height > 1:
        edge[1:] = np.maximum(edge[1:], cv2.absdiff(grey[1:], grey[:-1]))
    edge = np.maximum(edge, FLAT_EDGE) - FLAT_EDGE
    mean = cv2.resize(edge.astype(np.float32), (COLUMNS, height), interpolation=cv2.INTER_AREA)
    # A picture made smaller after the capture scrolls by fractions of a row; without blur half a row off looks like
    # another text.
    mean = cv2.GaussianBlur(mean, (1, 5), 0)
    cells = np.minimum(16.0 * np.sqrt(mean), 255.0).astype(np.uint8)
    return RowSignature(width, height, cells.tobytes())


def align(
    first: RowSignature, second: RowSignature, first_rows: Rows | None = None, second_rows: Rows | None = None
) -> ImageAlignment:
    """The shift between two screenshots, in pixels of the first.

    `first_rows` and `second_rows` say in which rows the conversation scrolls, where that is known (Extraction.top and
    bottom); a bound that is a little off does no harm. Images of different widths are brought to the width of the
    first.
    """
    left, right = first.array(), second.array()
    scale = first.width / second.width
    if not 0.4 < scale < 2.5:
        return NOT_ALIGNED
    if scale != 1.0:
        right = _rescaled(right, scale, left)
    left_rows = _clipped(first_rows, 1.0, left.shape[0])
    right_rows = _clipped(second_rows, scale, right.shape[0])
    if left_rows.bottom - left_rows.top < 8 or right_rows.bottom - right_rows.top < 8:
        return NOT_ALIGNED

    static = _static_cells(left, right)
    same = _in_place(left, right, left_rows, right_rows)
    if same is not None:
        return same
    left_live = _live(left, static, left_rows)
    right_live = _live(right, static, right_rows)
    proposed = _proposals(left, right, left_live, right_live, (left_rows, right_rows))
    around = (-2, -1, 0, 1, 2) if scale != 1.0 else (-1, 0, 1)
    checked = [_check(left, right, left_live, right_live, shift + step) for shift in proposed for step in around]
    bounded = first_rows is not None and second_rows is not None
    return _decide([check for check in checked if check is not None], bounded)


def agreement_at(
    first: RowSignature, second: RowSignature, shifts: Sequence[int], rows: Sequence[Rows | None]
) -> float:
    """The share, 0-1, of the detail of two images of one width that agrees at the best of some shifts, in pixels, each
    taken to be off by up to 3; 1 where there is too little to tell.

    `rows` are those of both images in which the conversation scrolls.
    """
    left, right = first.array(), second.array()
    static = _static_cells(left, right)
    left_live = _live(left, static, _clipped(rows[0], 1.0, left.shape[0]))
    right_live = _live(right, static, _clipped(rows[1], 1.0, right.shape[0]))
    near = sorted({shift + step for shift in shifts for step in range(-3, 4)})
    checks = [_check(left, right, left_live, right_live, shift) for shift in near]
    telling = [(one.overlap_agreeing, one.overlap_differing) for one in checks if one is not None]
    if not telling or max(agreeing + differing for agreeing, differing in telling) < ENOUGH:
        return 1.0
    return max(agreeing / max(1.0, agreeing + differing) for agreeing, differing in telling)


def fixed_footer(first: RowSignature, second: RowSignature) -> int | None:
    """The row from which on two images of one size show the same down to their end, be the conversation scrolled or
    not, None where there is no such row."""
    left, right = first.array(), second.array()
    if left.shape != right.shape or first.width != second.width:
        return None
    static = _static_cells(left, right)
    detailed = (left > TEXTURED) | (right > TEXTURED)
    moving = np.count_nonzero(detailed & ~static, axis=1)
    standing = np.count_nonzero(static, axis=1)
    sums = np.cumsum((standing - MOVING_IN_FOOTER * moving)[::-1])
    best = int(np.argmax(sums))
    if sums[best] < ENOUGH or best >= HIGHEST_FOOTER * len(left):
        return None
    return len(left) - 1 - best


class _Check(NamedTuple):
    """One proposed shift: cells that agree and differ in the best run of rows, and the same over the whole overlap."""

    shift: int
    rows: Rows
    agreeing: float
    differing: float
    overlap_agreeing: float
    overlap_differing: float
    telling: tuple[int, ...]


def _clipped(rows: Rows | None, scale: float, height: int) -> Rows:
    if rows is None:
        return Rows(0, height)
    return Rows(max(0, round(rows.top * scale)), min(height, round(rows.bottom * scale)))


def _rescaled(cells: Cells, scale: float, like: Cells) -> Cells:
    """Brings a strip to another image width. Shrinking sharpens edges, so the level of detail is matched as well."""
    height = max(1, round(cells.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(cells, (COLUMNS, height), interpolation=method).astype(np.float32)
    detailed, wanted = resized[resized > TEXTURED], like[like > TEXTURED]
    if detailed.size and wanted.size:
        resized *= float(np.mean(wanted)) / float(np.mean(detailed))
    return np.minimum(resized, 255.0).astype(np.uint8)


def _agree(left: Cells, right: Cells) -> Mask:
    """Whether cells show the same, within what JPEG and resampling change."""
    larger = np.maximum(left, right)
    return np.asarray(cv2.absdiff(left, right) <= 12 + np.right_shift(larger, 3))


def _static_cells(left: Cells, right: Cells) -> Mask:
    """Detailed cells that agree at shift zero over at least a dozen rows, (common height, COLUMNS)."""
    height = min(left.shape[0], right.shape[0])
    top, bottom = left[:height], right[:height]
    detailed = (top > TEXTURED) | (bottom > TEXTURED)
    agreeing = (_agree(top, bottom) & detailed).astype(np.float32)
    window = (1, 25)
    share = cv2.blur(agreeing, window) / (cv2.blur(detailed.astype(np.float32), window) + 1e-6)
    return np.asarray(detailed & (share > 0.85))


def _in_place(left: Cells, right: Cells, left_rows: Rows, right_rows: Rows) -> ImageAlignment | None:
    """Alignment at shift zero, where nearly everything that either image shows is the same."""
    rows = Rows(max(left_rows.top, right_rows.top), min(left_rows.bottom, right_rows.bottom))
    if rows.bottom - rows.top < 8:
        return None
    top, bottom = left[rows.top : rows.bottom], right[rows.top : rows.bottom]
    detailed = (top > TEXTURED) | (bottom > TEXTURED)
    total = int(np.count_nonzero(detailed))
    share = int(np.count_nonzero(_agree(top, bottom) & detailed)) / total if total else 0.0
    return ImageAlignment(0, share, rows, share) if total >= 60 and share >= 0.9 else None


def _live(cells: Cells, static: Mask, rows: Rows) -> Mask:
    """Cells that may speak about the scrolling: inside `rows` and not standing still."""
    live = np.zeros(cells.shape, np.bool_)
    live[rows.top : rows.bottom] = True
    live[: static.shape[0]] &= ~static
    return live


def _proposals(left: Cells, right: Cells, left_live: Mask, right_live: Mask, rows: tuple[Rows, Rows]) -> list[int]:
    """Shifts worth checking: where the two strips correlate best for what there is to correlate.

    The correlation at a shift is divided by the mean energy of both strips in their overlap, so what differs counts
    against it, and by a line of text on top, so that a sliver of overlap does not win by chance.
    """
    (left_top, left_bottom), (right_top, right_bottom) = rows
    first = _sharpened(left[left_top:left_bottom], left_live[left_top:left_bottom])
    second = _sharpened(right[right_top:right_bottom], right_live[right_top:right_bottom])
    length = cv2.getOptimalDFTSize(len(first) + len(second))
    spectrum = np.fft.rfft(first, length, axis=0) * np.conj(np.fft.rfft(second, length, axis=0))
    correlation = np.fft.irfft(spectrum.sum(axis=1), length)
    lags = np.arange(-len(second) + 1, len(first))
    start, stop = np.maximum(lags, 0), np.minimum(len(first), len(second) + lags)
    energy = _sums(first)[stop] - _sums(first)[start] + _sums(second)[stop - lags] - _sums(second)[start - lags]
    score = correlation[lags % length] / (0.5 * energy + LINE_ENERGY)
    chosen: list[int] = []
    for _ in range(PROPOSALS):
        peak = int(np.argmax(score))
        if score[peak] <= 0:
            break
        chosen.append(int(lags[peak]) + left_top - right_top)
        score[max(0, peak - SAME_SHIFT) : peak + SAME_SHIFT + 1] = -1.0
    return chosen


def _sharpened(cells: Cells, live: Mask) -> NDArray[np.float32]:
    """Live detail without its slow part: the comb of lines in one column of text must not match any other's."""
    detail = np.where(live & (cells > TEXTURED), cells, 0).astype(np.float32)
    return np.asarray(detail - cv2.blur(detail, (1, 61)), np.float32)


def _sums(strip: NDArray[np.float32]) -> NDArray[np.float64]:
    """Energy of the rows before each row."""
    return np.concatenate(([0.0], np.cumsum(np.einsum("ij,ij->i", strip, strip, dtype=np.float64))))


def _check(left: Cells, right: Cells, left_live: Mask, right_live: Mask, shift: int) -> _Check | None:
    """Compares both strips cell by cell at `shift`."""
    start, stop = max(0, shift), min(left.shape[0], right.shape[0] + shift)
    if stop - start < 24:
        return None
    top, bottom = left[start:stop], right[start - shift : stop - shift]
    live = left_live[start:stop] & right_live[start - shift : stop - shift]
    detailed = ((top > TEXTURED) | (bottom > TEXTURED)) & live
    agreeing = _agree(top, bottom) & detailed
    # Upright outlines agree along their whole length and prove little; only cells unlike the one three rows above
    # count.
    telling = np.zeros_like(detailed)
    telling[3:] = cv2.absdiff(top[3:], top[:-3]) > 16
    good = np.minimum(np.count_nonzero(agreeing & telling, axis=1), MOST_IN_ROW).astype(np.float64)
    bad = np.count_nonzero(detailed & ~agreeing, axis=1).astype(np.float64)
    begin, end = _best_run(good - bad)
    return _Check(
        shift,
        Rows(start + begin, start + end),
        float(good[begin:end].sum()),
        float(bad[begin:end].sum()),
        float(good.sum()),
        float(bad.sum()),
        tuple((start + begin + np.flatnonzero(good[begin:end])).tolist()),
    )


def _best_run(values: NDArray[np.float64]) -> tuple[int, int]:
    """The half-open range with the largest sum."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    begin = int(np.argmax(sums[: end + 1] == lowest[end]))
    return begin, end


def _decide(checks: list[_Check], bounded: bool) -> ImageAlignment:
    """The best checked shift, trusted by how much agrees, how little differs, and how far the next best lies behind.

    Where the scrolling rows are known (`bounded`) all of the overlap must agree, or a picture or phrase that was sent
    twice would pass for one that is seen twice. Without them the overlap may reach into headers and keyboards.
    """
    ranked = sorted(((_quality(check, bounded), check) for check in checks), key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] <= 0:
        return NOT_ALIGNED
    quality, best = ranked[0]
    rival = max((other for other, check in ranked[1:] if abs(check.shift - best.shift) > SAME_SHIFT), default=0.0)
    confidence = min(1.0, quality / ENOUGH, len(best.telling) / ENOUGH_ROWS) * min(1.0, 1.6 * (1.0 - rival / quality))
    agreement = best.agreeing / (best.agreeing + best.differing)
    return ImageAlignment(best.shift, confidence, best.rows, agreement, best.telling)


def _quality(check: _Check, bounded: bool) -> float:
    """Agreeing cells over differing ones in the best run, less where the rest of the overlap says otherwise."""
    net = check.agreeing - check.differing
    if net <= 0:
        return 0.0
    if bounded:
        share = check.overlap_agreeing / (check.overlap_agreeing + check.overlap_differing)
        return net * min(1.0, max(0.0, (share - 0.3) / 0.35))
    share = check.agreeing / (check.agreeing + check.differing)
    return net * min(1.0, max(0.0, (share - 0.6) / 0.3))
