"""The clients of the chat specification: each name has a model, and a conversation until its history is deleted."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from contracts.conversations import ChatClient, Conversation, HistoryEntry, Model, Turn
from contracts.errors import CONVERSATION_NOT_FOUND, MODEL_NOT_FOUND, UNAVAILABLE, ErrorKind, TokstreamError
from gateway.conversations import Conversations, required_text
from gateway.waiting import Work
from storage.collections import CHAT_CLIENTS
from storage.errors import DuplicateKey, VersionConflict
from storage.sources import IdSource
from storage.stores import Stores

MAX_NAME = 200
ATTEMPTS = 20

Models = Callable[[], Awaitable[Sequence[Model]]]


class ChatClients:
    """All methods raise Unavailable where a store is away, and TokstreamError(MISSING_PARAMETER | BAD_REQUEST) for a
    name that is missing or too long. `models` are those of the engine, the default one first."""

    def __init__(self, stores: Stores, conversations: Conversations, models: Models) -> None:
        self._stores = stores
        self._conversations = conversations
        self.models = models

    async def model(self, owner: str, client_name: str | None) -> str:
        """The model that the client uses."""
        found = await self._stores.documents.get(CHAT_CLIENTS, _id(owner, _name(client_name)))
        if found is not None and found.document.model is not None:
            return found.document.model
        return await self._default_model()

    async def set_model(self, owner: str, client_name: str | None, model: str | None) -> str:
        """Makes the client use another model from its next query on. Raises TokstreamError(MODEL_NOT_FOUND)."""
        name = _name(client_name)
        wanted = required_text("model", model, MAX_NAME)
        await check_model(self.models, wanted)
        await self._change(owner, name, lambda client: msgspec.structs.replace(client, model=wanted))
        return wanted

    async def query(self, owner: str, client_name: str | None, text: str | None, ids: IdSource) -> Work:
        """Says something in the client's conversation, which begins with the first query."""
        name = _name(client_name)
        said = required_text("input", text)
        task_id = ids.new()
        for _ in range(ATTEMPTS):
            client, current = await self._current(owner, name, ids.new())
            model = client.model or await self._default_model()
            try:
                conversation = await self._conversations.open(owner, current, "client", client_name=name)
                return await self._conversations.speak(conversation, task_id, "query", Turn(input=said, model=model))
            except TokstreamError as error:
                if error.kind is not CONVERSATION_NOT_FOUND:
                    raise
            # Deleted meanwhile, by its id or by the client's name.
            await self._forget(owner, name, current)
        raise TokstreamError(UNAVAILABLE, "The history of this client is deleted again and again.", retry_after=1)

    async def _current(self, owner: str, name: str, fresh_id: str) -> tuple[ChatClient, str]:
        """The client and the id of its conversation: `fresh_id` where it has none."""

        def begun(client: ChatClient) -> ChatClient:
            return client if client.conversation_id else msgspec.structs.replace(client, conversation_id=fresh_id)

        client = await self._change(owner, name, begun)
        return client, client.conversation_id or fresh_id

    async def say(self, conversation: Conversation, text: str | None, task_id: str) -> Work:
        """Says something in a client's conversation that is known."""
        model = await self.model(conversation.owner, conversation.client_name)
        turn = Turn(input=required_text("message", text), model=model)
        return await self._conversations.speak(conversation, task_id, "query", turn)

    async def history(
        self, owner: str, client_name: str | None, after: str | None, limit: int | None
    ) -> tuple[list[HistoryEntry], str | None]:
        """What was said, oldest first, and the cursor of what follows; nothing for a client that is not known."""
        found = await self._stores.documents.get(CHAT_CLIENTS, _id(owner, _name(client_name)))
        if found is None or found.document.conversation_id is None:
            return [], None
        return await self._conversations.history(found.document.conversation_id, after, limit)

    async def clear(self, owner: str, client_name: str | None) -> None:
        """Deletes the client's conversation; its model stays. A client that is not known has none: no error."""
        name = _name(client_name)
        found = await self._stores.documents.get(CHAT_CLIENTS, _id(owner, name))
        if found is None or found.document.conversation_id is None:
            return
        gone = found.document.conversation_id
        try:
            await self._conversations.delete(owner, gone)
        except TokstreamError as error:
            if error.kind.status != 404:
                raise
            # An earlier attempt got as far as this, or a query is only about to open it, which it must not any more.
            await self._conversations.close(gone)
        await self._forget(owner, name, gone)

    async def _forget(self, owner: str, name: str, gone: str) -> None:
        def forgotten(client: ChatClient) -> ChatClient:
            return msgspec.structs.replace(client, conversation_id=None) if client.conversation_id == gone else client

        await self._change(owner, name, forgotten)

    async def _default_model(self) -> str:
        return (await self.models())[0].id

    async def _change(self, owner: str, name: str, change: Callable[[ChatClient], ChatClient]) -> ChatClient:
        """Changes the document of the client, which is made where there is none."""
        documents = self._stores.documents
        for _ in range(ATTEMPTS):
            found = await documents.get(CHAT_CLIENTS, _id(owner, name))
            before = ChatClient(id=_id(owner, name), owner=owner, client_name=name) if found is None else found.document
            changed = change(before)
            try:
                if found is None:
                    await documents.insert(CHAT_CLIENTS, [changed])
                elif changed != before:
                    await documents.replace(CHAT_CLIENTS, changed, found.version)
            except (DuplicateKey, VersionConflict):
                continue
            return changed
        raise TokstreamError(UNAVAILABLE, "Too many requests change this client at once.", retry_after=1)


async def check_model(models: Models, wanted: str, kind: ErrorKind = MODEL_NOT_FOUND) -> None:
    """Raises TokstreamError of this kind where the engine has no such model."""
    known = [model.id for model in await models()]
    if wanted not in known:
        shown = ", ".join(known[:20])
        raise TokstreamError(kind, f"There is no model {wanted[:80]!r}; there are {shown}.", field="model")


def _name(client_name: str | None) -> str:
    return required_text("client_name", client_name, MAX_NAME)


def _id(owner: str, client_name: str) -> str:
    return hashlib.sha256(f"{len(owner)}:{owner}:{client_name}".encode()).hexdigest()[:40]
