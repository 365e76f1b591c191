"""The OpenAPI document is valid, complete, and true of what the gateway really answers."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import msgspec
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route, compile_path

from tests.gateway.service import Service, gateway, png


@dataclass
class Witness:
    """Holds every answer that it sees against the document; `seen` has the operations that were answered."""

    document: dict[str, Any]
    seen: set[str] = field(default_factory=set)

    async def examine(self, response: httpx.Response) -> None:
        """Fails where the answer is not one that the document tells of."""
        await response.aread()
        operation = self._operation(response.request)
        described = operation["responses"].get(str(response.status_code))
        assert described is not None, f"{operation['operationId']} does not tell of {response.status_code}"
        self.seen.add(operation["operationId"])
        for name in response.headers:
            if name in ("location", "preference-applied", "idempotent-replay"):
                assert name in {known.lower() for known in described.get("headers", {})}, name
        content = described.get("content")
        if content is None:
            assert response.content == b""
            return
        kind = response.headers["content-type"].partition(";")[0]
        assert kind in content, f"{operation['operationId']} does not tell of {kind}"
        if kind.endswith("json") and "$ref" in content[kind]["schema"]:
            schema = {**content[kind]["schema"], "components": self.document["components"]}
            jsonschema.Draft202012Validator(schema).validate(response.json())
            # An answer has what is documented and nothing beyond it, which plain JSON Schema would let pass.
            component = self.document["components"]["schemas"][content[kind]["schema"]["$ref"].rpartition("/")[2]]
            assert set(response.json()) <= set(component["properties"])

    def _operation(self, request: httpx.Request) -> dict[str, Any]:
        for path, methods in self.document["paths"].items():
            if compile_path(path)[0].match(request.url.path) and request.method.lower() in methods:
                found: dict[str, Any] = methods[request.method.lower()]
                return found
        raise AssertionError(f"{request.method} {request.url.path} is not documented")


async def document_of(service: Service) -> dict[str, Any]:
    response = await service.client.get("/openapi.json")
    assert response.status_code == 200
    document: dict[str, Any] = response.json()
    return document


async def test_the_document_is_valid(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        document = await document_of(service)
        OpenAPIV31SpecValidator(document).validate()
        assert document["info"]["version"] == "1.2.3"


async def test_the_document_and_the_routes_name_the_same_operations(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        document = await document_of(service)
        documented = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
        routed = {
            (method, route.path_format)
            for route in service.app.routes
            if isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}
        }
        assert documented == routed


async def test_the_specified_routes_are_there(tmp_path: Path) -> None:
    """The names and places of the specification, to the letter."""
    async with gateway(tmp_path) as service:
        document = await document_of(service)
        paths, known = document["paths"], document["components"]["schemas"]
        for path, field_name in (("upload", "file"), ("search", "file"), ("view", "files")):
            body = paths[f"/sessions/{{session_id}}/{path}"]["post"]["requestBody"]["content"]["multipart/form-data"]
            assert list(body["schema"]["properties"]) == [field_name]
        process = paths["/sessions/{session_id}/process"]["post"]
        assert {p["name"] for p in process["parameters"] if p["in"] == "query"} == {"relationship", "relationship_info"}
        assert "requestBody" not in paths["/sessions/{session_id}/predict-next"]["post"]
        for name, fields in {
            "SessionCreated": "session_id created_at status",
            "ScreenshotUploaded": "screenshot_id session_id upload_order processed message",
            "ProcessResult": "session_id status total_screenshots total_messages merge_info external_api_called",
            "MessageList": "session_id total_messages total_screenshots messages",
            "Message": "message_id text speaker confidence position group_id score emotional_tone impact_score "
            "ai_message suggested_alternative",
            "SearchResult": "matched message results",
            "SuggestionList": "session_id relationship relationship_info total_messages suggestions",
            "Suggestion": "style text expected_impact explanation",
            "ViewResult": "session_id matched total_matched total_ocr_extracted messages",
            "MergeStep": "step overlap_found overlap_length",
            "MergeInfo": "merge_history total_merged",
            "Position": "x y width height",
        }.items():
            assert set(fields.split()) <= set(known[name]["properties"]), name


async def test_every_operation_answers_as_documented(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        document = await document_of(service)
        witness = Witness(document)
        service.client.event_hooks = {"response": [witness.examine]}
        await journey(service)
        names = {op["operationId"] for methods in document["paths"].values() for op in methods.values()}
        assert witness.seen == names


KAKAO_TALK = """민지 님과 카카오톡 대화
저장한 날짜 : 2026년 3월 2일 오후 3:05

2026년 3월 1일 오후 1:23, 민지 : 점심 먹었어?
2026년 3월 1일 오후 1:24, 지우 : 아직
"""


async def journey(service: Service) -> None:
    """Every operation at least once, with its successes and its refusals."""
    client = service.client
    for path in ("/healthcheck", "/readyz", "/info", "/openapi.json", "/asyncapi.json", "/docs", "/"):
        await client.get(path)
    for path in ("/web/app.js", "/web/page.css", "/web/icon.svg", "/web/none.js"):
        await client.get(path)
    await client.post("/tickets")
    key = {"Idempotency-Key": "k"}
    session_id = (await client.post("/sessions", headers=key)).json()["session_id"]
    await client.post("/sessions", headers=key)
    base = f"/sessions/{session_id}"
    await client.post(f"{base}/process")
    await client.get(f"{base}/messages")
    await client.post(f"{base}/upload", files={"file": b"text"})
    await client.post(f"{base}/upload")
    first = await service.upload(session_id)
    await service.upload(session_id)
    accepted = await service.process(session_id, Prefer="respond-async", Idempotency_Key="p")
    await service.process(session_id, Prefer="respond-async", Idempotency_Key="p")
    location = accepted.headers["location"]
    await client.get(f"/streams/session:{session_id}/events", headers={"Accept": "application/json"})
    while (await client.get(location)).json()["status"] == "processing":
        await client.get(
            f"/streams/session:{session_id}/events", headers={"Accept": "application/json", "Prefer": "wait=1"}
        )
    await service.process(session_id, Prefer="wait=20")
    for path in ("", "/messages", "/transcript", "/transcript?format=txt", "/transcript?format=csv"):
        await client.get(f"{base}{path}")
    await client.get(f"{base}/transcript?format=md")
    await client.get(f"{base}/transcript?format=docx")
    await client.get(f"{base}/screenshots/{first}")
    await client.get(f"{base}/screenshots/{first}?annotated=1")
    await client.get(f"{base}/screenshots/none")
    files = {"file": ("KakaoTalk.txt", KAKAO_TALK.encode())}
    imported = await client.post(f"{base}/import", files=files, headers={"Prefer": "wait=20"})
    assert imported.status_code == 200, imported.text
    await client.get(f"{base}/screenshots/{imported.json()['screenshot_id']}")
    await client.post(f"{base}/import", files=files, data={"me": "누구"}, headers={"Prefer": "wait=20"})
    await client.post(f"{base}/import", files={"file": ("a.txt", b"no chat")}, headers={"Prefer": "wait=20"})
    await client.post(f"{base}/import", files=files, headers={"Prefer": "respond-async", **key})
    await client.post(f"{base}/import")
    await client.get("/sessions?limit=1")
    await client.get("/sessions?after=x")
    await client.post(f"{base}/search", files={"file": png()}, headers={"Prefer": "wait=20"})
    await client.post(f"{base}/view", files=[("files", png()), ("files", png())])
    for path in ("analyze", "analyze?all=true&relationship=LOVER", "analyze?all=maybe", "predict-next"):
        await client.post(f"{base}/{path}")
        await client.post(f"{base}/{path}", headers={"Prefer": "respond-async", "Idempotency-Key": path[:9]})
    await client.delete(base)
    await client.delete(base)
    await client.get(location)
    await talk(client)


async def talk(client: httpx.AsyncClient) -> None:
    """The conversations, the chat and the OpenAI-compatible surface."""
    started = await client.post("/start-conversation", json={"relationship": "연인"}, headers={"Idempotency-Key": "s"})
    await client.post("/start-conversation")
    thread = started.json()["thread_id"]
    await client.post("/continue-conversation", json={"message": "안녕", "thread_id": thread})
    await client.post("/continue-conversation", json={"message": "안녕", "thread_id": "none"})
    accepted = await client.post(
        "/continue-conversation", json={"message": "또", "thread_id": thread}, headers={"Prefer": "respond-async"}
    )
    assert accepted.status_code == 202
    await client.get("/conversations?limit=1")
    for path in ("", "/turns", "/turns?after=x"):
        await client.get(f"/conversations/{thread}{path}")
    await client.post(f"/conversations/{thread}/cancel")
    await client.delete(f"/conversations/{thread}")
    await client.delete(f"/conversations/{thread}")
    for path in ("/models", "/model", "/model?client_name=a", "/history", "/v1/models", "/v1/models/none"):
        await client.get(path)
    await client.get("/v1/models/scripted-1")
    for model in ("scripted-2", "none"):
        await client.post("/model", json={"model": model, "client_name": "a"})
        await client.post("/v1/chat/completions", json={"model": model, "messages": [{"role": "user", "content": "?"}]})
    await client.post("/v1/chat/completions", json={"model": "scripted-1"})
    stream = {"model": "scripted-1", "messages": [{"role": "user", "content": "?"}], "stream": True}
    await client.post("/v1/chat/completions", json=stream)
    await client.post("/query", json={"input": "안녕", "client_name": "a"})
    await client.post("/query", json={"input": "안녕"})
    for query in ("", "&limit=1", "&after=x&limit=1"):
        await client.get(f"/history?client_name=a{query}")
    await client.delete("/history?client_name=a")


class Ids(HTMLParser):
    """The ids of a page, and what its links point to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.ids.add(named.get("id") or "")
        self.links.add(named.get("href") or "")


async def test_the_page_shows_every_operation_and_loads_nothing(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        document = await document_of(service)
        response = await service.client.get("/docs")
        assert response.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in response.headers["content-security-policy"]
        page = Ids()
        page.feed(response.text)
        names = {op["operationId"] for methods in document["paths"].values() for op in methods.values()}
        assert names <= page.ids
        assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
        assert not page.tags & {"script", "img", "link", "iframe"}
        asyncapi = msgspec.json.decode((await service.client.get("/asyncapi.json")).content)
        assert asyncapi["asyncapi"].startswith("3.")
