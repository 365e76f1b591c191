"""Suggests what the user could say next (`predict-next`)."""

from contracts.commands import SuggestReplies
from contracts.conversations import SuggestionList
from contracts.resources import ENDED, Message, Session
from processors.ai.port import AiEngine, Relationship
from processors.runtime.handler import Transient
from processors.runtime.tasks import complete_task, tell_end
from storage.collections import MESSAGES, SESSIONS, TASKS
from storage.documents.port import Value
from storage.stores import Stores

LAST_MESSAGES = 60
"""Messages from the end of the conversation that the engine is shown."""
CHARACTERS = 6000
"""At most of them; the last message is shown however long it is."""


class Suggestions:
    def __init__(self, stores: Stores, engine: AiEngine) -> None:
        self._stores = stores
        self._engine = engine

    async def suggest(self, command: SuggestReplies) -> None:
        """Completes the task with a SuggestionList. Raises what the engine raises, Transient where the messages are
        just being replaced."""
        task = await self._stores.documents.get(TASKS, command.task_id)
        if task is not None and task.document.status in ENDED:
            await tell_end(self._stores, task.document)
            return
        found = await self._stores.documents.get(SESSIONS, command.session_id)
        if task is None or found is None:
            return  # deleted: there is nobody to tell
        session = found.document
        relationship = Relationship(
            relationship=session.relationship or "", relationship_info=session.relationship_info or ""
        )
        result = SuggestionList(
            session_id=session.session_id,
            relationship=relationship.relationship,
            relationship_info=relationship.relationship_info,
            total_messages=session.total_messages,
            suggestions=await self._engine.suggest(await self._last_messages(session), relationship),
            engine=self._engine.name,
        )
        await complete_task(self._stores, command.task_id, result)

    async def _last_messages(self, session: Session) -> tuple[Message, ...]:
        where: dict[str, Value] = {"session_id": session.session_id, "revision": session.revision}
        page = await self._stores.documents.find(
            MESSAGES, where, order_by="order", descending=True, limit=LAST_MESSAGES
        )
        if len(page.documents) < min(LAST_MESSAGES, session.total_messages):
            raise Transient(f"the messages of session {session.session_id} are being replaced")
        latest: list[Message] = []
        characters = 0
        for stored in page.documents:
            characters += len(stored.message.text)
            if latest and characters > CHARACTERS:
                break
            latest.append(stored.message)
        return tuple(reversed(latest))
