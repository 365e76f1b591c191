"""A client of the service's REST routes, as any other. The command line works through it."""

import asyncio
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import aiohttp
import msgspec

from contracts.base import decode
from contracts.conversations import SuggestionList
from contracts.resources import (
    MessageList,
    ProcessResult,
    ScreenshotUploaded,
    SessionCreated,
    SessionView,
    TaskAccepted,
    TaskView,
)
from deploy.problems import ServiceError

T = TypeVar("T")

REQUEST_SECONDS = 300.0
POLL_SECONDS = 1.0
ACCEPTED = 202
ATTEMPTS = 5
FIRST_WAIT_SECONDS = 0.2
AGAIN = ("unavailable", "shutting-down", "idempotency-conflict", "internal")
"""Problems after which the same request may succeed soon; of `idempotency-conflict` an earlier attempt is at work."""


class Client:
    """Use as an async context manager. Raises ServiceError for problems, and where nobody answers.

    Every request is repeated a few times where its answer is lost; the Idempotency-Key of a POST sees to it that it is
    done once.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        self.key = key
        headers = {"x-api-key": key} if key else {}
        self._http = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS))

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def get(self, path: str, **parameters: str) -> bytes:
        """The body of the answer."""
        return (await self._send("GET", path, params=parameters))[1]

    async def delete(self, path: str, **parameters: str) -> None:
        await self._send("DELETE", path, params=parameters)

    async def post(self, path: str, body: object = None) -> bytes:
        """The body of the answer, at once."""
        return (await self._send("POST", path, json=body))[1]

    async def begin(self, path: str, body: object) -> TaskAccepted:
        """Starts the work of a POST without waiting for its end."""
        _, answer = await self._send("POST", path, json=body, headers={"Prefer": "respond-async"})
        return self.read(answer, TaskAccepted)

    async def finish(self, path: str, kind: type[T], **options: Any) -> T:
        """Does the work of a POST and waits for its end, however long it takes."""
        status, body = await self._send("POST", path, headers={"Prefer": "wait=120"}, **options)
        if status != ACCEPTED:
            return self.read(body, kind)
        # It takes longer than a request may wait: what came of it is asked where the answer says.
        location = self.read(body, TaskAccepted).location
        while True:
            await asyncio.sleep(POLL_SECONDS)
            task = self.read(await self.get(location), TaskView)
            if task.status == "done":
                return self.read(bytes(task.result), kind)
            if task.status != "processing":
                raise ServiceError.of(bytes(task.error), 500)

    def read(self, body: bytes, kind: type[T]) -> T:
        """The body as what it should be. Raises ServiceError where it is something else."""
        try:
            return decode(body, kind)
        except msgspec.DecodeError as error:
            raise ServiceError(f"what answers at {self.url} is no Tokstream of this version: {error}", 502) from error

    async def create_session(self) -> SessionCreated:
        return self.read(await self.post("/sessions"), SessionCreated)

    async def upload(self, session_id: str, path: Path) -> ScreenshotUploaded:
        _, body = await self._send("POST", f"/sessions/{session_id}/upload", file=path)
        return self.read(body, ScreenshotUploaded)

    async def process(self, session_id: str, relationship: str, relationship_info: str) -> ProcessResult:
        parameters = {"relationship": relationship, "relationship_info": relationship_info}
        return await self.finish(f"/sessions/{session_id}/process", ProcessResult, params=parameters)

    async def suggestions(self, session_id: str) -> SuggestionList:
        return await self.finish(f"/sessions/{session_id}/predict-next", SuggestionList)

    async def session(self, session_id: str) -> SessionView:
        return self.read(await self.get(f"/sessions/{session_id}"), SessionView)

    async def messages(self, session_id: str) -> MessageList:
        return self.read(await self.get(f"/sessions/{session_id}/messages"), MessageList)

    async def transcript(self, session_id: str, form: str) -> str:
        """The transcript as json, txt, csv or md."""
        return (await self.get(f"/sessions/{session_id}/transcript", format=form)).decode()

    async def annotated(self, session_id: str, screenshot_id: str) -> bytes:
        """The screenshot with its bubbles drawn on it, PNG."""
        return await self.get(f"/sessions/{session_id}/screenshots/{screenshot_id}", annotated="1")

    async def _send(
        self,
        method: str,
        path: str,
        *,
        file: Path | None = None,
        texts: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> tuple[int, bytes]:
        """Status and body of the answer. `file` and `texts` are sent as a form."""
        named = {**(headers or {}), **({"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {})}
        content = file.read_bytes() if file is not None else b""
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            if file is not None:
                options["data"] = _form(content, file.name, texts or {})
            try:
                async with self._http.request(method, self.url + path, headers=named, **options) as response:
                    body = await response.read()
            except aiohttp.ClientConnectionError:
                problem = ServiceError(f"nobody answers at {self.url}", 503, "unavailable")
            except TimeoutError as error:
                raise ServiceError(f"{self.url} did not answer within {REQUEST_SECONDS:.0f} s", 504) from error
            except aiohttp.InvalidURL as error:
                raise ServiceError(f"{self.url} is no URL of a service", 400) from error
            except aiohttp.ClientError as error:
                problem = ServiceError(f"what answers at {self.url} cannot be understood: {error}", 502)
            else:
                if response.status < 300:
                    return response.status, body
                problem = ServiceError.of(body, response.status)
            if problem.code not in AGAIN or attempt == ATTEMPTS:
                break
            await asyncio.sleep(wait)
            wait *= 2
        raise problem


def _form(content: bytes, name: str, texts: Mapping[str, str]) -> aiohttp.FormData:
    # Made anew for each attempt: aiohttp sends a form once.
    form = aiohttp.FormData(default_to_multipart=True)
    for field, text in texts.items():
        form.add_field(field, text)
    form.add_field("file", content, filename=name)
    return form
