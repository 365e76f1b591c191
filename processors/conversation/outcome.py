"""What comes of a reply that is whole: what the turn says, and what REST answers with."""

from contracts.base import Record
from contracts.conversations import (
    ConversationContinued,
    ConversationStarted,
    Evaluation,
    QueryAnswer,
    Turn,
)
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import Task
from processors.ai.port import Finish
from processors.conversation.pieces import Reply


def outcome(task: Task, reply: Reply, engine: str) -> tuple[Turn, Record]:
    """(what the turn gains, the answer of its route). Raises TokstreamError(AI_ENGINE_FAILED) where the engine left out
    what the route must answer with."""
    evaluation = next((end for end in reply.ends if isinstance(end, Evaluation)), None)
    finish = next((end for end in reply.ends if isinstance(end, Finish)), Finish(reason="stop"))
    if not reply.text.strip() and task.kind != "complete":
        raise TokstreamError(AI_ENGINE_FAILED, "The AI engine answered without a word.")
    turn = Turn(reply=reply.text, evaluation=evaluation, finish_reason=finish.reason, usage=finish.usage)
    thread_id = task.conversation_id or ""
    if task.kind == "start":
        return turn, ConversationStarted(message=reply.text, thread_id=thread_id, engine=engine)
    if task.kind != "continue":
        return turn, QueryAnswer(response=reply.text)
    if evaluation is None:
        raise TokstreamError(AI_ENGINE_FAILED, "The AI engine did not judge the message.")
    return turn, ConversationContinued(message=reply.text, response=evaluation, thread_id=thread_id, engine=engine)
