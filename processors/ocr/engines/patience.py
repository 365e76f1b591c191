"""How much of one screenshot is shown to a second engine that finds nothing in it.

What reads poorly is mostly a line of another script, and a second engine reads it. In a grainy photo or a broken image
everything reads poorly, and asking about all of it takes a minute. So answers that changed nothing use up a budget, and
answers that did raise it: a chat in another script is read to its end.
"""

import weakref

from processors.ocr.engines.port import Box, Image

VAIN_WIDTH = 170.0
"""Width of lines, in units of their height, that are shown in vain: a second of work. Real screenshots reach 100."""
LEAST_WIDTH = 6.7
"""The width that the shortest line costs: engines pad it."""
VAIN_SEARCHES = 4
"""Regions that are searched for lines in vain; real screenshots reach 2."""


class Patience:
    """What is left of the budget of the image that is read."""

    def __init__(self) -> None:
        self.image: weakref.ref[Image] | None = None
        self.width = VAIN_WIDTH
        self.searches = VAIN_SEARCHES

    def turn_to(self, image: Image) -> None:
        """Begin with a new budget where this is another image than before."""
        if self.image is None or self.image() is not image:
            self.image = weakref.ref(image)
            self.width, self.searches = VAIN_WIDTH, VAIN_SEARCHES

    def affords(self, boxes: list[Box]) -> int:
        """How many of these lines, from the first on, may be shown even if all are shown in vain."""
        left = self.width
        for count, box in enumerate(boxes):
            left -= width_of(box)
            if left < 0:
                return count
        return len(boxes)

    def spend(self, box: Box, *, vain: bool) -> None:
        """Account for a line that was shown."""
        self.width += -width_of(box) if vain else width_of(box)

    def spend_search(self, *, vain: bool) -> None:
        """Account for a region that was searched for lines."""
        self.searches += -1 if vain else 1


def width_of(box: Box) -> float:
    """What a line costs: its width in units of its height."""
    return max(LEAST_WIDTH, box.width / max(1, box.height))
