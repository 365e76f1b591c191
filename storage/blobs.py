"""Blobs: the uploaded images and what is derived from them, in a directory or an object store, through obstore."""

import asyncio
import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url

from contracts.base import Record
from storage.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

T = TypeVar("T")

MAX_KEY_CHARACTERS = 512
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*")
_INCOMING = ".incoming"
"""Where a directory store keeps what is not durable yet. No key can name it: segments do not begin with a dot."""
_ROUNDS = 5
"""How often is tried what collides with somebody else's change."""
CHECK_TIMEOUT_S = 5.0


class Blobs(Protocol):
    """All raise Unavailable where the store cannot be reached or written (a full disk too).

    A key is segments of letters, digits, `_`, `.` and `-`, joined by `/`, none beginning with a dot or a hyphen;
    anything else is a ValueError. As files and folders, no blob lies under another.
    """

    async def put(self, key: str, data: bytes) -> None:
        """Durable when it returns; atomic: a reader sees all of it or nothing."""
        ...

    async def get(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    async def delete(self, prefix: str) -> int:
        """Deletes the blob of this key and every blob under it, and returns how many.

        `a/b` covers `a/b` and `a/b/c`, not `a/bc`.
        """
        ...

    async def check(self) -> None: ...


class BlobConfig(Record, frozen=True):
    """Where the blobs lie.

    `url` is `file:///directory`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`. `options` are
    obstore's keys for that store, for S3 among them `endpoint`, `region`, `access_key_id`, `secret_access_key` and
    `virtual_hosted_style_request`; what is not given comes from the environment (`AWS_…`).
    """

    url: str
    options: dict[str, str] = msgspec.field(default_factory=dict)
    allow_http: bool = False
    """Whether an `endpoint` without TLS is accepted."""
    timeout_seconds: float = 30.0
    """Bounds each operation, with its retries."""


class ObstoreBlobs:
    """Implements `Blobs`. Made by `open_directory` or `open_store`."""

    def __init__(self, store: "ObjectStore", root: Path | None, timeout_seconds: float) -> None:
        self._store = store
        self._root = root
        self._timeout_seconds = timeout_seconds

    async def put(self, key: str, data: bytes) -> None:
        check_key(key)
        root = self._root
        if root is None:
            await self._bounded(lambda: self._put(key, data))
        else:
            await self._bounded(lambda: self._put_durably(root, key, data))

    async def get(self, key: str) -> bytes:
        check_key(key)

        async def fetch() -> bytes:
            try:
                answer = await obstore.get_async(self._store, key)
            except FileNotFoundError as error:
                raise NotFound(f"there is no blob {key}") from error
            return (await answer.bytes_async()).to_bytes()

        return await self._bounded(fetch)

    async def delete(self, prefix: str) -> int:
        check_key(prefix)
        return await self._bounded(lambda: self._delete(prefix))

    async def check(self) -> None:
        """Writes a probe into a directory; asks an object store for a listing, which fails where the bucket is gone."""

        async def probe() -> None:
            if self._root is not None:
                incoming = f"{_INCOMING}/{uuid.uuid4().hex}"
                await obstore.put_async(self._store, incoming, b"probe")
                await obstore.delete_async(self._store, incoming)
            else:
                async for _ in obstore.list(self._store, prefix="probe", chunk_size=1):
                    break

        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self._bounded(probe)
        except TimeoutError as error:
            raise Unavailable(f"the blob store did not answer within {CHECK_TIMEOUT_S:g} s") from error

    async def _put(self, key: str, data: bytes) -> None:
        """Nothing is asked of what is there before, so a conflict (409) is with somebody's change at the same time, and
        passes: S3 says so of its own, and gateways on a file system are deleting an empty folder just then."""
        for _ in range(_ROUNDS - 1):
            with contextlib.suppress(AlreadyExistsError):
                await obstore.put_async(self._store, key, data)
                return
        await obstore.put_async(self._store, key, data)

    async def _put_durably(self, root: Path, key: str, data: bytes) -> None:
        """obstore's LocalStore renames into place but never syncs. So: write aside, sync, rename, sync the folders."""
        incoming = f"{_INCOMING}/{uuid.uuid4().hex}"
        try:
            await obstore.put_async(self._store, incoming, data)
            await asyncio.to_thread(_sync, root / incoming)
            await obstore.rename_async(self._store, incoming, key)
        except BaseException:
            with contextlib.suppress(OSError):
                (root / incoming).unlink(missing_ok=True)
            raise
        await asyncio.to_thread(_sync_folders, root, key)

    async def _delete(self, prefix: str) -> int:
        deleted = 0
        for _ in range(_ROUNDS):
            keys = [entry["path"] async for page in obstore.list(self._store, prefix=prefix) for entry in page]
            with contextlib.suppress(FileNotFoundError):
                keys.append((await obstore.head_async(self._store, prefix))["path"])
            try:
                if keys:
                    await obstore.delete_async(self._store, keys)
                return deleted + len(keys)
            except FileNotFoundError:
                # Somebody else deleted one of them at the same time; the others are found by looking again.
                continue
        raise Unavailable(f"the blobs under {prefix} change while they are deleted")

    async def _bounded(self, operation: Callable[[], Awaitable[T]]) -> T:
        with _translated():
            async with asyncio.timeout(self._timeout_seconds):
                return await operation()


async def open_blobs(config: BlobConfig) -> ObstoreBlobs:
    """Opens the store that the URL names; an object store is first reached by the first operation (or `check`).

    Raises ValueError for a URL or option that obstore does not know, Unavailable where a directory cannot be used.
    """
    parts = urlsplit(config.url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise ValueError(f"{config.url} names a host: a directory is file:///path")
        return await open_directory(Path(unquote(parts.path)), config.timeout_seconds)
    client: ClientConfig = {"allow_http": config.allow_http, "connect_timeout": timedelta(seconds=3)}
    client["timeout"] = timedelta(seconds=config.timeout_seconds)
    retry: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=config.timeout_seconds / 2)}
    # Which keys are known depends on the scheme; obstore checks them itself.
    options: Any = config.options or None
    try:
        store = from_url(config.url, config=options, client_options=client, retry_config=retry)
    except BaseError as error:
        raise ValueError(f"{config.url} cannot be used as a blob store: {_first_line(error)}") from error
    return ObstoreBlobs(store, None, config.timeout_seconds)


async def open_directory(root: Path, timeout_seconds: float = 30.0) -> ObstoreBlobs:
    """Opens (or makes) a directory of blobs, and clears what a killed process left half written.

    Raises Unavailable. One process at a time, which the lock of the SQLite file beside it sees to.
    """

    def make() -> LocalStore:
        incoming = root / _INCOMING
        shutil.rmtree(incoming, ignore_errors=True)
        # What is in here is private talk: nobody else on the machine is to read it.
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        incoming.mkdir(exist_ok=True)
        return LocalStore(root, automatic_cleanup=True)

    with _translated():
        return ObstoreBlobs(await asyncio.to_thread(make), root, timeout_seconds)


def check_key(key: str) -> None:
    """Raises ValueError where `key` is not of the form that `Blobs` describes."""
    if len(key) > MAX_KEY_CHARACTERS or _KEY.fullmatch(key) is None:
        raise ValueError(f"{key[:100]!r} cannot be the key of a blob")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, TimeoutError) as error:
        raise Unavailable(f"the blob store cannot be used now: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    """What obstore says, without the dump of Rust structures that follows."""
    return str(error).partition("\n")[0] or type(error).__name__


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folders(root: Path, key: str) -> None:
    """Makes the entries on the way from the root to the blob durable.

    A folder may have been deleted meanwhile, with the blob: then there is nothing left to keep.
    """
    folder = (root / key).parent
    with contextlib.suppress(FileNotFoundError):
        while True:
            _sync(folder)
            if folder == root:
                return
            folder = folder.parent
