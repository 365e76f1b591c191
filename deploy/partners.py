"""Whom one talks to in the terminal: the chat of a client name, or somebody of a given relationship who is played."""

from typing import Protocol

from contracts.conversations import CurrentModel, HistoryEntry, ModelList, TurnPage, TurnView
from contracts.resources import TaskAccepted
from contracts.streams import split
from deploy.client import Client
from deploy.problems import ServiceError

PAGE = "200"


class Partner(Protocol):
    """All methods raise ServiceError."""

    async def begin(self, client: Client) -> TaskAccepted | None:
        """Finds them, and lets them speak first; None where they wait for the user."""
        ...

    async def say(self, client: Client, text: str) -> TaskAccepted:
        """Says something; the reply is told on the stream of the answer."""
        ...

    async def history(self, client: Client) -> list[HistoryEntry]:
        """What was said, oldest first."""
        ...

    async def forget(self, client: Client) -> None:
        """Deletes what was said."""
        ...

    async def model(self, client: Client) -> str | None:
        """The model that replies, where there is one to choose."""
        ...

    async def choose(self, client: Client, model: str) -> str:
        """Has another model reply from now on."""
        ...


class ChatPartner:
    """The plain chat of a client name. Its history and model last as long as the service's data. `wanted` is the model
    to choose at the start, None for the one that is chosen already."""

    def __init__(self, name: str, wanted: str | None = None) -> None:
        self.name = name
        self._wanted = wanted

    async def begin(self, client: Client) -> TaskAccepted | None:
        if self._wanted is None:
            await self.model(client)
        else:
            await self.choose(client, self._wanted)
            self._wanted = None
        return None

    async def say(self, client: Client, text: str) -> TaskAccepted:
        return await client.begin("/query", {"input": text, "client_name": self.name})

    async def history(self, client: Client) -> list[HistoryEntry]:
        return client.read(await client.get("/history", client_name=self.name), list[HistoryEntry])

    async def forget(self, client: Client) -> None:
        await client.delete("/history", client_name=self.name)

    async def model(self, client: Client) -> str | None:
        return client.read(await client.get("/model", client_name=self.name), CurrentModel).model

    async def choose(self, client: Client, model: str) -> str:
        body = {"model": model, "client_name": self.name}
        return client.read(await client.post("/model", body), CurrentModel).model


class PlayedPartner:
    """Somebody of a relationship, whom the engine plays; `thread` is the conversation that goes on, None for a new
    one."""

    def __init__(self, relationship: str, info: str | None, thread: str | None = None) -> None:
        self.relationship = relationship
        self.info = info
        self.thread = thread

    async def begin(self, client: Client) -> TaskAccepted | None:
        if self.thread is not None:
            await client.get(f"/conversations/{self.thread}")
            return None
        body = {"relationship": self.relationship, "relationship_info": self.info}
        accepted = await client.begin("/start-conversation", body)
        self.thread = split(accepted.stream)[1]
        return accepted

    async def say(self, client: Client, text: str) -> TaskAccepted:
        return await client.begin("/continue-conversation", {"message": text, "thread_id": self.thread})

    async def history(self, client: Client) -> list[HistoryEntry]:
        entries: list[HistoryEntry] = []
        parameters = {"limit": PAGE}
        while True:
            path = f"/conversations/{self.thread}/turns"
            page = client.read(await client.get(path, **parameters), TurnPage)
            entries += [entry for turn in page.turns if turn.number for entry in _entries(turn)]
            if page.next is None:
                return entries
            parameters["after"] = page.next

    async def forget(self, client: Client) -> None:
        await client.delete(f"/conversations/{self.thread}")
        self.thread = None

    async def model(self, client: Client) -> str | None:
        return None

    async def choose(self, client: Client, model: str) -> str:
        raise ServiceError("A simulated conversation has no model to choose.", 400)


async def models(client: Client) -> list[str]:
    """The names of the models, the default one first."""
    return [model.id for model in client.read(await client.get("/models"), ModelList).data]


def _entries(turn: TurnView) -> list[HistoryEntry]:
    found = []
    if turn.input is not None:
        found.append(HistoryEntry(role="user", content=turn.input, timestamp=turn.created_at))
    if turn.reply:
        answered = turn.finished_at or turn.created_at
        found.append(HistoryEntry(role="assistant", content=turn.reply, timestamp=answered))
    return found
