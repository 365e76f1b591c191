"""Images on their way in: checked by their header before anything is stored."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from gateway.config import GatewayConfig
from gateway.metadata import without_metadata
from storage.images import ImageInfo, ImageLimits, inspect, open_header, orientation


@dataclass(frozen=True, slots=True)
class AcceptedImage:
    """`data` is what is stored."""

    data: bytes
    info: ImageInfo


async def accept_image(data: bytes, config: GatewayConfig) -> AcceptedImage:
    """The image as it will be stored: without its metadata. Nothing is decoded.

    Raises TokstreamError: UPLOAD_TOO_LARGE, IMAGE_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_UNREADABLE.
    """
    if not data:
        raise TokstreamError(IMAGE_UNREADABLE, "The upload is empty.", field="file")
    limits = ImageLimits(max_bytes=config.max_upload_bytes, max_pixels=config.max_pixels)
    return await run_in_threadpool(_accept, data, limits)


def _accept(data: bytes, limits: ImageLimits) -> AcceptedImage:
    info = inspect(data, limits)
    with open_header(data) as header:
        turned = orientation(header)
    return AcceptedImage(without_metadata(data, info.media_type, turned), info)
