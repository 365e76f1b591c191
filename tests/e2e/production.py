"""The production deployment as child processes: gateway and processors on Kafka, MongoDB and S3."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.process import HOST, ServerProcess, free_ports

TOKSTREAM = str(Path(sys.executable).with_name("tokstream"))


class Gateway(ServerProcess):
    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        (port,) = free_ports(1)
        command = (TOKSTREAM, "gateway", "--port", str(port))
        super().__init__("tokstream gateway", command, port, folder / f"gateway-{port}.log", settings)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Processor(ServerProcess):
    """Listens on no port: it has started when it says so in its log."""

    def __init__(self, folder: Path, name: str, settings: Mapping[str, str], capabilities: Sequence[str]) -> None:
        self.log_file = folder / f"processor-{name}.log"
        super().__init__(
            f"tokstream processor {name}", (TOKSTREAM, "processor", *capabilities), 0, self.log_file, settings
        )
        self._seen = 0

    def start(self) -> None:
        self._seen = self.log_file.stat().st_size if self.log_file.exists() else 0
        super().start()

    def _answers(self) -> bool:
        return b"processing " in self.log_file.read_bytes()[self._seen :]
