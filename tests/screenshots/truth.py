"""What is true of a drawn screenshot: every message with its box, every string that is no message, and what a
sequence merges to."""

from contracts.base import Record
from contracts.resources import Kind, Speaker


class TruthMessage(Record, frozen=True):
    """One message of a shot.

    `text` is what can be seen, line by line; `whole` the entire text where the bubble is cut (else the same). `box`
    is x, y, width and height in pixels of what is visible of the bubble, without its tail. `index` is the place in
    the conversation. `bubble` is False where nothing but emoji or a sticker stands on the wallpaper. `time` is as
    the messenger writes it, also where it is shown only with a later message of the run (`time_shown`). `obscured`:
    a button floats over letters.
    """

    id: int
    index: int
    text: str
    whole: str
    speaker: Speaker
    sender: str | None
    sender_shown: bool
    time: str | None
    time_shown: bool
    kind: Kind
    box: tuple[int, int, int, int]
    partial: bool
    bubble: bool
    obscured: bool = False
    buttons: tuple[str, ...] = ()
    image_text: str = ""


class ShotTruth(Record, frozen=True):
    """One screenshot. `top` and `bottom` bound the rows in which the conversation is seen, `ignored` are strings of
    the screen that are no messages, `offset` is the row of the endless page at the top of the image (so shots of
    one sequence can be aligned)."""

    look: str
    messenger: str
    theme: str
    platform: str
    seed: int
    width: int
    height: int
    scale: float
    top: int
    bottom: int
    group: bool
    offset: int
    messages: tuple[TruthMessage, ...]
    ignored: tuple[str, ...]


class MergedMessage(Record, frozen=True):
    """One message of the merged conversation, whole. `partial` where no shot shows all of it."""

    index: int
    text: str
    speaker: Speaker
    kind: Kind
    sender: str | None = None
    buttons: tuple[str, ...] = ()
    partial: bool = False


class Join(Record, frozen=True):
    """Two neighbours in conversation order, by their places in the upload. `shared` counts messages seen whole and
    unhidden in both, `rows` the rows of pixels both show. `gap`: they share nothing."""

    left: int
    right: int
    shared: int
    rows: int
    gap: bool


class SequenceTruth(Record, frozen=True):
    """Shots of one conversation as uploaded. `order` lists places in the upload as the shots follow each other,
    duplicates left out; `duplicates` are the uploads that repeat an earlier one."""

    look: str
    seed: int
    order: tuple[int, ...]
    duplicates: tuple[int, ...]
    merged: tuple[MergedMessage, ...]
    joins: tuple[Join, ...]
