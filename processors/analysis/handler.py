"""Scores the merged messages of a session and completes the run of `process`."""

import msgspec

from contracts.cloudevents import Envelope
from contracts.commands import AnalyzeSession, Command
from contracts.errors import Problem
from contracts.resources import MergeInfo, Message, ProcessResult, Session, Task
from contracts.streams import session_stream
from processors.analysis.port import AiEngine, Assessment, Relationship
from processors.runtime.tasks import complete_task, fail_task, tell_end
from storage.collections import MESSAGES, SESSIONS, TASKS
from storage.listing import session_messages, store_messages
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update


class AnalysisHandler:
    """The capability `analysis`."""

    name = "analysis"
    commands = (AnalyzeSession,)

    def __init__(self, stores: Stores, engine: AiEngine) -> None:
        self._stores = stores
        self._engine = engine

    async def handle(self, command: Command, envelope: Envelope) -> None:
        if not isinstance(command, AnalyzeSession):
            raise TypeError(f"analysis was given {type(command).__name__}")
        found = await self._stores.documents.get(TASKS, command.task_id)
        if found is None:
            return  # deleted with its session
        task = found.document
        if task.status == "failed":
            # Given up, and the client told so, before this command came again: the session must not say otherwise.
            await tell_end(self._stores, task)
            return
        messages = await session_messages(self._stores.documents, command.session_id, command.revision)
        if task.status == "processing":
            relationship = Relationship(
                relationship=task.relationship or "", relationship_info=task.relationship_info or ""
            )
            assessments = await self._engine.analyse(messages, relationship)
            messages = tuple(assess(message, said) for message, said in zip(messages, assessments, strict=True))
            await store_messages(
                self._stores.documents, envelope.owner or task.owner, command.session_id, command.revision, messages
            )
        await self._complete(command, task, len(messages))

    async def give_up(self, command: Command, problem: Problem) -> None:
        if isinstance(command, AnalyzeSession):
            await fail_task(self._stores, command.task_id, problem)

    async def _complete(self, command: AnalyzeSession, task: Task, total: int) -> None:
        info = task.merge_info or MergeInfo()
        covered = len(task.screenshot_ids)

        def completed(session: Session) -> Session | None:
            if session.revision >= command.revision:
                return None
            return msgspec.structs.replace(
                session,
                status="completed",
                processed=True,
                total_screenshots=covered,
                total_messages=total,
                merge_info=info,
                external_api_called=self._engine.external,
                engine=self._engine.name,
                relationship=task.relationship,
                relationship_info=task.relationship_info,
                revision=command.revision,
                updated_at=timestamp(self._stores.clock),
            )

        if await update(self._stores.documents, SESSIONS, command.session_id, completed) is None:
            await self._clear(command.session_id)
            return
        result = ProcessResult(
            session_id=command.session_id,
            status="completed",
            total_screenshots=covered,
            total_messages=total,
            merge_info=info,
            external_api_called=self._engine.external,
            engine=self._engine.name,
            task_id=task.task_id,
        )
        await complete_task(self._stores, task.task_id, result)
        await self._stores.documents.delete(
            MESSAGES, {"session_id": command.session_id, "revision": command.revision - 1}
        )
        if await self._stores.journal.position(session_stream(command.session_id)) is None:
            await self._clear(command.session_id)

    async def _clear(self, session_id: str) -> None:
        """Takes away what was written while the session was being deleted: its stream goes first, then its contents."""
        await self._stores.documents.delete(MESSAGES, {"session_id": session_id})


def assess(message: Message, said: Assessment) -> Message:
    """The message with its assessment; only own messages are assessed (specification, `messages`)."""
    if message.speaker != "user":
        return message
    return msgspec.structs.replace(
        message,
        score=said.score,
        emotional_tone=said.emotional_tone,
        impact_score=said.impact_score,
        ai_message=said.ai_message,
        suggested_alternative=said.suggested_alternative,
    )
