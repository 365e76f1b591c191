"""A real server as a child process: on free ports, in a process group of its own, killed by its id."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now. All are held until all are found, so that no two are the same."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in sockets]


class ServerProcess:
    """Starts `command`, which listens on `port`, and can kill and restart it on the same data and port.

    What it prints goes to `log`, whose end is part of the error where it does not start.
    """

    def __init__(
        self, name: str, command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.port = port
        self._command = list(command)
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Started, and neither killed by us nor ended by itself."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when the port answers. Raises RuntimeError, with what the server printed, where it never does."""
        if self._process is not None:
            raise RuntimeError(f"{self.name} is running")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill9()
                printed = self._log.read_bytes()[-3000:].decode("utf-8", "replace")
                raise RuntimeError(f"{self.name} {'ended at once' if ended else 'does not answer'}:\n{printed}")
            time.sleep(0.05)

    def kill9(self) -> None:
        """Kills it as a crash would; returns when it is gone. Safe to repeat."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None

    def stop(self) -> None:
        """Ends it in order, or by force where it takes too long. Safe to repeat."""
        if self._process is not None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT_S)
        self.kill9()

    def restart(self) -> None:
        """Starts it again on the same data and port; kills it first where it runs."""
        self.kill9()
        self.start()

    def suspend(self) -> None:
        """Stops it from running, with its sockets open: the server that hangs."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it run again after `suspend`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        # It leads its own session, so the group holds what it started, and nothing else.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1.0):
            return True
        return False
