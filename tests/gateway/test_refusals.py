"""Bad input: each kind gets its documented answer, and nothing of it is stored."""

import asyncio
import io
import random
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from contracts.base import decode
from contracts.errors import Problem
from contracts.resources import Task
from storage.collections import SCREENSHOTS, TASKS
from tests.gateway.service import CONFIG, Service, gateway, png

STRANGE_IDS = (
    "unknown",
    "0197b1de-0000-7000-8000-000000000000",
    "...",
    "%2e%2e%2fetc%2fpasswd",
    "a" * 500,
    "%00",
    "한글",
    "' OR 1=1 --",
)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(width: int, height: int) -> bytes:
    """A PNG that announces many pixels and holds next to none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 50)).save(buffer, "GIF")
    return buffer.getvalue()


def noise(form: str) -> bytes:
    """An image that no compression makes small: cut at its end it lacks pixels, not only its last chunk."""
    buffer = io.BytesIO()
    Image.effect_noise((120, 120), 90).convert("RGB").save(buffer, form, quality=95)
    return buffer.getvalue()


def problem_of(content: bytes) -> Problem:
    problem = decode(content, Problem)
    assert problem.detail
    assert problem.title
    assert problem.type == f"tokstream:{problem.code}"
    return problem


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"", "a.png", 422, "image-unreadable"),
        (png()[:20], "a.png", 422, "image-unreadable"),
        (b"\x89PNG\r\n\x1a\n", "a.png", 422, "image-unreadable"),
        (b"\xff\xd8\xff", "a.jpg", 422, "image-unreadable"),
        (noise("PNG")[:-2000], "a.png", 422, "image-unreadable"),
        (noise("JPEG")[:-2000], "a.jpg", 422, "image-unreadable"),
        (noise("WEBP")[:-2000], "a.webp", 422, "image-unreadable"),
        (b"just text", "a.png", 415, "unsupported-media-type"),
        (gif(), "a.png", 415, "unsupported-media-type"),
        (b"%PDF-1.7", "a.pdf", 415, "unsupported-media-type"),
        (huge_png(10_000, 10_000), "a.png", 413, "image-too-large"),
        (huge_png(2**31 - 1, 2**31 - 1), "a.png", 413, "image-too-large"),
    ],
)
async def test_images_that_cannot_be_read_are_refused(
    tmp_path: Path, data: bytes, name: str, status: int, code: str
) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        response = await service.client.post(
            f"/sessions/{session_id}/upload", files={"file": (name, data, "image/png")}
        )
        assert response.status_code == status, response.text
        problem = problem_of(response.content)
        assert problem.code == code
        assert problem.field == "file"
        assert response.headers["content-type"] == "application/problem+json"
        await assert_nothing_stored(service, session_id, tmp_path)


async def assert_nothing_stored(service: Service, session_id: str, directory: Path) -> None:
    assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == 0
    assert [path for path in (directory / "blobs").rglob("*") if path.is_file()] == []
    assert service.processor.seen == []


async def test_a_mislabelled_image_is_taken_for_what_it_is(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        response = await service.client.post(
            f"/sessions/{session_id}/upload", files={"file": ("chat.jpg", png(), "image/jpeg")}
        )
        assert response.status_code == 200
        found = await service.stores.documents.get(SCREENSHOTS, response.json()["screenshot_id"])
        assert found is not None
        assert found.document.media_type == "image/png"


async def test_an_upload_over_the_limit_is_refused_before_it_has_arrived(tmp_path: Path) -> None:
    config = msgspec.structs.replace(CONFIG, max_upload_bytes=100_000)
    async with gateway(tmp_path, config) as service:
        session_id = await service.session()
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
            while sent < 50_000_000:
                sent += 10_000
                yield b"\0" * 10_000

        response = await service.client.post(
            f"/sessions/{session_id}/upload",
            content=endless(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert response.status_code == 413
        assert problem_of(response.content).code == "upload-too-large"
        assert sent < 200_000
        announced = await service.client.post(
            f"/sessions/{session_id}/upload",
            content=b"--b--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "99999999999999999999"},
        )
        assert announced.status_code == 413
        await assert_nothing_stored(service, session_id, tmp_path)


async def test_a_body_that_never_comes_is_given_up(tmp_path: Path) -> None:
    config = msgspec.structs.replace(CONFIG, body_timeout=0.05)
    async with gateway(tmp_path, config) as service:
        session_id = await service.session()
        never = asyncio.Event()

        async def stalled() -> AsyncIterator[bytes]:
            yield b"--b\r\n"
            await never.wait()

        response = await service.client.post(
            f"/sessions/{session_id}/upload",
            content=stalled(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert response.status_code == 408
        assert problem_of(response.content).temporary


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"rubbish", "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nnever ended',
            "multipart/form-data; boundary=b",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (
            b"--b\r\n" + b"X-A: b\r\n" * 1000 + b'Content-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n' * 100, "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n' * 3 + b"--b--\r\n",
            "multipart/form-data; boundary=b",
        ),
        (png(), "image/png"),
        (b"[1, 2]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"x", ""),
    ],
)
async def test_a_body_without_the_file_is_400(tmp_path: Path, content: bytes, kind: str) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        response = await service.client.post(
            f"/sessions/{session_id}/upload", content=content, headers={"Content-Type": kind}
        )
        assert response.status_code == 400, response.text
        assert problem_of(response.content).code in ("bad-request", "missing-parameter")
        await assert_nothing_stored(service, session_id, tmp_path)


@pytest.mark.parametrize("identifier", STRANGE_IDS)
async def test_a_session_that_is_not_there_is_404_everywhere(tmp_path: Path, identifier: str) -> None:
    async with gateway(tmp_path) as service:
        base = f"/sessions/{identifier}"
        parameters = {"relationship": "FRIEND", "relationship_info": "x"}
        answers = [
            await service.client.get(base),
            await service.client.delete(base),
            await service.client.post(f"{base}/upload", files={"file": png()}),
            await service.client.post(f"{base}/process", params=parameters),
            await service.client.post(f"{base}/process"),
            await service.client.get(f"{base}/messages"),
            await service.client.post(f"{base}/search", files={"file": png()}),
            await service.client.post(f"{base}/view", files={"files": png()}),
            await service.client.get(f"{base}/screenshots/x"),
            await service.client.get(f"{base}/transcript"),
            await service.client.get(f"/result/{identifier}"),
        ]
        for response in answers:
            assert response.status_code in (404, 405), response.url
            assert problem_of(response.content).detail


async def test_another_sessions_screenshot_is_404(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        mine, other = await service.session(), await service.session()
        screenshot_id = await service.upload(other)
        response = await service.client.get(f"/sessions/{mine}/screenshots/{screenshot_id}")
        assert response.status_code == 404
        assert problem_of(response.content).code == "screenshot-not-found"


async def test_process_needs_screenshots_and_both_parameters(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        response = await service.process(session_id)
        assert response.status_code == 400
        assert problem_of(response.content).code == "session-empty"
        await service.upload(session_id)
        url = f"/sessions/{session_id}/process"
        for parameters, missing in (
            ({}, "relationship"),
            ({"relationship": "FRIEND"}, "relationship_info"),
            ({"relationship_info": "x"}, "relationship"),
            ({"relationship": " ", "relationship_info": "x"}, "relationship"),
        ):
            response = await service.client.post(url, params=parameters)
            assert response.status_code == 400
            problem = problem_of(response.content)
            assert (problem.code, problem.field) == ("missing-parameter", missing)
        long = {"relationship": "FRIEND", "relationship_info": "x" * 5000}
        response = await service.client.post(url, params=long)
        assert response.status_code == 400
        assert problem_of(response.content).field == "relationship_info"
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 0


@pytest.mark.parametrize("shape", ["json", "data"])
async def test_process_takes_its_parameters_from_the_body_too(tmp_path: Path, shape: str) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        body = {shape: {"relationship": "LOVER", "relationship_info": "3년"}}
        response = await service.client.post(f"/sessions/{session_id}/process", **body)  # type: ignore[arg-type]
        assert response.status_code == 200, response.text
        page = await service.stores.documents.find(TASKS, {"session_id": session_id})
        task: Task = page.documents[0]
        assert (task.relationship, task.relationship_info) == ("LOVER", "3년")


async def test_what_needs_a_processed_session_is_400_before(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        base = f"/sessions/{session_id}"
        for response in (
            await service.client.get(f"{base}/messages"),
            await service.client.get(f"{base}/transcript"),
            await service.client.post(f"{base}/search", files={"file": png()}),
            await service.client.post(f"{base}/view", files={"files": png()}),
        ):
            assert response.status_code == 400
            assert problem_of(response.content).code == "session-not-processed"


async def test_probes_with_a_bad_image_store_nothing(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        before = sorted(path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
        files = [("files", ("a.png", png(), "image/png")), ("files", ("b.png", b"no image", "image/png"))]
        response = await service.client.post(f"/sessions/{session_id}/view", files=files)
        assert response.status_code == 415
        many = [("files", (f"{number}.png", png(), "image/png")) for number in range(CONFIG.max_files + 1)]
        response = await service.client.post(f"/sessions/{session_id}/view", files=many)
        assert response.status_code == 400
        assert sorted(path for path in (tmp_path / "blobs").rglob("*") if path.is_file()) == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/sessions/x/y/z", 404, "not-found"),
        ("PUT", "/sessions", 405, "method-not-allowed"),
        ("GET", "/tickets", 405, "method-not-allowed"),
        ("GET", "/sessions?limit=0", 400, "bad-request"),
        ("GET", "/sessions?limit=%EF%BC%95", 400, "bad-request"),
        ("GET", "/sessions?limit=100000", 400, "bad-request"),
        ("GET", "/sessions?limit=0000000019999", 400, "bad-request"),
        ("GET", f"/sessions?limit=000000001{'0' * 5000}", 400, "bad-request"),
        ("GET", "/sessions?after=rubbish", 400, "invalid-cursor"),
        ("GET", "/streams/nonsense/events", 404, "stream-not-found"),
    ],
)
async def test_wrong_requests_are_problems(tmp_path: Path, method: str, path: str, status: int, code: str) -> None:
    async with gateway(tmp_path) as service:
        response = await service.client.request(method, path)
        assert response.status_code == status, response.text
        assert problem_of(response.content).code == code
        assert response.headers["content-type"] == "application/problem+json"
        if status == 405:
            assert response.headers["allow"]


async def test_wrong_choices_are_400(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        screenshot_id = await service.upload(session_id)
        for path, field in (
            (f"/sessions/{session_id}/transcript?format=docx", "format"),
            (f"/sessions/{session_id}/screenshots/{screenshot_id}?annotated=yes", "annotated"),
        ):
            response = await service.client.get(path)
            assert response.status_code == 400
            assert problem_of(response.content).field == field


async def test_a_full_disk_for_spooling_is_503_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files above a megabyte are spooled to the temporary directory; here it is one that cannot be written to."""
    noise = io.BytesIO()
    Image.effect_noise((1500, 1500), 50).save(noise, "PNG")
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        with monkeypatch.context() as patched:
            patched.setattr("tempfile.tempdir", str(tmp_path / "missing"))
            response = await service.client.post(f"/sessions/{session_id}/upload", files={"file": noise.getvalue()})
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert problem_of(response.content).code == "unavailable"
        await assert_nothing_stored(service, session_id, tmp_path)
        assert await service.upload(session_id, noise.getvalue())


async def test_mangled_bodies_are_refused_and_never_a_defect(tmp_path: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    whole = head + png(20, 20) + b"\r\n--b--\r\n"
    chance = random.Random(3)
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        taken = 0
        for _ in range(200):
            body = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                place = chance.randrange(len(body))
                match chance.randrange(3):
                    case 0:
                        body[place] = chance.randrange(256)
                    case 1:
                        del body[place : place + chance.randrange(1, 20)]
                    case _:
                        body[place:place] = chance.randbytes(chance.randrange(1, 20))
            response = await service.client.post(
                f"/sessions/{session_id}/upload",
                content=bytes(body),
                headers={"Content-Type": "multipart/form-data; boundary=b"},
            )
            assert response.status_code in (200, 400, 413, 415, 422), body
            taken += response.status_code == 200
        assert 0 < taken < 200
        assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == taken
