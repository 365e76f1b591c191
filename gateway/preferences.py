"""The Prefer header (RFC 7240): how long a client wants to wait for work that a POST started."""

import re

from starlette.datastructures import Headers

from contracts.base import Record

_TOKEN = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?\s*(?:;[^,]*)?')


class Preference(Record, frozen=True):
    """`seconds` to wait for the result; `applied` is the Preference-Applied header of a 200 and of a 202 answer, or
    None."""

    seconds: float
    applied: str | None = None
    applied_async: str | None = None


def read_preference(headers: Headers, default: float, maximum: float) -> Preference:
    """What the Prefer headers ask for. Preferences that are unknown or malformed are ignored, as the RFC wants.

    `respond-async` alone waits 0 s, `wait=N` N seconds but at most `maximum`, both together N seconds, neither
    `default`.
    """
    wanted: dict[str, str] = {}
    for part in _split(",".join(headers.getlist("prefer"))):
        match = _TOKEN.fullmatch(part)
        if match is not None:
            # The first of several wins (RFC 7240, 2).
            wanted.setdefault(match[1].lower(), (match[2] or "").strip('"'))
    wait = wanted.get("wait", "")
    asynchronous = "respond-async" in wanted
    if wait.isascii() and wait.isdigit():
        seconds = min(float(int(wait[:9])), maximum)
        applied = f"wait={seconds:.0f}"
        return Preference(seconds=seconds, applied=applied, applied_async="respond-async" if asynchronous else applied)
    if asynchronous:
        return Preference(seconds=0.0, applied_async="respond-async")
    return Preference(seconds=min(default, maximum))


def _split(value: str) -> list[str]:
    """The elements of a comma-separated header; commas within quotes do not separate."""
    return re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+', value[:1000])
