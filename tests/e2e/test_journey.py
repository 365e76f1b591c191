"""The main job through the front door: screenshots in, every bubble live over the websocket, one transcript out."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from rapidfuzz.distance import Levenshtein

from tests.e2e.service import Service, png, sample_shots
from tests.screenshots.samples import sample


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("service"))
    running.start()
    yield running
    running.stop()


async def events(service: Service, stream: str, last: str) -> list[dict[str, Any]]:
    """All events of a stream over the websocket, up to one of the type `last`."""
    seen: list[dict[str, Any]] = []
    async with websockets.connect(service.socket_url, subprotocols=["tokstream.v1.json"]) as socket:  # type: ignore[list-item]
        await socket.send(json.dumps({"type": "connect", "id": "c"}))
        await socket.send(json.dumps({"type": "subscribe", "id": "s", "stream": stream}))
        async with asyncio.timeout(60):
            while not seen or seen[-1]["type"] != last:
                frame = json.loads(await socket.recv())
                for message in frame if isinstance(frame, list) else [frame]:
                    if message["type"] == "subscribed":
                        seen += message["events"]
                    elif message["type"] == "event":
                        seen.append({**message, "type": message["event"]})
                    else:
                        assert message["type"] in ("connected", "ping"), message
    return seen


async def test_three_overlapping_screenshots_become_one_transcript_live(service: Service) -> None:
    truth = sample().truth
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session = (await http.post("/sessions")).raise_for_status().json()
        assert set(session) >= {"session_id", "created_at", "status"}
        stream = f"session:{session['session_id']}"
        live = asyncio.create_task(events(service, stream, "session.completed"))
        # The order of uploads is not the order of the conversation.
        for place, shot in enumerate(reversed(sample_shots()), 1):
            answer = await http.post(f"/sessions/{session['session_id']}/upload", files={"file": ("a.png", png(shot))})
            assert answer.status_code == 200, answer.text
            assert answer.json()["upload_order"] == place
            assert answer.json()["processed"] is False
        parameters = {"relationship": "FRIEND", "relationship_info": "2년 지기"}
        processed = await http.post(f"/sessions/{session['session_id']}/process", params=parameters)
        assert processed.status_code == 200, processed.text
        result = processed.json()
        listed = (await http.get(f"/sessions/{session['session_id']}/messages")).raise_for_status().json()
    seen = await live

    assert result["status"] == "completed"
    assert result["external_api_called"] is False
    assert result["total_screenshots"] == 3
    assert [step["gap"] for step in result["merge_info"]["merge_history"]] == [False, False]
    assert len(listed["messages"]) == result["total_messages"] == len(truth.merged)
    for message, expected in zip(listed["messages"], truth.merged, strict=True):
        assert message["speaker"] == expected.speaker
        judged = expected.speaker == "user" and message["kind"] == "text"
        assert (message["score"] is not None) == judged
        assert not judged or 0 <= message["score"] <= 100
        # What the reader does not vouch for may be wrong; what it vouches for may not, but for a blank beside an emoji.
        if expected.kind == "text" and not message["uncertain"]:
            read, shown = ("".join(text.split()) for text in (message["text"], expected.text))
            assert Levenshtein.normalized_similarity(read, shown) >= 0.8, (message, expected)

    assert sum(message["uncertain"] for message in listed["messages"]) <= 2

    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    types = [event["type"] for event in seen]
    assert types[0] == "session.created"
    judgements = {event["data"]["message_id"]: event["data"] for event in seen if event["type"] == "message.analyzed"}
    scored = {message["message_id"]: message for message in listed["messages"] if message["score"] is not None}
    assert judgements.keys() == scored.keys()
    assert all(judgements[name]["score"] == message["score"] for name, message in scored.items())
    assert types.count("screenshot.accepted") == types.count("screenshot.read") == 3
    bubbles = [event["data"] for event in seen if event["type"] == "bubble.read"]
    assert len(bubbles) == sum(e["data"]["bubbles"] for e in seen if e["type"] == "screenshot.read")
    for shot in {bubble["screenshot_id"] for bubble in bubbles}:
        orders = [bubble["bubble"]["order"] for bubble in bubbles if bubble["screenshot_id"] == shot]
        assert orders == list(range(len(orders)))


async def processed_session(http: httpx.AsyncClient, shots: list[bytes]) -> str:
    session_id: str = (await http.post("/sessions")).raise_for_status().json()["session_id"]
    for data in shots:
        (await http.post(f"/sessions/{session_id}/upload", files={"file": ("a.png", data)})).raise_for_status()
    parameters = {"relationship": "FRIEND", "relationship_info": "친구"}
    (await http.post(f"/sessions/{session_id}/process", params=parameters)).raise_for_status()
    return session_id


async def test_search_and_view_find_what_a_screenshot_shows(service: Service) -> None:
    shots = [png(shot) for shot in sample_shots()]
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id = await processed_session(http, shots)
        found = (await http.post(f"/sessions/{session_id}/search", files={"file": ("a.png", shots[1])})).json()
        viewed = (
            await http.post(
                f"/sessions/{session_id}/view", files=[("files", ("a.png", shots[0])), ("files", ("b.png", shots[1]))]
            )
        ).json()
        everything = (await http.get(f"/sessions/{session_id}/messages")).json()["messages"]
    assert found["matched"] is True
    assert found["message"] == f"Found {len(found['results'])} matching messages"
    ids = [message["message_id"] for message in everything]
    places = [ids.index(message["message_id"]) for message in found["results"]]
    assert places == sorted(places)
    assert 4 <= len(places) < len(ids)
    assert viewed["total_matched"] == len(viewed["messages"]) > len(places)
    assert viewed["total_ocr_extracted"] >= viewed["total_matched"]


async def test_a_session_grows_and_is_processed_again(service: Service) -> None:
    shots = [png(shot) for shot in sample_shots()]
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id = await processed_session(http, shots[:1])
        before = (await http.get(f"/sessions/{session_id}/messages")).json()["total_messages"]
        for data in shots[1:]:
            (await http.post(f"/sessions/{session_id}/upload", files={"file": ("a.png", data)})).raise_for_status()
        again = await http.post(f"/sessions/{session_id}/process?relationship=FRIEND&relationship_info=x")
        after = (await http.get(f"/sessions/{session_id}/messages")).json()["total_messages"]
    assert again.json()["total_messages"] == after
    assert after == len(sample().truth.merged) > before


async def test_a_photo_without_any_chat_gives_a_session_without_messages(service: Service) -> None:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.effect_mandelbrot((900, 1200), (-2, -1.5, 1, 1.5), 60).convert("RGB").save(buffer, "JPEG")
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id = await processed_session(http, [buffer.getvalue()])
        listed = (await http.get(f"/sessions/{session_id}/messages")).json()
    assert listed["messages"] == []


async def test_deleting_a_session_leaves_nothing_of_it(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id = await processed_session(http, [png(sample_shots()[0])])
        folder = service.data_dir / "blobs" / "sessions" / session_id
        assert any(folder.iterdir())
        assert (await http.delete(f"/sessions/{session_id}")).status_code in (200, 204)
        assert (await http.get(f"/sessions/{session_id}")).status_code == 404
        assert not folder.exists() or not any(folder.iterdir())


async def test_the_service_is_ready_and_says_what_runs(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        ready = await http.get("/readyz")
        info = (await http.get("/info")).json()
    assert ready.status_code == 200, ready.text
    capabilities = {consumer["capability"] for consumer in ready.json()["consumers"]}
    assert capabilities == {"ocr", "imports", "merge", "analysis", "conversation"}
    assert any(engine["name"] == "tokstream" and engine["available"] for engine in info["engines"])


def test_a_second_service_on_the_same_data_is_refused_clearly(service: Service, tmp_path: Path) -> None:
    second = Service(tmp_path, {"TOKSTREAM_DATA_DIR": str(service.data_dir)})
    with pytest.raises(RuntimeError, match="is in use"):
        second.start()
