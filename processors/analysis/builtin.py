"""The built-in engine: no network, and for now no opinion. It says so by nulls; it never invents a score."""

from collections.abc import Sequence

from contracts.resources import Message
from processors.analysis.port import Assessment, Relationship


class BuiltinEngine:
    name = "builtin"
    external = False

    async def analyse(self, messages: Sequence[Message], relationship: Relationship) -> Sequence[Assessment]:
        return [Assessment() for _ in messages]
