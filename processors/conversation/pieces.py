"""From the pieces of an engine to the deltas of a stream: few enough to be cheap, soon enough to look live."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from contracts.conversations import Evaluation
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from processors.ai.port import Finish

COALESCE_SECONDS = 0.045
"""The first piece goes at once; what comes after it waits at most so long for more to go with it."""
LONGEST_REPLY = 400_000
"""Characters. An engine that never stops is stopped here."""

End = Evaluation | Finish
Pieces = AsyncGenerator[str | End, None]
Tell = Callable[[int, str], Awaitable[None]]
"""Told of a delta: the offset of its first character, and its text."""


class Reply:
    """One reply as it grows: `text` is what the engine has said, `ends` what came besides text."""

    def __init__(self, tell: Tell) -> None:
        self.text = ""
        self.ends: list[End] = []
        self._tell = tell
        self._told = 0
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Makes `write` return soon, as if the engine had ended here."""
        self._stopped = True
        if self._reading is not None:
            self._reading.cancel()

    async def write(self, pieces: Pieces, ready: Awaitable[object]) -> bool:
        """Takes the pieces and tells of them; nothing is told before `ready`, so that the engine may think while what
        comes first is being written. Returns False where it was stopped.

        Raises what `ready` or telling raises, and what the engine raises once all that it said before is told;
        RuntimeError where a library within the engine let a CancelledError of its own out.
        """
        self._reading = asyncio.create_task(self._read(pieces))
        telling = asyncio.create_task(self._tell_to_the_end(ready))
        if self._stopped:
            self._reading.cancel()
        try:
            await asyncio.wait((self._reading, telling), return_when=asyncio.FIRST_COMPLETED)
            if not telling.done():
                self._over.set()
                self._changed.set()
            await telling
        finally:
            self._reading.cancel()
            telling.cancel()
            outcomes = await asyncio.gather(self._reading, telling, return_exceptions=True)
        if isinstance(outcomes[0], asyncio.CancelledError):
            if not self._stopped:
                raise RuntimeError("the reply was cancelled from within") from outcomes[0]
            return False
        if isinstance(outcomes[0], BaseException):
            raise outcomes[0]
        return True

    async def _read(self, pieces: Pieces) -> None:
        async with aclosing(pieces):
            async for piece in pieces:
                if not isinstance(piece, str):
                    self.ends.append(piece)
                elif piece:
                    self.text += piece
                    self._changed.set()
                if len(self.text) > LONGEST_REPLY:
                    raise TokstreamError(AI_ENGINE_FAILED, f"The AI engine said more than {LONGEST_REPLY} characters.")

    async def _tell_to_the_end(self, ready: Awaitable[object]) -> None:
        await ready
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self._changed.clear()
            over = self._over.is_set()
            began = loop.time()
            if self._told < len(self.text):
                start, self._told = self._told, len(self.text)
                await self._tell(start, self.text[start:])
            if over:
                return
            try:
                async with asyncio.timeout_at(began + COALESCE_SECONDS):
                    await self._over.wait()
            except TimeoutError:
                pass
