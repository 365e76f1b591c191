"""Who of those who write in an export is the user."""

import re
import unicodedata
from collections.abc import Sequence

from contracts.errors import EXPORT_SIDES_UNKNOWN, TokstreamError
from processors.imports.transcript import Transcript

MOST_NAMES_SHOWN = 30
_FILE_NAMES = (
    re.compile(r"WhatsApp Chat (?:with|-) (?P<other>.+?)(?: ?\(\d+\))?\.(?:txt|zip)", re.IGNORECASE),
    re.compile(r"(?P<other>.+?)님?과의 WhatsApp 대화(?: ?\(\d+\))?\.txt"),
    re.compile(r"WhatsApp 대화 - (?P<other>.+?)(?: ?\(\d+\))?\.txt"),
    re.compile(r"KakaoTalk_Chat_(?P<other>.+?)_\d{4}-\d{2}-\d{2}[-_0-9]*\.csv", re.IGNORECASE),
)


def participants_of(transcript: Transcript) -> tuple[str, ...]:
    """All who write, in the order of their first message."""
    return tuple(dict.fromkeys(entry.sender for entry in transcript.entries if entry.sender is not None))


def own_side(transcript: Transcript, names: Sequence[str], me: str | None, filename: str) -> str | None:
    """The user's name as the export spells it; None where the user wrote nothing.

    Without `me` it is told by the title, which names the other side of two, and by what only the user sees so. Raises
    TokstreamError(EXPORT_SIDES_UNKNOWN) where it cannot be told, or where nobody is called `me`; the detail has the
    names.
    """
    if me is not None:
        # Two may differ in what is overlooked here: whoever is called so to the letter comes first.
        own = me if me in names else next((name for name in names if _plain(name) == _plain(me)), None)
        if own is None:
            detail = f"Nobody in the export is called {me!r}. `me` must be one of: {_listed(names)}."
            raise TokstreamError(EXPORT_SIDES_UNKNOWN, detail, field="me")
        return own
    if transcript.own is not None:
        return transcript.own
    other = _plain(transcript.other or _from_file_name(filename) or "")
    others = [name for name in names if _plain(name) != other]
    if len(others) < len(names) and len(others) <= 1:
        return others[0] if others else None
    if not names:
        return None
    detail = f"Say in `me` which of those who write is you: {_listed(names)}."
    raise TokstreamError(EXPORT_SIDES_UNKNOWN, detail, field="me")


def _from_file_name(filename: str) -> str | None:
    name = filename.replace("\\", "/").rpartition("/")[2]
    for pattern in _FILE_NAMES:
        match = pattern.fullmatch(unicodedata.normalize("NFC", name))
        if match is not None:
            return match["other"]
    return None


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES_SHOWN])
    return f"{shown} and {len(names) - MOST_NAMES_SHOWN} more" if len(names) > MOST_NAMES_SHOWN else shown
