"""The endpoints in turn: retries at one, then the next, within one budget and one bound of requests under way."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import aiohttp

from contracts.conversations import Model
from processors.ai.attempts import AttemptFailed, Budget, too_slow
from processors.ai.openai.client import Answer, Client, End
from processors.ai.openai.config import OpenAiConfig
from processors.ai.openai.dialect import Call
from processors.ai.openai.wire import ListedModel


class Endpoints:
    """Made inside the running loop. Every method raises TokstreamError as the engine port has it."""

    def __init__(self, config: OpenAiConfig) -> None:
        if not config.endpoints:
            raise ValueError("no endpoint is given")
        # Requests under way are bounded here, and connections by them.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._sources = [
            _Source(Client(self._session, endpoint, config.timeouts), config.models_seconds)
            for endpoint in config.endpoints
        ]
        self._retries = config.retries
        self._slots = asyncio.Semaphore(config.concurrency)

    def budget(self) -> Budget:
        """The time of a call that begins now."""
        return Budget(self._retries)

    async def ask(self, call: Call, budget: Budget) -> Answer:
        """The answer of the first endpoint that has one."""
        course = _Course(self._sources, budget)
        while True:
            try:
                model = await course.model(call)
                async with self._slot(budget):
                    return await course.source.client.ask(call, model, course.until())
            except AttemptFailed as error:
                await course.failed(error)

    async def stream(self, call: Call, budget: Budget) -> AsyncGenerator[str | End, None]:
        """Pieces, then the End. What fails before the first piece is tried again; after it the failure is the
        outcome: what was said cannot be unsaid."""
        course = _Course(self._sources, budget)
        begun = False
        while True:
            try:
                model = await course.model(call)
                client = course.source.client
                async with self._slot(budget), aclosing(client.stream(call, model, budget.deadline)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except AttemptFailed as error:
                if begun:
                    raise error.told() from None
                await course.failed(error)

    async def models(self) -> tuple[Model, ...]:
        """Those of the first endpoint, the default one first."""
        course = _Course(self._sources[:1], self.budget())
        while True:
            try:
                return await course.source.listed(course.budget)
            except AttemptFailed as error:
                await course.failed(error)

    async def close(self) -> None:
        await self._session.close()

    @asynccontextmanager
    async def _slot(self, budget: Budget) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(budget.deadline):
                await self._slots.acquire()
        except TimeoutError:
            raise too_slow("Too many requests to the AI endpoint are under way", final=True) from None
        try:
            yield
        finally:
            self._slots.release()


class _Course:
    """Who is asked next in one call."""

    def __init__(self, sources: Sequence["_Source"], budget: Budget) -> None:
        self._sources = sources
        self._place = 0
        self._attempt = 0
        self.budget = budget

    @property
    def source(self) -> "_Source":
        return self._sources[self._place]

    async def model(self, call: Call) -> str:
        """The model to ask for. One named by the client is of the first endpoint; another answers with its own."""
        if call.model is not None and self._place == 0:
            return call.model
        return await self.source.default(self.budget)

    def until(self) -> float:
        """When an answer that shows nothing before it is whole must be there: whoever is left to ask needs time too."""
        return self.budget.deadline - self.budget.remaining() * (1 - 1 / (len(self._sources) - self._place))

    async def failed(self, failure: AttemptFailed) -> None:
        """Returns when the next attempt is to be made; raises the failure as TokstreamError where none is."""
        if failure.final:
            raise failure.told() from None
        if await self.budget.another(failure, self._attempt):
            self._attempt += 1
        elif self._place + 1 < len(self._sources) and self.budget.remaining() > 0:
            self._place += 1
            self._attempt = 0
        else:
            raise failure.told() from None


class _Source:
    """A client, and what is known of its models."""

    def __init__(self, client: Client, seconds: float) -> None:
        self.client = client
        self._seconds = seconds
        self._known: tuple[ListedModel, ...] | None = None
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def default(self, budget: Budget) -> str:
        return self.client.endpoint.model or (await self.listed(budget))[0].id

    async def listed(self, budget: Budget) -> tuple[Model, ...]:
        """The models, the default one first. A configured model is enough where the endpoint has no list."""
        async with self._asking:
            if self._known is None or asyncio.get_running_loop().time() >= self._until:
                try:
                    self._known = await self.client.models(budget.deadline)
                except AttemptFailed:
                    if not self.client.endpoint.model:
                        raise
                    self._known = ()
                self._until = asyncio.get_running_loop().time() + self._seconds
            known = self._known
        chosen = self.client.endpoint.model
        if not known and not chosen:
            raise AttemptFailed("The AI endpoint lists no model: set TOKSTREAM_AI_MODEL")
        named = {model.id: model for model in known}
        order = dict.fromkeys([chosen, *named] if chosen else named)
        return tuple(_model(named.get(name, ListedModel(id=name))) for name in order)


def _model(listed: ListedModel) -> Model:
    return Model(id=listed.id, created=listed.created or 0, owned_by=listed.owned_by or "unknown", root=listed.id)
