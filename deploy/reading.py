"""Screenshots and chat exports into a session of the service, with its progress on standard error."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from contracts.base import Record, decode
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT
from contracts.events import (
    BubbleRead,
    MessageAnalyzed,
    ScreenshotFailed,
    ScreenshotRead,
    SessionAnalyzing,
    SessionCompleted,
    SessionFailed,
    SessionMerged,
)
from contracts.imports import ImportResult
from contracts.realtime import StreamEvent
from contracts.streams import session_stream
from deploy.client import Client
from deploy.following import Following
from deploy.problems import ServiceError
from deploy.terminal import clean, console

ENGINE_CODES = (AI_ENGINE_FAILED.code, AI_ENGINE_TIMEOUT.code)
HEAD_BYTES = 16
BROKEN_SHOWN = 3
_IMAGE_HEADS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")


class Wanted(Record, frozen=True):
    """What is said about the files. The last three are about chat exports: the user's name in them, and the first and
    the last day taken, YYYY-MM-DD."""

    relationship: str
    relationship_info: str
    me: str | None = None
    since: str | None = None
    until: str | None = None


class Reading(Record, frozen=True):
    """A session that is read and merged. `screenshots` has file and id of each that is an image. `engine_problem` says
    why the messages are not judged, null where they are."""

    session_id: str
    screenshots: tuple[tuple[str, str], ...]
    engine: str | None
    engine_problem: str | None


def is_image(path: Path) -> bool:
    """Whether the file begins as images do; of which sorts one is read, the service decides."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    # WebP is a RIFF container; HEIC and AVIF name themselves behind the length of their first box.
    return head.startswith(_IMAGE_HEADS) or head[8:12] == b"WEBP" or head[4:8] == b"ftyp"


async def read_files(client: Client, files: Sequence[Path], wanted: Wanted) -> Reading:
    """Puts the files into a new session and has it processed. Raises ServiceError with what the service says is wrong,
    but for an engine that failed: the conversation is there all the same."""
    session_id = (await client.create_session()).session_id
    screenshots: list[tuple[str, str]] = []
    out = console(stderr=True)
    engine = engine_problem = None
    with _progress(out) as progress:
        shown = _Shown(progress, len(files))
        async with asyncio.TaskGroup() as tasks:
            follower = tasks.create_task(_follow(client, session_id, shown))
            try:
                for path in files:
                    if is_image(path):
                        screenshots.append((str(path), await _upload(client, session_id, path)))
                    else:
                        shown.imported(path, await _import(client, session_id, path, wanted))
                try:
                    result = await client.process(session_id, wanted.relationship, wanted.relationship_info)
                    engine = result.engine
                except ServiceError as error:
                    if error.code not in ENGINE_CODES:
                        raise
                    engine_problem = str(error)
            except BaseException:
                follower.cancel()
                raise
    return Reading(session_id=session_id, screenshots=tuple(screenshots), engine=engine, engine_problem=engine_problem)


async def _upload(client: Client, session_id: str, path: Path) -> str:
    try:
        return (await client.upload(session_id, path)).screenshot_id
    except ServiceError as error:
        raise error.about(path) from error


async def _import(client: Client, session_id: str, path: Path, wanted: Wanted) -> ImportResult:
    given = {"me": wanted.me, "since": wanted.since, "until": wanted.until}
    texts = {name: value for name, value in given.items() if value is not None}
    try:
        return await client.finish(f"/sessions/{session_id}/import", ImportResult, file=path, texts=texts)
    except ServiceError as error:
        if error.code == "unknown-export":
            raise error.about(f"{path} is no screenshot (JPEG, PNG or WebP), and as a chat export") from error
        if error.code == "export-sides-unknown":
            raise ServiceError(f"{path}: {error} Say it with --me NAME.", error.status, error.code) from error
        raise error.about(path) from error


async def _follow(client: Client, session_id: str, shown: "_Shown") -> None:
    async with Following(client.url, client.key, session_stream(session_id)) as following:
        async for event in following:
            shown.take(event)
            if event.type in (SessionCompleted.TYPE, SessionFailed.TYPE):
                return


def _progress(out: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=out, disable=not out.is_terminal)


class _Shown:
    """The line that tells how far it is."""

    def __init__(self, progress: Progress, files: int) -> None:
        self._progress = progress
        self._bar = progress.add_task("reading", total=files)
        self._bubbles = self._read = self._judged = 0

    def imported(self, path: Path, result: ImportResult) -> None:
        self._file_read(f"{result.messages} messages")
        if result.broken_total:
            first = "; ".join(f"line {line.line}: {line.reason}" for line in result.broken_lines[:BROKEN_SHOWN])
            self._say(f"{path}: lines that could not be understood: {result.broken_total} ({first})")

    def take(self, event: StreamEvent) -> None:
        match event.type:
            case BubbleRead.TYPE:
                self._bubbles += 1
                self._progress.update(self._bar, description=f"reading, {self._bubbles} bubbles")
            case ScreenshotRead.TYPE:
                self._file_read(f"{self._bubbles} bubbles")
            case ScreenshotFailed.TYPE:
                self._file_read(f"{self._bubbles} bubbles")
                detail = decode(event.data, ScreenshotFailed).problem.detail
                self._say(f"a screenshot could not be read: {detail}")
            case SessionMerged.TYPE:
                self._progress.update(self._bar, description="merged")
            case SessionAnalyzing.TYPE:
                own = decode(event.data, SessionAnalyzing).own_messages
                self._judged = 0
                self._progress.update(self._bar, description="judging messages", completed=0, total=own)
            case MessageAnalyzed.TYPE:
                self._judged += 1
                self._progress.update(self._bar, completed=self._judged)

    def _file_read(self, what: str) -> None:
        self._read += 1
        self._progress.update(self._bar, description=f"reading, {what}", completed=self._read)

    def _say(self, text: str) -> None:
        self._progress.console.print(Text(clean(text)), soft_wrap=True)
