"""The console script as a person runs it: through pipes, or at a terminal whose screen can be read and typed on."""

import asyncio
import contextlib
import os
import pty
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

TOKSTREAM = str(Path(sys.executable).with_name("tokstream"))
SECONDS = 60
CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass(frozen=True)
class Done:
    stdout: str
    stderr: str
    returncode: int


async def piped(*arguments: str, stdin: str = "", **environment: str) -> Done:
    """Runs to the end what reads `stdin` from a pipe."""
    process = await asyncio.create_subprocess_exec(
        TOKSTREAM, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={**os.environ, **environment}
    )
    async with asyncio.timeout(SECONDS):
        stdout, stderr = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Done(stdout.decode(), stderr.decode(), process.returncode)


class Terminal:
    """What stands on the `screen`, and its keyboard."""

    def __init__(self, process: Process, master: int) -> None:
        self.screen = ""
        self._process = process
        self._master = master
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self.screen += os.read(self._master, 65536).decode(errors="replace")
        except OSError:
            asyncio.get_running_loop().remove_reader(self._master)
        self._changed.set()

    async def until(self, text: str, after: int = 0) -> None:
        """Waits until the text stands on the screen, beyond its first `after` characters."""
        async with asyncio.timeout(SECONDS):
            while text not in self.screen[after:]:
                self._changed.clear()
                await self._changed.wait()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    async def ended(self, press: str = "") -> int:
        """The exit code. The keys are pressed again each second until then."""
        async with asyncio.timeout(SECONDS):
            while True:
                if press:
                    self.type(press)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        return await self._process.wait()


@contextlib.asynccontextmanager
async def at_terminal(*arguments: str, **environment: str) -> AsyncIterator[Terminal]:
    """Runs it at a terminal of 80 columns until the context is left."""
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        TOKSTREAM,
        *arguments,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=_take_terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", **environment},
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        asyncio.get_running_loop().remove_reader(master)
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(master)


def _take_terminal() -> None:
    # Ctrl-C reaches the processes of which this is the controlling terminal.
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
