"""Commands: what REST asks the processors to do, and what one processor asks of the next.

Each type has one topic and one field that is its key: commands that share a key are handled in order.
"""

from typing import ClassVar, Literal

from contracts.base import Record
from contracts.imports import ImportRequest
from contracts.resources import Screenshot


class Command(Record, frozen=True):
    """`TYPE` is the CloudEvents type, `TOPIC` the topic, `KEY` the field whose value is the record key.

    A command's id is chosen by who sends it so that sending twice is recognisably the same command.
    """

    TYPE: ClassVar[str] = ""
    TOPIC: ClassVar[str] = ""
    KEY: ClassVar[str] = ""

    @property
    def key(self) -> str:
        value: str = getattr(self, self.KEY)
        return value


class ReadScreenshot(Command, frozen=True):
    """Read the bubbles of one uploaded screenshot into the session's stream. Keyed by screenshot: shots of a
    session are read side by side."""

    TYPE: ClassVar[str] = "tokstream.command.read-screenshot"
    TOPIC: ClassVar[str] = "tokstream.commands.ocr"
    KEY: ClassVar[str] = "screenshot_id"

    session_id: str
    screenshot_id: str
    blob_key: str


class ReadProbe(Command, frozen=True):
    """Read images that are searched for in a session (`search`, `view`); they are not part of it and are dropped
    after."""

    TYPE: ClassVar[str] = "tokstream.command.read-probe"
    TOPIC: ClassVar[str] = "tokstream.commands.ocr"
    KEY: ClassVar[str] = "task_id"

    task_id: str
    session_id: str
    mode: Literal["search", "view"]
    blob_keys: tuple[str, ...]


class MatchProbe(Command, frozen=True):
    """Match what was read from a probe (extractions `<task_id>/0` … ) with the session's messages."""

    TYPE: ClassVar[str] = "tokstream.command.match-probe"
    TOPIC: ClassVar[str] = "tokstream.commands.merge"
    KEY: ClassVar[str] = "session_id"

    task_id: str
    session_id: str
    mode: Literal["search", "view"]
    extractions: int


class ProcessSession(Command, frozen=True):
    """Merge and analyse a session, as soon as all its screenshots are read."""

    TYPE: ClassVar[str] = "tokstream.command.process-session"
    TOPIC: ClassVar[str] = "tokstream.commands.merge"
    KEY: ClassVar[str] = "session_id"

    session_id: str
    task_id: str


class ScreenshotSettled(Command, frozen=True):
    """A screenshot was read or has failed: a waiting `ProcessSession` may now go on."""

    TYPE: ClassVar[str] = "tokstream.command.screenshot-settled"
    TOPIC: ClassVar[str] = "tokstream.commands.merge"
    KEY: ClassVar[str] = "session_id"

    session_id: str
    screenshot_id: str


class AnalyzeSession(Command, frozen=True):
    """Score the messages of the given revision and complete the task."""

    TYPE: ClassVar[str] = "tokstream.command.analyze-session"
    TOPIC: ClassVar[str] = "tokstream.commands.analysis"
    KEY: ClassVar[str] = "session_id"

    session_id: str
    task_id: str
    revision: int


class ReanalyzeSession(Command, frozen=True):
    """Score the shown messages of a processed session again, alone: the transcript stays as it is."""

    TYPE: ClassVar[str] = "tokstream.command.reanalyze-session"
    TOPIC: ClassVar[str] = "tokstream.commands.analysis"
    KEY: ClassVar[str] = "session_id"

    session_id: str
    task_id: str


class SuggestReplies(Command, frozen=True):
    """Suggest what the user could say next in a processed session (`predict-next`). Keyed by task: it only reads, and
    need not wait for an analysis that is under way."""

    TYPE: ClassVar[str] = "tokstream.command.suggest-replies"
    TOPIC: ClassVar[str] = "tokstream.commands.analysis"
    KEY: ClassVar[str] = "task_id"

    session_id: str
    task_id: str


class ReadExport(Command, frozen=True):
    """Read the messages of a chat export that was uploaded as `screenshot_id`, and complete the task `import`."""

    TYPE: ClassVar[str] = "tokstream.command.read-export"
    TOPIC: ClassVar[str] = "tokstream.commands.imports"
    KEY: ClassVar[str] = "session_id"

    session_id: str
    screenshot_id: str
    task_id: str
    blob_key: str
    request: ImportRequest


class SpeakTurn(Command, frozen=True):
    """Answer the turn `task_id` of a conversation. Turns of one conversation are spoken in the order of their
    commands."""

    TYPE: ClassVar[str] = "tokstream.command.speak-turn"
    TOPIC: ClassVar[str] = "tokstream.commands.conversation"
    KEY: ClassVar[str] = "conversation_id"

    conversation_id: str
    task_id: str


COMMANDS: tuple[type[Command], ...] = (
    ReadScreenshot,
    ReadProbe,
    MatchProbe,
    ProcessSession,
    ScreenshotSettled,
    AnalyzeSession,
    ReanalyzeSession,
    SuggestReplies,
    ReadExport,
    SpeakTurn,
)
BY_TYPE: dict[str, type[Command]] = {c.TYPE: c for c in COMMANDS}


def reading_of(screenshot: Screenshot) -> Command:
    """The command that has an upload read, be it a picture or an export: all that it needs is in the document, so that
    whoever finds an upload unread can ask again."""
    if screenshot.export is None:
        return ReadScreenshot(
            session_id=screenshot.session_id,
            screenshot_id=screenshot.screenshot_id,
            blob_key=screenshot.blob_key,
        )
    return ReadExport(
        session_id=screenshot.session_id,
        screenshot_id=screenshot.screenshot_id,
        task_id=screenshot.export.task_id,
        blob_key=screenshot.blob_key,
        request=screenshot.export.request,
    )
