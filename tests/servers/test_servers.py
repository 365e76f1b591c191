"""The servers that the other tests rely on: they start, die, and come back with their data."""

import os
import uuid
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from obstore.store import S3Store

from tests.servers import cache, provision
from tests.servers.cache import NotProvisioned, cache_folder, skip_or_fail
from tests.servers.mongo import MongoServer
from tests.servers.process import ServerProcess, free_ports
from tests.servers.s3 import S3Server


@pytest.mark.slow
async def test_mongo_keeps_what_it_acknowledged_when_it_is_killed(tmp_path: Path) -> None:
    try:
        server = MongoServer(tmp_path)
    except NotProvisioned as error:
        skip_or_fail(error)
    server.start()
    client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(server.uri)
    try:
        collection = client["test"]["kept"]
        for number in range(50):
            await collection.insert_one({"_id": number})
        server.restart()
        assert await collection.count_documents({}) == 50
    finally:
        client.close()
        server.stop()


async def test_s3_keeps_objects_when_it_is_killed(s3: S3Server) -> None:
    store = S3Store(
        s3.make_bucket(f"bucket-{uuid.uuid4().hex}"),
        endpoint=s3.endpoint,
        region=s3.region,
        access_key_id=s3.access_key,
        secret_access_key=s3.secret_key,
        client_options={"allow_http": True},
        virtual_hosted_style_request=False,
    )
    await store.put_async("folder/object", b"content")
    s3.restart()
    answer = await store.get_async("folder/object")
    assert bytes(await answer.bytes_async()) == b"content"


def test_a_server_that_does_not_start_says_what_it_printed(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    server = ServerProcess("it", ["sh", "-c", "echo no such luck; exit 3"], port, tmp_path / "log")
    with pytest.raises(RuntimeError, match=r"it ended at once:\nno such luck"):
        server.start()
    assert not server.running


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_what_is_missing_is_said_in_one_line_and_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKSTREAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    for step in ("install_versitygw", "install_training"):  # Go to the network on their own.
        monkeypatch.setattr(provision, step, lambda: None)
    assert provision.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("maven" in line for line in lines)
    assert any("Apache Kafka" in line for line in lines)
    assert all(line.startswith("provision: ") and "enable: " in line for line in lines)
    assert cache_folder() == tmp_path / "cache"


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_server_skips_but_fails_where_ci_is_set(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=cache.COMMAND):
        skip_or_fail(NotProvisioned("it"))


def test_one_package_that_does_not_exist_keeps_no_other_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With an apt-get that knows every package but one."""
    apt, installed = tmp_path / "apt-get", tmp_path / "installed"
    apt.write_text(
        f"""#!/bin/sh
case "$*" in
  *" update"*) exit 0 ;;
  *" absent"*) echo "E: Unable to locate package absent" >&2; exit 100 ;;
  *) for last; do :; done; echo "$last" >> {installed} ;;
esac
"""
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        provision, "PACKAGES", (("/nowhere/1", "present"), ("/nowhere/2", "absent"), ("/nowhere/3", "other"))
    )
    with pytest.raises(provision.StepFailed, match=r"apt-get cannot install absent: .*enable: sudo apt-get install"):
        provision.install_packages()
    assert installed.read_text().split() == ["present", "other"]
