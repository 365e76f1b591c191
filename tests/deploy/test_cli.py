"""The console script, run as a person runs it."""

import asyncio
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.topics import COMMANDS_MERGE
from deploy.settings import Settings
from deploy.wiring import open_embedded
from storage.log.port import NewRecord
from tests.e2e.service import png, sample_shots
from tests.screenshots.samples import sample

TOKSTREAM = str(Path(sys.executable).with_name("tokstream"))


def tokstream(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOKSTREAM, *arguments], capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("images")
    paths = []
    for number, shot in enumerate(sample_shots(), 1):
        path = folder / f"{number}.png"
        path.write_bytes(png(shot))
        paths.append(str(path))
    return paths


def test_analyze_prints_the_merged_conversation_as_json(images: list[str]) -> None:
    done = tokstream("analyze", "--json", *images)
    assert done.returncode == 0, done.stderr
    conversation = json.loads(done.stdout)
    assert len(conversation["messages"]) == len(sample().truth.merged)
    assert conversation["messages"][0]["text"] == "주말에 시간 돼?"


def test_analyze_writes_annotated_screenshots_and_markdown(images: list[str], tmp_path: Path) -> None:
    done = tokstream("analyze", "--markdown", "--annotate", str(tmp_path / "drawn"), images[0])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Transcript")
    (drawn,) = (tmp_path / "drawn").iterdir()
    assert drawn.read_bytes().startswith(b"\x89PNG")


def test_analyze_says_which_file_is_no_image(images: list[str], tmp_path: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("no image")
    done = tokstream("analyze", images[0], str(text))
    assert done.returncode == 2
    assert str(text) in done.stderr
    assert "JPEG, PNG or WebP" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_nothing_wrong_here() -> None:
    done = tokstream("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tokstream" in done.stdout
    assert "TOKSTREAM_DATA_DIR" in done.stdout


def test_a_key_is_shown_once_and_configured_by_its_digest() -> None:
    done = tokstream("key", "alice")
    key = done.stdout.splitlines()[0].rpartition(" ")[2]
    assert f"TOKSTREAM_API_KEYS=alice={hashlib.sha256(key.encode()).hexdigest()}" in done.stdout


def test_settings_errors_are_one_line() -> None:
    done = tokstream("serve", TOKSTREAM_PORT="many")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "TOKSTREAM_PORT" in done.stderr


def test_the_production_commands_name_what_is_missing() -> None:
    done = tokstream("gateway", TOKSTREAM_KAFKA="127.0.0.1:1")
    assert done.returncode == 2
    assert "TOKSTREAM_MONGODB, TOKSTREAM_BLOBS" in done.stderr


PRODUCTION = {
    "TOKSTREAM_KAFKA": "127.0.0.1:1",
    "TOKSTREAM_MONGODB": "mongodb://127.0.0.1:1",
    "TOKSTREAM_BLOBS": "s3://bucket",
    "TOKSTREAM_BLOBS_ACCESS_KEY": "key",
    "TOKSTREAM_BLOBS_SECRET_KEY": "hushhush",
}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"TOKSTREAM_MONGODB": "mongodb://me:hush/hush@host/db"}, "percent-encoded"),
        ({"TOKSTREAM_BLOBS": "ftp://bucket"}, "TOKSTREAM_BLOBS"),
        (
            {"TOKSTREAM_KAFKA_SECURITY_PROTOCOL": "SSL", "TOKSTREAM_KAFKA_CERTIFICATE_FILE": "/nowhere.pem"},
            "_CERTIFICATE_FILE",
        ),
    ],
)
def test_what_can_never_be_used_is_one_line_without_secrets(wrong: dict[str, str], named: str) -> None:
    done = tokstream("processor", "merge", **{**PRODUCTION, **wrong})
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert named in done.stderr
    assert "hush" not in done.stderr


def test_an_engine_that_cannot_run_ends_the_service_in_one_line(tmp_path: Path) -> None:
    environment = {"TOKSTREAM_OCR": "paddle", "TOKSTREAM_PADDLE_MODELS": str(tmp_path), "TOKSTREAM_LOG_LEVEL": "ERROR"}
    done = tokstream("serve", "--port", "0", "--data-dir", str(tmp_path / "data"), **environment)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "TOKSTREAM_OCR=paddle" in done.stderr


def test_dead_letters_of_a_broker_that_is_away_are_one_line_soon() -> None:
    started = time.monotonic()
    done = tokstream("dlq", "list", TOKSTREAM_KAFKA="127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Kafka" in done.stderr
    assert time.monotonic() - started < 15


def test_dead_letters_of_a_broker_that_does_not_answer_are_one_line_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        started = time.monotonic()
        done = tokstream("dlq", "list", TOKSTREAM_KAFKA=f"127.0.0.1:{mute.getsockname()[1]}")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert time.monotonic() - started < 20


def test_dead_letters_are_listed_shown_and_replayed(tmp_path: Path) -> None:
    async def bury() -> None:
        async with open_embedded(Settings(data_dir=tmp_path)) as stores:
            headers = {
                "ce_type": "tokstream.command.process-session",
                "ts_dead_topic": COMMANDS_MERGE,
                "ts_dead_partition": "4",
                "ts_dead_offset": "7",
                "ts_dead_error": "KeyError: 'x'",
                "ts_dead_traceback": "Traceback …",
            }
            await stores.log.publish(NewRecord(f"{COMMANDS_MERGE}.dead", "s1", b'{"session_id":"s1"}', headers))

    asyncio.run(bury())
    listed = tokstream("dlq", "list", "--data-dir", str(tmp_path))
    assert "1 dead letter\n" in listed.stdout, listed.stderr
    assert "KeyError" in listed.stdout
    letter_id = listed.stdout.split()[1]
    shown = tokstream("dlq", "show", "merge", letter_id, "--data-dir", str(tmp_path))
    assert "partition 4 offset 7" in shown.stdout
    assert '"session_id": "s1"' in shown.stdout
    replayed = tokstream("dlq", "replay", "merge", letter_id, "--data-dir", str(tmp_path))
    assert replayed.stdout == f"replayed merge {letter_id}\n"

    async def count() -> int:
        async with open_embedded(Settings(data_dir=tmp_path)) as stores:
            return sum([len(await stores.log.read(COMMANDS_MERGE, partition, 0, 10)) for partition in range(6)])

    assert asyncio.run(count()) == 1
    unknown = tokstream("dlq", "show", "merge", "5:99", "--data-dir", str(tmp_path))
    assert unknown.returncode == 1
    assert "no dead letter 5:99" in unknown.stderr
