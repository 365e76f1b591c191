"""A reply as its stream tells it, and how a growing text is shown."""

from collections.abc import Callable

from contracts.base import decode
from contracts.events import MessageCancelled, MessageCompleted, MessageCreated, MessageDelta, MessageFailed
from contracts.realtime import StreamEvent

End = MessageCompleted | MessageFailed | MessageCancelled
_ENDS: dict[str, type[End]] = {kind.TYPE: kind for kind in (MessageCompleted, MessageFailed, MessageCancelled)}


class Reply:
    """The reply of one task: `text` so far, and its `end` once it has come. Events of other tasks are passed over."""

    def __init__(self, task_id: str) -> None:
        self.text = ""
        self.end: End | None = None
        self._task_id = task_id

    def take(self, event: StreamEvent) -> None:
        """Folds the next event in (the rule stands at `MessageDelta`)."""
        match event.type:
            case MessageCreated.TYPE:
                created = decode(event.data, MessageCreated)
                if created.task_id == self._task_id and created.role == "assistant":
                    self.text = ""
            case MessageDelta.TYPE:
                delta = decode(event.data, MessageDelta)
                if delta.task_id == self._task_id:
                    self.text = delta.onto(self.text)
            case kind if kind in _ENDS:
                end = decode(event.data, _ENDS[kind])
                if end.task_id == self._task_id:
                    self.end, self.text = end, end.content


class Typewriter:
    """Writes a text as it grows. Where it has become another one than what stands there already (the reply was begun
    again), it waits until it has caught up, or begins again on a new line."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._shown = ""

    def show(self, text: str) -> None:
        if self._shown.startswith(text):
            return
        if not text.startswith(self._shown):
            self._write("\n")
            self._shown = ""
        self._write(text[len(self._shown) :])
        self._shown = text

    def finish(self, text: str) -> None:
        """The last text, and the end of its line."""
        self.show(text)
        if self._shown != text:
            self._write(f"\n{text}")
        if text or self._shown:
            self._write("\n")
