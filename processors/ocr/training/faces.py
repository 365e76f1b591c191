"""The typefaces that lines are drawn with, and those that are only measured with. Files are found by name in the fonts
of the system, in PyPI packages and below an npm folder; a family that is not there is left out.

Debian: fonts-noto-cjk fonts-noto-cjk-extra fonts-nanum fonts-nanum-extra fonts-nanum-coding fonts-unfonts-core
fonts-baekmuk fonts-roboto fonts-inter fonts-open-sans fonts-lato fonts-liberation fonts-dejavu-core fonts-noto-core.
npm: pretendard pretendard-jp wanted-sans spoqa-han-sans @expo-google-fonts/gothic-a1 @expo-google-fonts/gowun-dodum
@sun-typeface/suit @expo-google-fonts/ibm-plex-sans-kr.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from processors.ocr.training.fonts import KOREAN_FACE, FontsMissing, Typeface, system_files

# family: weight, face in the collection, files (the regular ones more than once)
_CJK = ("Regular", "Regular", "Regular", "Medium", "DemiLight", "Light", "Bold")
_TRAINED: tuple[tuple[float, int, tuple[str, ...]], ...] = (
    (20, KOREAN_FACE, tuple(f"NotoSansCJK-{weight}.ttc" for weight in _CJK)),
    (16, 0, tuple(f"Pretendard-{w}.otf" for w in ("Regular", "Regular", "Medium", "Light", "SemiBold", "Bold"))),
    (3, 0, ("PretendardJP-Regular.otf", "PretendardJP-Medium.otf")),
    (9, 0, tuple(f"WantedSans-{w}.ttf" for w in ("Regular", "Medium", "SemiBold", "Bold"))),
    (8, 0, tuple(f"SpoqaHanSansNeo-{w}.ttf" for w in ("Light", "Regular", "Medium", "Bold"))),
    (10, 0, tuple(f"GothicA1_{w}.ttf" for w in ("300Light", "400Regular", "500Medium", "600SemiBold", "700Bold"))),
    (4, 0, ("GowunDodum_400Regular.ttf",)),
    (12, 0, tuple(f"NanumGothic{w}.ttf" for w in ("", "", "Light", "Bold", "ExtraBold", "Eco"))),
    (6, 0, tuple(f"NanumSquare{w}.ttf" for w in ("R", "L", "B", "RoundR", "RoundL", "RoundB"))),
    (2, 0, ("NanumGothicCoding.ttf", "NanumBarunpenR.ttf")),
    (3, 0, ("NanumMyeongjo.ttf", "UnBatang.ttf", "batang.ttf")),
    (8, 0, ("UnDotum.ttf", "UnDotumBold.ttf", "UnGraphic.ttf")),
    (7, 0, ("dotum.ttf", "gulim.ttf")),
)
_HELD_OUT: tuple[tuple[float, int, tuple[str, ...]], ...] = (
    (1, 0, tuple(f"SUIT-{w}.ttf" for w in ("Regular", "Medium", "Bold"))),
    (1, 0, ("IBMPlexSansKR_400Regular.ttf", "IBMPlexSansKR_500Medium.ttf")),
    (1, 0, ("NanumBarunGothic.ttf", "NanumBarunGothicBold.ttf")),
)
_LATIN = (
    "Roboto-Regular.ttf", "Roboto-Medium.ttf", "Inter-Regular.otf", "Inter-Medium.otf", "OpenSans-Regular.ttf",
    "Lato-Regular.ttf", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "DejaVuSans.ttf",
    "NotoSans-Regular.ttf", "DejaVuSansMono.ttf",
)  # fmt: skip
_FALLBACK = (("NotoSansCJK-Regular.ttc", KOREAN_FACE), ("DejaVuSans.ttf", 0), ("NotoSansSymbols2-Regular.ttf", 0),
             ("NotoSansSymbols-Regular.ttf", 0), ("NotoSansMath-Regular.ttf", 0))  # fmt: skip


class Faces(NamedTuple):
    """`korean` with the weight of each, `latin` to overlay it with, and `fallback` for what a family lacks."""

    korean: tuple[tuple[float, Typeface], ...]
    latin: tuple[Typeface, ...]
    fallback: tuple[Typeface, ...]


def find_faces(npm: Sequence[Path] = (), *, held_out: bool = False) -> Faces:
    """The faces of one split; `npm` are folders below which packages of npm lie.

    Raises FontsMissing where no Korean family of the split is there.
    """
    files = dict(system_files())
    for folder in npm:
        for path in sorted(folder.rglob("*.[to]t[fc]")):
            files.setdefault(path.name, path)

    def face(name: str, number: int) -> Typeface | None:
        return Typeface(name, files[name], None, number) if name in files else None

    korean = []
    for weight, number, names in _HELD_OUT if held_out else _TRAINED:
        found = [typeface for name in names if (typeface := face(name, number)) is not None]
        korean += [(weight / len(found), typeface) for typeface in found]
    if not korean:
        raise FontsMissing(f"no Korean typeface found; the packages are named in {__name__}")
    latin = [face(name, 0) for name in _LATIN]
    fallback = [face(name, number) for name, number in _FALLBACK]
    return Faces(tuple(korean), tuple(filter(None, latin)), tuple(filter(None, fallback)))
