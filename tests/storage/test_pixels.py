"""Whatever an upload is inside, it comes out as a person sees it: blue, green, red, upright, on white."""

import io

import numpy as np
import pytest
from PIL import Image

from contracts.errors import IMAGE_TOO_LARGE, IMAGE_UNREADABLE, UNSUPPORTED_MEDIA, UPLOAD_TOO_LARGE, TokstreamError
from storage.images import ImageLimits, inspect
from storage.pixels import decode, verify

RED = (255, 0, 0)


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def halves(mode: str = "RGB") -> Image.Image:
    """40 × 20, red on the left, white on the right."""
    image = Image.new("RGB", (40, 20), "white")
    image.paste(RED, (0, 0, 20, 20))
    return image.convert(mode)


def assert_halves(data: bytes, tolerance: int = 12) -> None:
    pixels = decode(data)
    assert pixels.shape == (20, 40, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[10, 5].astype(int) - [0, 0, 255]).max() <= tolerance
    assert np.abs(pixels[10, 35].astype(int) - 255).max() <= tolerance


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_png_of_any_mode(mode: str) -> None:
    assert_halves(saved(halves(mode)), 0)


def test_jpeg_in_cmyk_is_not_inverted() -> None:
    assert_halves(saved(halves("CMYK"), "JPEG", quality=95))


def test_webp() -> None:
    assert_halves(saved(halves(), "WEBP", lossless=True), 0)


def test_transparency_shows_white() -> None:
    image = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 20, 20))
    assert_halves(saved(image), 0)


@pytest.mark.parametrize("alpha", [255, 254])
def test_an_opaque_image_is_what_compositing_gives(alpha: int) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (64, 48, 4), dtype=np.uint8)
    levels[:, :, 3] = 255
    levels[0, 0, 3] = alpha
    image = Image.fromarray(levels)
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image)
    assert (decode(saved(image))[:, :, ::-1] == np.asarray(page.convert("RGB"))).all()


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    ramp = np.linspace(0, 65535, 40).astype(np.uint16)[None].repeat(20, axis=0)
    pixels = decode(saved(Image.fromarray(ramp)))
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[0, 39].tolist() == [255, 255, 255]
    assert abs(int(pixels[0, 20, 0]) - 131) <= 2


def test_exif_orientation_is_applied_and_told() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90° clockwise
    data = saved(halves().rotate(90, expand=True), "JPEG", quality=95, exif=exif)
    info = inspect(data)
    assert (info.width, info.height) == (40, 20)
    assert_halves(data)


def test_of_an_animation_the_first_frame_is_read() -> None:
    frames = [halves(), Image.new("RGB", (40, 20), "blue")]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    assert inspect(data).animated
    assert_halves(data, 0)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_is_cut_off_is_unreadable(form: str) -> None:
    data = saved(Image.effect_noise((200, 200), 80).convert("RGB"), form)
    for reader in (decode, verify):
        with pytest.raises(TokstreamError) as caught:
            reader(data[: len(data) * 2 // 3])
        assert caught.value.kind == IMAGE_UNREADABLE


def test_limits_are_checked_before_anything_is_decoded() -> None:
    data = saved(halves())
    with pytest.raises(TokstreamError) as caught:
        decode(data, ImageLimits(max_pixels=799))
    assert caught.value.kind == IMAGE_TOO_LARGE
    with pytest.raises(TokstreamError) as caught:
        decode(data, ImageLimits(max_bytes=10))
    assert caught.value.kind == UPLOAD_TOO_LARGE
    assert decode(data, ImageLimits(max_pixels=800)).shape == (20, 40, 3)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"%PDF-1.4"])
def test_what_is_no_such_image_is_told_apart_by_its_content(data: bytes) -> None:
    with pytest.raises(TokstreamError) as caught:
        verify(data)
    assert caught.value.kind == UNSUPPORTED_MEDIA
