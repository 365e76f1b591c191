"""Blobs: the uploaded images and what is derived from them, in a directory or an object store, through obstore."""

from typing import Protocol


class Blobs(Protocol):
    """All raise Unavailable where the store cannot be reached or written (a full disk too)."""

    async def put(self, key: str, data: bytes) -> None:
        """Durable when it returns; atomic: a reader sees all of it or nothing."""
        ...

    async def get(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    async def delete(self, prefix: str) -> int:
        """Deletes every blob under the prefix; returns how many."""
        ...

    async def check(self) -> None: ...
