"""An S3 server: versitygw, which serves the folders of a directory as buckets."""

import shutil
from pathlib import Path

from tests.servers.cache import NotProvisioned, cache_folder
from tests.servers.process import HOST, ServerProcess, free_ports

VERSION = "1.8.0"
PROGRAM = "versitygw"


def program() -> str:
    """Raises NotProvisioned."""
    kept = cache_folder() / f"versitygw-{VERSION}" / PROGRAM
    found = str(kept) if kept.exists() else shutil.which(PROGRAM)
    if found is None:
        raise NotProvisioned(f"versitygw {VERSION}")
    return found


class S3Server(ServerProcess):
    """`endpoint`, `region`, `access_key` and `secret_key` are what clients need; addresses are path style over http."""

    def __init__(self, folder: Path) -> None:
        self._buckets = folder / "buckets"
        self._buckets.mkdir(parents=True, exist_ok=True)
        (port,) = free_ports(1)
        self.endpoint = f"http://{HOST}:{port}"
        self.region = "us-east-1"
        self.access_key = "tokstream-test"
        self.secret_key = "tokstream-test-secret"
        super().__init__(
            "versitygw",
            [program(), "--quiet", "--port", f"{HOST}:{port}", "posix", str(self._buckets)],
            port,
            folder / "s3.log",
            {"ROOT_ACCESS_KEY": self.access_key, "ROOT_SECRET_KEY": self.secret_key},
        )

    def make_bucket(self, name: str) -> str:
        """Makes an empty bucket and returns its name."""
        (self._buckets / name).mkdir()
        return name
