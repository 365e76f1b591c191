"""Images on their way in: checked by their header, decoded to see that they can be, freed of metadata, stored. A few at
a time, because each is held whole."""

import asyncio
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from gateway.config import GatewayConfig
from gateway.forms import UploadedFile
from gateway.metadata import without_metadata
from storage.blobs import Blobs
from storage.images import ImageInfo, ImageLimits, inspect, open_header, orientation
from storage.pixels import verify

IMAGES_AT_ONCE = 8
"""Images in memory, up to `max_upload_bytes` each (twice that while metadata is taken out)."""

DECODED_AT_ONCE = 2
"""Of these as pixels, up to 4 × `max_pixels` bytes each."""


@dataclass(frozen=True, slots=True)
class _Image:
    data: bytes
    info: ImageInfo


class ImageIntake:
    """Both methods raise TokstreamError: UPLOAD_TOO_LARGE, IMAGE_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_UNREADABLE."""

    def __init__(self, blobs: Blobs, config: GatewayConfig) -> None:
        self._blobs = blobs
        self._limits = ImageLimits(max_bytes=config.max_upload_bytes, max_pixels=config.max_pixels)
        self._room = asyncio.Semaphore(IMAGES_AT_ONCE)
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)

    async def check(self, file: UploadedFile) -> None:
        """Refuses what would not be stored."""
        async with self._room:
            await self._read(file)

    async def store(self, file: UploadedFile, key: str) -> ImageInfo:
        """Stores the image, without its metadata, as the blob `key`; durable when it returns.

        Raises Unavailable where it cannot be stored.
        """
        async with self._room:
            image = await self._read(file)
            await self._blobs.put(key, image.data)
            return image.info

    async def _read(self, file: UploadedFile) -> _Image:
        data = await file.read()
        if not data:
            raise TokstreamError(IMAGE_UNREADABLE, "The upload is empty.", field=file.field)
        accepted = await run_in_threadpool(_accept, data, self._limits)
        # A truncated image has a perfect header. Whoever sends one should hear it now, not from an event later.
        async with self._decoding:
            await run_in_threadpool(verify, data, self._limits)
        return accepted


def _accept(data: bytes, limits: ImageLimits) -> _Image:
    info = inspect(data, limits)
    with open_header(data) as header:
        turned = orientation(header)
    return _Image(without_metadata(data, info.media_type, turned), info)
