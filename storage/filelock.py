"""A lock file: one process uses a data directory at a time."""

import contextlib
import fcntl
import os
import threading
from pathlib import Path

from storage.errors import InUse

_held: set[Path] = set()
_guard = threading.Lock()


class FileLock:
    """Held from `acquire` until `release` or the end of the process, however it ends.

    A POSIX record lock: unlike flock(2) it is not inherited by forked children, so worker processes that outlive a
    killed parent do not keep the restart out. Such locks know processes only, hence the register of this one's own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises InUse, naming the process, where somebody has it; OSError where the file cannot be made."""
        with _guard:
            if self.path in _held:
                raise InUse(f"{self.path.parent} is in use by this process already")
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError) as error:
                holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
                os.close(descriptor)
                raise InUse(f"{self.path.parent} is in use by another process (pid {holder})") from error
            with contextlib.suppress(OSError):  # A full disk must not keep the service from starting to read.
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
            self._descriptor = descriptor
            _held.add(self.path)

    def release(self) -> None:
        """Safe to repeat, and where it was never acquired."""
        with _guard:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
                _held.discard(self.path)
