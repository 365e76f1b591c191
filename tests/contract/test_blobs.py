"""What `storage.blobs` promises, asked of a directory and of an S3 server."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.blobs import BlobConfig, Blobs, open_blobs, open_directory
from storage.errors import NotFound, Unavailable
from tests.servers.process import free_ports
from tests.servers.s3 import S3Server


def s3_config(server: S3Server, bucket: str, timeout_seconds: float = 30.0) -> BlobConfig:
    return BlobConfig(
        url=f"s3://{bucket}/images",
        options={
            "endpoint": server.endpoint,
            "region": server.region,
            "access_key_id": server.access_key,
            "secret_access_key": server.secret_key,
            "virtual_hosted_style_request": "false",
        },
        allow_http=True,
        timeout_seconds=timeout_seconds,
    )


@pytest.fixture(params=["directory", "s3"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    if request.param == "directory":
        yield await open_blobs(BlobConfig(url=(tmp_path / "some blobs").as_uri()))
    else:
        server: S3Server = request.getfixturevalue("s3")
        yield await open_blobs(s3_config(server, server.make_bucket(uuid.uuid4().hex)))


@pytest.mark.parametrize("size", [0, 1, 100_000, 7_000_000])
async def test_a_blob_comes_back_byte_for_byte(blobs: Blobs, size: int) -> None:
    data = os.urandom(size)
    await blobs.put("sessions/1/shot-1.png", data)
    assert await blobs.get("sessions/1/shot-1.png") == data


async def test_putting_again_replaces(blobs: Blobs) -> None:
    await blobs.put("a/b", b"a longer first text")
    await blobs.put("a/b", b"second")
    assert await blobs.get("a/b") == b"second"


async def test_a_missing_blob_is_not_found(blobs: Blobs) -> None:
    await blobs.put("a/b/c", b"x")
    for key in ("a/b", "a/b/d", "a/c/d", "z"):
        with pytest.raises(NotFound):
            await blobs.get(key)


async def test_delete_takes_the_blob_and_what_is_under_it(blobs: Blobs) -> None:
    for key in ("s/1/a", "s/1/b", "s/1/deep/c", "s/10/a", "s/2", "s/1-x"):
        await blobs.put(key, key.encode())
    assert await blobs.delete("s/1") == 3
    assert await blobs.delete("s/1") == 0
    for key in ("s/1/a", "s/1/b", "s/1/deep/c"):
        with pytest.raises(NotFound):
            await blobs.get(key)
    for key in ("s/10/a", "s/2", "s/1-x"):
        assert await blobs.get(key) == key.encode()
    assert await blobs.delete("s/2") == 1
    assert await blobs.delete("s") == 2
    assert await blobs.delete("never/there") == 0


async def test_a_key_can_be_used_again_after_deletion(blobs: Blobs) -> None:
    await blobs.put("s/1/a", b"first")
    await blobs.delete("s")
    await blobs.put("s/1/a", b"second")
    assert await blobs.get("s/1/a") == b"second"


BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../outside",
    "a/../../outside",
    "a/./b",
    "a//b",
    "a/",
    ".incoming/x",
    "a/.hidden",
    "a\\..\\b",
    "a\x00b",
    "a b",
    "a\n",
    "%2e%2e/x",
    "a#1",
    "사진",
    "-rf",
    "x" * 513,
]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_key_that_could_lead_astray_is_refused(tmp_path: Path, key: str) -> None:
    (tmp_path / "outside").write_bytes(b"not yours")
    blobs = await open_directory(tmp_path / "blobs")
    with pytest.raises(ValueError):
        await blobs.put(key, b"x")
    with pytest.raises(ValueError):
        await blobs.get(key)
    with pytest.raises(ValueError):
        await blobs.delete(key)
    assert (tmp_path / "outside").read_bytes() == b"not yours"


async def test_readers_see_all_of_a_blob_or_nothing(blobs: Blobs) -> None:
    texts = [bytes([number]) * 300_000 for number in range(4)]
    await blobs.put("shared", texts[0])
    writing = True

    async def write(text: bytes) -> None:
        for _ in range(5):
            await blobs.put("shared", text)

    async def read() -> None:
        while writing:
            assert await blobs.get("shared") in texts

    async with asyncio.TaskGroup() as tasks:
        readers = [tasks.create_task(read()) for _ in range(2)]
        await asyncio.gather(*(write(text) for text in texts))
        writing = False
        await asyncio.gather(*readers)


async def test_putting_and_deleting_side_by_side_loses_nothing_else(blobs: Blobs) -> None:
    async def churn(number: int) -> None:
        for _ in range(10):
            await blobs.put(f"busy/{number % 2}/{number}", b"x")
            await blobs.delete(f"busy/{number % 2}/{number}")

    async def keep(number: int) -> None:
        await blobs.put(f"kept/{number}", str(number).encode())

    await asyncio.gather(*(churn(number) for number in range(6)), *(keep(number) for number in range(20)))
    assert await blobs.delete("busy") == 0
    assert await blobs.delete("kept") == 20


async def test_check_passes_on_a_store_that_works(blobs: Blobs) -> None:
    await blobs.check()


async def test_what_a_killed_process_left_half_written_is_cleared(tmp_path: Path) -> None:
    blobs = await open_directory(tmp_path)
    await blobs.put("kept", b"x")
    (tmp_path / ".incoming").mkdir(exist_ok=True)
    (tmp_path / ".incoming" / "abc#1").write_bytes(b"half")
    blobs = await open_directory(tmp_path)
    assert await blobs.get("kept") == b"x"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["kept"]


async def test_a_directory_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        await open_directory(tmp_path / "file" / "blobs")


async def test_a_missing_bucket_is_unavailable_and_works_once_it_is_made(s3: S3Server) -> None:
    bucket = uuid.uuid4().hex
    blobs = await open_blobs(s3_config(s3, bucket))
    with pytest.raises(Unavailable):
        await blobs.check()
    with pytest.raises(Unavailable):
        await blobs.put("a", b"x")
    s3.make_bucket(bucket)
    await blobs.check()
    await blobs.put("a", b"x")
    assert await blobs.get("a") == b"x"


async def test_wrong_credentials_are_unavailable_not_missing(s3: S3Server) -> None:
    config = s3_config(s3, s3.make_bucket(uuid.uuid4().hex))
    wrong = BlobConfig(
        url=config.url, options={**config.options, "secret_access_key": "wrong"}, allow_http=True, timeout_seconds=5.0
    )
    blobs = await open_blobs(wrong)
    for attempt in (blobs.get("a"), blobs.put("a", b"x"), blobs.delete("a"), blobs.check()):
        with pytest.raises(Unavailable):
            await attempt


@pytest.mark.slow
async def test_a_server_that_is_away_or_hangs_is_unavailable_within_the_bound_and_comes_back(tmp_path: Path) -> None:
    server = S3Server(tmp_path)
    bucket = server.make_bucket("images")
    blobs = await open_blobs(s3_config(server, bucket, timeout_seconds=3.0))
    with pytest.raises(Unavailable):
        await blobs.put("early", b"x")
    server.start()
    try:
        await blobs.put("acknowledged", b"x")
        server.suspend()
        try:
            for attempt in (blobs.put("hanging", b"x"), blobs.get("acknowledged"), blobs.check()):
                with pytest.raises(Unavailable):
                    async with asyncio.timeout(8):
                        await attempt
        finally:
            server.resume()
        server.restart()
        assert await blobs.get("acknowledged") == b"x"
        await blobs.put("late", b"x")
        await blobs.check()
    finally:
        server.stop()


@pytest.mark.parametrize(
    "config",
    [
        BlobConfig(url="nothing://bucket"),
        BlobConfig(url="file://elsewhere/path"),
        BlobConfig(url="s3://bucket", options={"no_such_option": "1"}),
        BlobConfig(url="not a url"),
    ],
    ids=str,
)
async def test_a_configuration_that_cannot_work_is_a_value_error(config: BlobConfig) -> None:
    with pytest.raises(ValueError):
        await open_blobs(config)


@pytest.mark.parametrize("url", ["gs://bucket/prefix", "az://container/prefix"])
async def test_a_cloud_that_does_not_answer_is_unavailable(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cloud here: but the stores of both open, and say that nobody answers."""
    (port,) = free_ports(1)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    options = {"skip_signature": "true"}
    if url.startswith("az"):
        options["account_name"] = "nobody"
    blobs = await open_blobs(BlobConfig(url=url, options=options, timeout_seconds=4.0))
    with pytest.raises(Unavailable):
        await blobs.put("a", b"x")
