"""What an upload told about its maker is gone from what is stored; the picture is not touched."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps, PngImagePlugin

from gateway.metadata import without_metadata
from storage.collections import SCREENSHOTS
from storage.images import inspect
from tests.gateway.service import gateway

SECRETS = (b"Seoul-37.5665", b"a comment", b"XMP-secret", b"iPhone of Minji")
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def telling(kind: str, orientation: int, mode: str = "RGB", **options: object) -> bytes:
    """An image full of secrets."""
    image = Image.linear_gradient("L").resize((40, 90)).convert(mode)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "iPhone of Minji"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = b"Seoul-37.5665"
    buffer = io.BytesIO()
    more: dict[str, object] = {"exif": exif, "icc_profile": b"profile" * 10}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "a comment")
        text.add_itxt("XML:com.adobe.xmp", "XMP-secret")
        more["pnginfo"] = text
    elif kind == "JPEG":
        more |= {"comment": b"a comment", "xmp": b"XMP-secret"}
    else:
        more |= {"xmp": b"XMP-secret"}
    image.save(buffer, kind, **{**more, **options})
    return buffer.getvalue()


def shown(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """What a viewer makes of the image."""
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
        return upright.mode, upright.size, upright.tobytes()


VARIANTS = [
    ("JPEG", "RGB", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "RGB", {"restart_marker_blocks": 2}),
    ("JPEG", "L", {}),
    ("JPEG", "CMYK", {}),
    ("PNG", "RGB", {}),
    ("PNG", "RGBA", {}),
    ("PNG", "P", {"transparency": 3}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGBA", {"lossless": True}),
]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("kind", "mode", "options"), VARIANTS)
def test_secrets_go_and_the_picture_stays(kind: str, mode: str, options: dict[str, object], orientation: int) -> None:
    data = telling(kind, orientation, mode, **options)
    assert any(secret in data for secret in SECRETS)
    stored = without_metadata(data, FORMATS[kind], orientation)
    assert not any(secret in stored for secret in SECRETS)
    assert shown(stored) == shown(data)
    assert inspect(stored) == inspect(data)
    with Image.open(io.BytesIO(stored)) as image:
        assert image.info["icc_profile"] == b"profile" * 10
        assert dict(image.getexif()) in ({}, {ExifTags.Base.Orientation: orientation})
    assert without_metadata(stored, FORMATS[kind], orientation) == stored


@pytest.mark.parametrize("kind", FORMATS)
def test_what_hangs_behind_the_image_goes_too(kind: str) -> None:
    data = telling(kind, 1)
    assert b"a hidden film" not in without_metadata(data + b"a hidden film", FORMATS[kind], 1)


@settings(deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_damaged_images_raise_nothing(kind: str, draw: st.DataObject) -> None:
    data = bytearray(telling(kind, 6))
    for _ in range(draw.draw(st.integers(0, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    cut = bytes(data[: draw.draw(st.integers(12, len(data)))])
    assert len(without_metadata(cut, FORMATS[kind], 6)) <= len(cut) + 100


async def test_uploads_are_stored_without_metadata(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        screenshot_id = await service.upload(session_id, telling("JPEG", 6))
        found = await service.stores.documents.get(SCREENSHOTS, screenshot_id)
        assert found is not None
        assert (found.document.image_width, found.document.image_height) == (90, 40)
        image = await service.client.get(f"/sessions/{session_id}/screenshots/{screenshot_id}")
        assert not any(secret in image.content for secret in SECRETS)
        assert shown(image.content)[1] == (90, 40)
