"""Images on their way in: checked by their header before anything is stored."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from gateway.config import GatewayConfig
from storage.images import ImageInfo, ImageLimits, inspect


@dataclass(frozen=True, slots=True)
class AcceptedImage:
    """`data` is what is stored."""

    data: bytes
    info: ImageInfo


async def accept_image(data: bytes, config: GatewayConfig) -> AcceptedImage:
    """The image as it will be stored. Raises TokstreamError: UPLOAD_TOO_LARGE, IMAGE_TOO_LARGE, UNSUPPORTED_MEDIA,
    IMAGE_UNREADABLE."""
    if not data:
        raise TokstreamError(IMAGE_UNREADABLE, "The upload is empty.", field="file")
    limits = ImageLimits(max_bytes=config.max_upload_bytes, max_pixels=config.max_pixels)
    return AcceptedImage(data, await run_in_threadpool(inspect, data, limits))
