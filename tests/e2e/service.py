"""`tokstream serve` as a child process, and the shots to give it."""

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.screenshots.samples import sample
from tests.screenshots.scenes import Shot
from tests.servers.process import HOST, ServerProcess, free_ports


class Service(ServerProcess):
    """The embedded service on a data directory; kill and restart it on the same data and port."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None) -> None:
        (port,) = free_ports(1)
        data_dir.mkdir(parents=True, exist_ok=True)
        command = (str(Path(sys.executable).with_name("tokstream")), "serve", "--port", str(port))
        settings = {"TOKSTREAM_DATA_DIR": str(data_dir / "data"), "TOKSTREAM_LOG_LEVEL": "INFO"}
        super().__init__("tokstream serve", command, port, data_dir / "serve.log", {**settings, **(environment or {})})
        self.data_dir = data_dir / "data"
        self.log_file = data_dir / "serve.log"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://{HOST}:{self.port}/ws"


def png(shot: Shot) -> bytes:
    """The shot as an upload."""
    buffer = io.BytesIO()
    shot.image.save(buffer, "PNG")
    return buffer.getvalue()


def sample_shots() -> list[Shot]:
    """Three overlapping KakaoTalk screenshots."""
    return sample().shots


def open_files(pid: int) -> int:
    """How many files and sockets a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))
