"""What was read in a bubble and around it, put together: its text, its sender, its time."""

import cv2

from processors.ocr import words
from processors.ocr.colours import apart_from, medians
from processors.ocr.engines.port import Box, Image, RegionLine, RegionText
from processors.ocr.layout import Candidate
from processors.ocr.surroundings import Surroundings, usual_pitch

LEGIBLE = 0.5
"""Mean confidence from which a text was read."""


def join_lines(lines: tuple[RegionLine, ...]) -> str:
    """The lines as shown; where a line's place is left free, an empty line."""
    pitch = usual_pitch([line.box.top for line in lines])
    parts: list[str] = []
    for i, line in enumerate(lines):
        if i and pitch and line.box.top - lines[i - 1].box.top > 1.7 * pitch and len(lines) > 2:
            parts.append("")
        parts.append(line.recognition.text)
    return "\n".join(parts).strip()


def weighted_confidence(lines: tuple[RegionLine, ...]) -> float:
    """Mean confidence of the lines, weighted by their length; 0 for no lines."""
    total = sum(len(line.recognition.text) for line in lines)
    if total == 0:
        return 0.0
    return sum(line.recognition.confidence * len(line.recognition.text) for line in lines) / total


def without_halves(lines: tuple[RegionLine, ...], candidate: Candidate) -> tuple[RegionLine, ...]:
    """The lines without those that the edge of the conversation cuts and that cannot be read; the last one stays."""
    top, bottom = candidate.cut in ("top", "both"), candidate.cut in ("bottom", "both")

    def unreadable(line: RegionLine) -> bool:
        reach = line.box.height // 2
        at_edge = (top and line.box.top < candidate.box.top + reach) or (
            bottom and line.box.bottom > candidate.box.bottom - reach
        )
        return at_edge and line.recognition.confidence < LEGIBLE

    return tuple(line for line in lines if not unreadable(line)) or lines


def texts_around(found: RegionText) -> list[str]:
    """What stands beside a bubble, line by line. Of a time alone ("오전 11:05") the end is taken for a stamp: it goes
    on the line."""
    texts = [line.recognition.text for line in found.lines]
    if found.stamp is not None:
        texts[-1:] = [" ".join([*texts[-1:], found.stamp.recognition.text])]
    return texts


def headed(found: RegionText) -> tuple[str | None, str | None]:
    """The sender and the time that a heading states, each None where it does not."""
    text = " ".join(line.recognition.text for line in (*found.lines, *([found.stamp] if found.stamp else ())))
    return words.name_and_time(text) or (text.strip() or None, None)


def sender_of(found: RegionText | None, around: Surroundings) -> str | None:
    """The sender's name above a bubble; a date or a time that stands there is none."""
    if found is None or around.name is None or not found.lines:
        return None
    text = found.lines[-1].recognition.text.strip()
    if not text or len(text) > 40 or found.lines[-1].recognition.confidence < 0.45:
        return None
    return None if words.is_date(text) or words.is_mark(text) else text


def inner_name(
    image: Image, lines: tuple[RegionLine, ...], candidate: Candidate
) -> tuple[str | None, tuple[RegionLine, ...]]:
    """The sender's name inside the bubble (WhatsApp, Telegram): a first line in a colour while letters below it are
    grey. Emoji and addresses are colourful too."""
    if len(lines) < 2 or candidate.kind != "text":
        return None, lines
    first = ink_chroma(image, lines[0].box)
    rest = min((ink_chroma(image, line.box) for line in lines[1:] if has_letters(line.recognition.text)), default=0.0)
    text = lines[0].recognition.text.strip()
    if first < 70 or rest > 0.5 * first or len(text) > 30 or words.LINK.search(text):
        return None, lines
    return text, lines[1:]


def ink_chroma(image: Image, box: Box) -> float:
    """How colourful the ink of a line is: largest minus smallest channel (0 to 255) of its strongest pixels."""
    part = image[box.top : box.bottom, box.left : box.right]
    if part.size == 0:
        return 0.0
    channels = cv2.split(part)
    apart = apart_from(channels, medians(channels))
    middle = medians(tuple(part[apart >= 0.75 * apart.max()].T))
    return max(middle) - min(middle)


def has_letters(text: str) -> bool:
    """Whether a text says anything."""
    return any(letter.isalnum() for letter in text)
