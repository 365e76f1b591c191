"""Draws what was read into the screenshot: a picture says at a glance where a reader went wrong."""

from collections.abc import Sequence

import cv2

from contracts.resources import Bubble
from processors.ocr.engines.port import Image
from processors.ocr.layout import Layout

# Blue, green, red; distinguishable with a colour-vision deficiency (Okabe and Ito's palette).
USER = (178, 114, 0)
INTERLOCUTOR = (0, 94, 213)
SYSTEM = (115, 158, 0)
LINE = (167, 121, 204)
AREA = (233, 180, 86)


def annotate(image: Image, bubbles: Sequence[Bubble], layout: Layout | None = None) -> bytes:
    """PNG bytes of the screenshot with every bubble framed in the colour of its speaker, numbered in reading order,
    marked
    U (user), I (interlocutor) or S (system), `p` where partial, `?` where uncertain; lines framed thinly; and, given a
    layout, the rows that scroll."""
    page = image.copy()
    scale = max(1, round(image.shape[1] / 400))
    if layout is not None:
        cv2.rectangle(page, (layout.left, layout.top), (layout.right - 1, layout.bottom - 1), AREA, scale)
    for bubble in bubbles:
        colour = SYSTEM if bubble.kind == "system" else USER if bubble.speaker == "user" else INTERLOCUTOR
        for line in bubble.lines:
            frame(page, line.position.x, line.position.y, line.position.width, line.position.height, LINE, 1)
        where = bubble.position
        frame(page, where.x, where.y, where.width, where.height, colour, scale)
        letter = "S" if bubble.kind == "system" else "U" if bubble.speaker == "user" else "I"
        label = f"{bubble.order} {letter}{bubble.group_id}"
        label += "" if bubble.kind in ("text", "system") else f" {bubble.kind}"
        label += (" p" if bubble.partial else "") + ("?" if bubble.uncertain else "")
        write(page, label, int(where.x), int(where.y), colour, scale)
    done, data = cv2.imencode(".png", page)
    if not done:
        raise ValueError(f"an image of shape {image.shape} cannot be written as PNG")
    return bytes(data)


def frame(
    page: Image, x: float, y: float, width: float, height: float, colour: tuple[int, int, int], thickness: int
) -> None:
    cv2.rectangle(page, (int(x), int(y)), (int(x + width) - 1, int(y + height) - 1), colour, thickness)


def write(page: Image, label: str, x: int, y: int, colour: tuple[int, int, int], scale: int) -> None:
    """The label on a filled tab at the upper left corner of a bubble, inside the image."""
    size = 0.35 * scale
    (width, height), base = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, size, scale)
    x = max(0, min(x, page.shape[1] - width - 2))
    y = max(height + base + 2, y)
    cv2.rectangle(page, (x, y - height - base - 2), (x + width + 2, y), colour, cv2.FILLED)
    cv2.putText(page, label, (x + 1, y - base), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), scale, cv2.LINE_AA)
