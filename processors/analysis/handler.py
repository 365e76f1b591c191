"""Judges the messages of a session, in the run of `process` or alone, and completes the run; suggests replies.

A run that fails here keeps the transcript: its messages are shown, with the judgements that were made, and `analyze`
makes the rest.
"""

import msgspec

from contracts.cloudevents import Envelope
from contracts.commands import AnalyzeSession, Command, ReanalyzeSession, SuggestReplies
from contracts.errors import ALREADY_RUNNING, Problem, TokstreamError
from contracts.resources import ENDED, MergeInfo, ProcessResult, Session, Task
from processors.ai.port import AiEngine
from processors.analysis.judging import Judging
from processors.analysis.suggestions import Suggestions
from processors.runtime.leftovers import nothing_left_behind
from processors.runtime.tasks import complete_task, fail_task, tell_end
from storage.collections import MESSAGES, SESSIONS, TASKS
from storage.documents.port import Value
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update


class AnalysisHandler:
    """The capability `analysis`."""

    name = "analysis"
    commands = (AnalyzeSession, ReanalyzeSession, SuggestReplies)

    def __init__(self, stores: Stores, engine: AiEngine) -> None:
        """The engine stays the caller's to close."""
        self._stores = stores
        self._engine = engine
        self._suggestions = Suggestions(stores, engine)

    async def handle(self, command: Command, envelope: Envelope) -> None:
        match command:
            case AnalyzeSession() | ReanalyzeSession():
                async with nothing_left_behind(self._stores, command.session_id):
                    await self._analyse(command)
            case SuggestReplies():
                await self._suggestions.suggest(command)

    async def give_up(self, command: Command, problem: Problem) -> None:
        match command:
            case AnalyzeSession() | ReanalyzeSession():
                async with nothing_left_behind(self._stores, command.session_id):
                    found = await self._stores.documents.get(TASKS, command.task_id)
                    if found is not None and found.document.status not in ENDED:
                        # The messages are shown before the failure is told: who hears of it finds them.
                        await self._show(command, found.document, None)
                    await fail_task(self._stores, command.task_id, problem)
            case SuggestReplies():
                await fail_task(self._stores, command.task_id, problem)

    async def _analyse(self, command: AnalyzeSession | ReanalyzeSession) -> None:
        task = await self._taken_up(command)
        if task is None:
            return  # deleted with its session
        if task.status in ENDED:
            # Given up, and the client told so, before this command came again: the session must not say otherwise.
            await tell_end(self._stores, task)
            return
        judged = await Judging(self._stores, self._engine, command.session_id, task).run()
        shown = None if judged is None else await self._show(command, task, judged)
        if shown is None:
            return
        result = ProcessResult(
            session_id=command.session_id,
            status="completed",
            total_screenshots=shown.total_screenshots,
            total_messages=shown.total_messages,
            merge_info=shown.merge_info or MergeInfo(),
            external_api_called=shown.external_api_called,
            engine=shown.engine,
            task_id=task.task_id,
        )
        await complete_task(self._stores, task.task_id, result)

    async def _taken_up(self, command: AnalyzeSession | ReanalyzeSession) -> Task | None:
        """The task, at work; as it is where it has ended, None where it is gone.

        Raises TokstreamError(ALREADY_RUNNING) where another run was let in, because this one was silent for too long:
        the messages are the other's now.
        """
        found = await self._stores.documents.get(SESSIONS, command.session_id)
        if found is None:
            return None
        session = found.document

        def taken_up(task: Task) -> Task | None:
            if task.status != "queued":
                return None
            return msgspec.structs.replace(
                task, status="processing", revision=session.revision, updated_at=timestamp(self._stores.clock)
            )

        task = await update(self._stores.documents, TASKS, command.task_id, taken_up)
        if task is not None and task.status not in ENDED and session.task_id != task.task_id:
            raise TokstreamError(ALREADY_RUNNING, "Another run was let in, since this one was silent for too long.")
        return task

    async def _show(self, command: AnalyzeSession | ReanalyzeSession, task: Task, judged: int | None) -> Session | None:
        """Shows what the run has come to: of `process` the messages that it merged. `judged` counts those that an
        engine was asked about, None where the run has failed. Returns the session, None where it is gone."""
        called = self._engine.external and judged != 0

        def shown(session: Session) -> Session | None:
            if session.task_id != task.task_id:
                return None  # of a later run
            return msgspec.structs.replace(
                session,
                status="failed" if judged is None else "completed",
                external_api_called=called or session.external_api_called,
                engine=self._engine.name,
                relationship=task.relationship,
                relationship_info=task.relationship_info,
                updated_at=timestamp(self._stores.clock),
            )

        if isinstance(command, ReanalyzeSession):
            return await update(self._stores.documents, SESSIONS, command.session_id, shown)
        where: dict[str, Value] = {"session_id": command.session_id, "revision": command.revision}
        total = await self._stores.documents.count(MESSAGES, where)

        def merged(session: Session) -> Session | None:
            changed = shown(session)
            return changed and msgspec.structs.replace(
                changed,
                processed=True,
                external_api_called=called,
                total_screenshots=len(task.screenshot_ids),
                total_messages=total,
                merge_info=task.merge_info,
                revision=command.revision,
            )

        session = await update(self._stores.documents, SESSIONS, command.session_id, merged)
        if session is not None and session.revision >= command.revision:
            await self._stores.documents.delete(MESSAGES, {**where, "revision": command.revision - 1})
        return session
