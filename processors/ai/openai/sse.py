"""Server-sent events, as bytes come in (WHATWG HTML, 9.2.6): without I/O, so that tests cut them anywhere."""

import codecs


class SseError(ValueError):
    """What comes is no event stream."""


class SseParser:
    """Collects the `data` of events. Comments, `event`, `id` and `retry` say nothing to us.

    A line may end with LF, CR or CRLF, bytes may be cut inside a character or a line end.
    """

    def __init__(self, longest: int = 1 << 20) -> None:
        self._longest = longest
        """Characters of one event; a stream that never ends a line must not fill the memory."""
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._line = ""
        self._data: list[str] = []
        self._size = 0
        self._after_cr = False

    def feed(self, piece: bytes) -> list[str]:
        """The data of the events that `piece` completes. Raises SseError where an event grows too long."""
        return self._take(self._decoder.decode(piece))

    def end(self) -> list[str]:
        """The data of an event that the end of the stream completes: the standard drops it, but some servers write no
        empty line after the last."""
        events = self._take(self._decoder.decode(b"", True) + "\n")
        if self._data:
            events.append("\n".join(self._data))
            self._data = []
        return events

    def _take(self, text: str) -> list[str]:
        if not text:
            return []
        if self._after_cr and text.startswith("\n"):
            text = text[1:]
            self._after_cr = False
            if not text:
                return []
        self._after_cr = text.endswith("\r")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        first, *rest = text.split("\n")
        lines = [self._line + first, *rest]
        self._line = lines.pop()
        events = []
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                events.append("\n".join(self._data))
                self._data = []
                self._size = 0
        if len(self._line) + self._size > self._longest:
            raise SseError(f"an event of more than {self._longest} characters")
        return events

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
            self._size += len(value)
