"""A chat export and screenshots of the same chat through the front door of the real service, reader and all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.service import Service, png, sample_shots
from tests.processors.imports.dialects import DIALECTS, Line
from tests.screenshots.samples import FRIEND, conversation

ME = "나"
LINES = [Line(ME if one.speaker == "user" else FRIEND, one.text, one.minute) for one in conversation().utterances]
WRITERS = {dialect.name: dialect.write for dialect in DIALECTS}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("service"))
    running.start()
    yield running
    running.stop()


async def merged(http: httpx.AsyncClient, exports: dict[str, str], shots: list[bytes]) -> tuple[str, dict[str, Any]]:
    """(session, result of `process`) of screenshots, then exports (file name → text)."""
    session_id: str = (await http.post("/sessions")).raise_for_status().json()["session_id"]
    for data in shots:
        (await http.post(f"/sessions/{session_id}/upload", files={"file": ("a.png", data)})).raise_for_status()
    for name, text in exports.items():
        files = {"file": (name, text.encode())}
        imported = await http.post(f"/sessions/{session_id}/import", files=files, data={"me": ME})
        assert imported.status_code == 200, imported.text
        assert imported.json()["broken_total"] == 0
    parameters = {"relationship": "FRIEND", "relationship_info": "친구"}
    processed = await http.post(f"/sessions/{session_id}/process", params=parameters)
    assert processed.status_code == 200, processed.text
    return session_id, processed.json()


def squeezed(text: str) -> str:
    return "".join(text.split())


async def test_screenshots_inside_an_export_add_nothing(service: Service) -> None:
    text = WRITERS["kakao-android"](FRIEND, LINES)
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id, result = await merged(http, {"a.txt": text}, [png(shot) for shot in sample_shots()])
        messages = (await http.get(f"/sessions/{session_id}/messages")).json()["messages"]
    assert [message["text"] for message in messages] == [line.text for line in LINES]
    assert all(
        message["sent_at"] == line.moment.isoformat(timespec="minutes")
        for message, line in zip(messages, LINES, strict=True)
    )
    assert len(result["merge_info"]["duplicates"]) == 3
    # All that the screenshots show was recognised as what it is.
    assert sum(len(message["sources"]) > 1 for message in messages) >= len(LINES) - 1


async def test_screenshots_go_on_where_exports_end(service: Service) -> None:
    exports = {"a.csv": WRITERS["kakao-csv"](FRIEND, LINES[:9]), "b.txt": WRITERS["kakao-pc"](FRIEND, LINES[6:11])}
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id, result = await merged(http, exports, [png(shot) for shot in sample_shots()])
        messages = (await http.get(f"/sessions/{session_id}/messages")).json()["messages"]
        transcript = (await http.get(f"/sessions/{session_id}/transcript?format=txt")).text
        shot = png(sample_shots()[0])
        found = (await http.post(f"/sessions/{session_id}/search", files={"file": ("a.png", shot)})).json()
        viewed = (await http.post(f"/sessions/{session_id}/view", files=[("files", ("a.png", shot))])).json()
    assert not any(step["gap"] for step in result["merge_info"]["merge_history"])
    assert len(messages) == len(LINES)
    assert [message["text"] for message in messages[:11]] == [line.text for line in LINES[:11]]
    assert [message["speaker"] == "user" for message in messages] == [line.sender == ME for line in LINES]
    assert transcript.startswith("[2025-04-17T19:42:00] 윤하늘: 주말에 시간 돼?\n")
    assert found["matched"] is True
    assert squeezed(LINES[0].text) in {squeezed(message["text"]) for message in found["results"]}
    assert viewed["total_matched"] == len(found["results"])


async def test_a_file_that_is_no_export_is_refused_and_forgotten(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        session_id: str = (await http.post("/sessions")).raise_for_status().json()["session_id"]
        response = await http.post(f"/sessions/{session_id}/import", files={"file": ("a.txt", b"hello\n")})
        view = (await http.get(f"/sessions/{session_id}")).json()
    assert response.status_code == 415
    assert "KakaoTalk" in response.json()["detail"]
    assert view["screenshots"] == []
    folder: Path = service.data_dir / "blobs" / "sessions" / session_id
    assert not folder.exists() or not any(folder.iterdir())
