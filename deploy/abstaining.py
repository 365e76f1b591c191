"""An engine without an opinion, for a deployment that has no other. It says so; it never invents a score."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from contracts.conversations import ChatMessage, Evaluation, Model, Suggestion
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import Message
from processors.ai.port import Assessment, Completion, Finish, Relationship


class AbstainingEngine:
    """Judges nothing, and refuses the rest."""

    name = "none"
    external = False

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        return {}

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        raise _refusal()

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        _refuse()
        yield ""

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        _refuse()
        yield ""

    async def models(self) -> Sequence[Model]:
        raise _refusal()

    async def close(self) -> None:
        pass


def _refusal() -> TokstreamError:
    return TokstreamError(AI_ENGINE_FAILED, "No AI engine is set up.")


def _refuse() -> None:
    raise _refusal()
