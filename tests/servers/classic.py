"""A fake of the classic analysis API (specification 000): the four URLs over real sockets."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.servers.ai import Recorded, serving

ANALYZE, SUGGEST, START, SEND = "analyze-messages", "suggestion-messages", "start-conversation", "send-message"


class FakeClassic:
    """Answers as the specification shows it. `answers[name]` holds what to answer instead, once each: a status, or the
    JSON of a good answer."""

    def __init__(self) -> None:
        self.origin = ""
        self.requests: list[Recorded] = []
        self.answers: dict[str, deque[Any]] = {name: deque() for name in (ANALYZE, SUGGEST, START, SEND)}
        self.threads: dict[str, list[str]] = {}
        """What each thread was told."""
        self.delay = 0.0
        """Seconds before each answer."""

    def url(self, name: str) -> str:
        return f"{self.origin}/{name}"

    def bodies(self, name: str) -> list[dict[str, Any]]:
        return [request.body for request in self.requests if request.path == f"/{name}"]

    def app(self) -> web.Application:
        app = web.Application()
        for name in self.answers:
            app.router.add_post(f"/{name}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        recorded = Recorded(request.path, dict(request.headers), await request.read())
        self.requests.append(recorded)
        await asyncio.sleep(self.delay)
        name = request.path.lstrip("/")
        if self.answers[name]:
            scripted = self.answers[name].popleft()
            if isinstance(scripted, int):
                return web.json_response({"detail": "scripted"}, status=scripted)
            return _json(scripted)
        body = recorded.body
        if name == ANALYZE:
            return _json({"messages": [judged(message) for message in body["messages"]]})
        if name == SUGGEST:
            return _json({"suggestions": [suggested(style) for style in ("관계형", "공감형", "해결형")]})
        if name == START:
            thread = f"thread_{len(self.threads) + 1}"
            self.threads[thread] = []
            return _json({"message": "요즘 나랑 보내는 시간 어때?", "thread_id": thread})
        if body["thread_id"] not in self.threads:
            return web.json_response({"detail": "Thread not found"}, status=404)
        self.threads[body["thread_id"]].append(body["message"])
        number = len(self.threads[body["thread_id"]])
        return _json({"message": f"그랬구나 ({number})", "response": evaluated()})


def judged(message: dict[str, Any]) -> dict[str, Any]:
    """A message of the answer; nulls for the interlocutor, as the specification shows."""
    own = message["speaker"] == "user"
    return {
        **message,
        "score": 85.0 if own else None,
        "emotional_tone": "POSITIVE" if own else None,
        "impact_score": 2.0 if own else None,
        "review_comment": "친근하고 적절합니다." if own else None,
        "suggested_alternative": None,
    }


def suggested(style: str) -> dict[str, Any]:
    return {"style": style, "text": f"{style} 답장", "expected_impact": 2, "explanation": "마음을 알아 줍니다"}


def evaluated() -> dict[str, Any]:
    return {
        "emotional_tone": "neutral",
        "appropriateness_rating": 60,
        "impact_score": 0,
        "review_comment": "상황을 조금 더 설명하면 좋겠습니다.",
        "suggested_alternative": "미안해, 조금만 기다려 줄래?",
    }


@asynccontextmanager
async def fake_classic() -> AsyncIterator[FakeClassic]:
    """A fake service on a free port."""
    fake = FakeClassic()
    async with serving(fake.app()) as origin:
        fake.origin = origin
        yield fake


def _json(document: Any) -> web.Response:
    return web.Response(body=json.dumps(document, ensure_ascii=False).encode(), content_type="application/json")
