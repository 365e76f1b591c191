"""A server of the MongoDB wire protocol: SecantusDB on WiredTiger, from the extra `test`."""

import shutil
import sys
from pathlib import Path

from tests.servers.cache import NotProvisioned
from tests.servers.process import HOST, ServerProcess, free_ports

PROGRAM = "secantusd-py"


def program() -> str:
    """Raises NotProvisioned."""
    beside = Path(sys.executable).with_name(PROGRAM)
    found = str(beside) if beside.exists() else shutil.which(PROGRAM)
    if found is None:
        raise NotProvisioned("SecantusDB")
    return found


class MongoServer(ServerProcess):
    """One node that announces itself as a replica set. `uri` is what clients connect to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (port,) = free_ports(1)
        # Without the journal a kill -9 loses acknowledged writes.
        self.uri = f"mongodb://{HOST}:{port}/?journal=true&directConnection=true"
        command = [
            program(),
            *("--host", HOST, "--port", str(port), "--storage-path", str(folder / "data"), "--log-level", "WARNING"),
        ]
        super().__init__("SecantusDB", command, port, folder / "mongo.log")
