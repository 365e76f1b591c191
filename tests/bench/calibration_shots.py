"""Screenshots that are hard enough to calibrate on: what the generator draws, in more fonts and words, and worn.

Screenshots on the web are scaled down, recompressed and soft; the generator's alone are read nearly without fault, and
without faults there is nothing to calibrate.
"""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import msgspec
import numpy as np
from PIL import Image

from processors.ocr.engines.port import Image as Pixels
from processors.ocr.training.fonts import Typeface, typeface, typefaces
from tests.screenshots.conversations import Conversation, Utterance, converse
from tests.screenshots.scenes import LOOKS, Shot, draw
from tests.screenshots.truth import ShotTruth, TruthMessage

FURTHER_FACES = (
    "NanumSquareRoundR.ttf",
    "NanumBarunpenR.ttf",
    "NanumGothicCoding.ttf",
    "NanumSquareL.ttf",
    "NanumBarunGothicLight.ttf",
    "NanumMyeongjo.ttf",
    "UnDotum.ttf",
    "gulim.ttf",
    "dotum.ttf",
)
"""Debian's fonts-nanum*, fonts-un*, fonts-baekmuk; those that are there are used."""
FONT_FOLDER = Path("/usr/share/fonts")
SMALLEST_SCALE = 0.9
"""Pixels a point below which nobody reads a screenshot."""
HEADS = ("1. ", "2. ", "3) ", "• ", "- ", "· ", "▶ ", "※ ", "① ", "* ", "> ")
WORDS = (
    *(
        "IT",
        "AI",
        "SBS Biz",
        "Web & App",
        "3D Design",
        "Branding",
        "Illinois",
        "iPhone 15",
        "Wi-Fi",
        "Lily",
        "OK",
        "PDF",
    ),
    *(
        "정치",
        "금융",
        "생활정보",
        "연예",
        "사회",
        "정문",
        "역전",
        "조치원역",
        "과세표준",
        "출고가",
        "뒷북",
        "꿰뚫다",
        "쩝쩝",
        "값없이",
    ),
    *(
        "롯데칠성",
        "훼손",
        "띄어쓰기",
        "붙여줘야",
        "밟다",
        "읊조리다",
        "괜찮겠죠",
        "쫓겨났대",
        "뵐게요",
        "얽힌",
        "흙탕물",
        "튕겼어",
    ),
)
LATIN = (
    *("please", "still", "hello", "Instagram", "will", "Illegal", "really", "login", "Seoul", "birthday", "village"),
    *("It", "Is", "In", "Alright", "URL", "Quality", "JavaScript", "Kafka", "file", "fifty", "Milk", "jelly", "hill"),
)
PATTERNS = (
    "{a} -> {b}({c})",
    "'{a} {b}'이라고 입력하세요",
    '"{a}"... {b}',
    "{a}: {n}:{m}, {b} {n}%~{m}%",
    "({a}) {b} / {c}",
    "{a}@{b}.com",
    "http://{l}.kr/{l}?id={n}{m}",
    "{a}·{b}, {c} {n},{m}00원",
    "#{a} #{b} [{c}]",
    "{l} {l} {l} {l}.",
    "{a} {n}-{m}-{n}{m} ({b})",
    "{a}가 {b}를 {c} {n}개!!",
    "I'll {l} it, {l} {l}?",
    "{a}ㅋㅋ {b}ㅠㅠ {c}~^^;",
)


FOREIGN = (
    *(
        "今から帰ります",
        "ありがとうございます！",
        "明日の会議は10時からです",
        "了解しました",
        "写真を送りました。",
        "え、本当に？",
    ),
    *("请问您什么时候方便？", "我马上到", "谢谢你的帮助", "会議改到下午三點"),
    *("Perché no?", "À bientôt !", "¿Dónde estás?", "Über 30 Gäste kommen", "Ça va très bien", "São Paulo é linda"),
)
"""What other engines than ours read, and seldom where Korean is written."""
FOREIGN_SHARE, FOREIGN_FACE = 0.08, "Noto Sans CJK KR"


def difficult_text(rng: random.Random) -> str:
    """Lists, quotes, addresses, Latin and rare syllables, as bots and notices write them."""

    def line() -> str:
        latin = rng.choice(LATIN) if rng.random() < 0.7 else "".join(rng.choices("abcdefghijkmnoprstuvwxyz", k=5))
        a, b, c = rng.sample(WORDS, 3)
        text = rng.choice(PATTERNS).format(a=a, b=b, c=c, l=latin, n=rng.randint(1, 30), m=rng.randint(10, 59))
        return (rng.choice(HEADS) if rng.random() < 0.3 else "") + text

    return "\n".join(line() for _ in range(rng.choice((1, 1, 2, 3, 5))))


def rewritten(conversation: Conversation, share: float, write: Callable[[], str], rng: random.Random) -> Conversation:
    """A conversation, a `share` of whose texts are what `write` says instead."""

    def other(utterance: Utterance) -> Utterance:
        if utterance.kind != "text" or rng.random() >= share:
            return utterance
        return msgspec.structs.replace(utterance, text=write())

    return msgspec.structs.replace(conversation, utterances=tuple(map(other, conversation.utterances)))


def further_faces() -> list[Typeface]:
    """All Korean families at hand."""
    files = {path.name: path for path in FONT_FOLDER.rglob("*.ttf")} if FONT_FOLDER.is_dir() else {}
    return [*typefaces(), *(Typeface(name, files[name], None, 0) for name in FURTHER_FACES if name in files)]


def worn(shot: Shot, rng: random.Random) -> tuple[Pixels, ShotTruth]:
    """The screenshot as it may reach us: scaled down, soft, recompressed, or none of it. Its truth, scaled alike."""
    image, truth = shot
    pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
    if rng.random() < 0.25:
        return pixels, truth
    if rng.random() < 0.75:
        least = max(0.35, min(1.0, SMALLEST_SCALE / truth.scale))
        factor = rng.uniform(least, 1.0)
        way = rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC))
        size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=way), np.uint8)
        truth = scaled(truth, factor)
    if rng.random() < 0.3:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 0.9)), np.uint8)
    if rng.random() < 0.6:
        coded = io.BytesIO()
        Image.fromarray(pixels[:, :, ::-1]).save(coded, "JPEG", quality=rng.randint(50, 90))
        pixels = np.ascontiguousarray(np.asarray(Image.open(coded).convert("RGB"))[:, :, ::-1])
    return pixels, truth


def scaled(truth: ShotTruth, factor: float) -> ShotTruth:
    """The truth of the screenshot scaled by `factor`."""

    def smaller(message: TruthMessage) -> TruthMessage:
        x, y, width, height = (round(side * factor) for side in message.box)
        return msgspec.structs.replace(message, box=(x, y, width, height))

    return msgspec.structs.replace(truth, messages=tuple(map(smaller, truth.messages)))


def hard_shots(count: int, seed: int, corpus: Sequence[str] = ()) -> Iterator[tuple[str, Pixels, ShotTruth]]:
    """`count` worn screenshots, look after look: a name, pixels (blue, green, red) and truth. Seeds share nothing."""
    faces = further_faces()
    for number in range(count):
        rng = random.Random(f"calibration/{seed}/{number}")
        look = LOOKS[number % len(LOOKS)]
        conversation = converse(rng.getrandbits(31), 30, group=number % 3 == 2)
        if rng.random() < FOREIGN_SHARE:
            face: Typeface | None = typeface(FOREIGN_FACE)
            conversation = rewritten(conversation, 0.7, partial(rng.choice, FOREIGN), rng)
        else:
            face = rng.choice(faces) if rng.random() < 0.6 else None
            conversation = rewritten(
                conversation, rng.choice((0.0, 0.0, 0.3, 0.7)), partial(other_text, corpus, rng), rng
            )
        shot = draw(conversation, look, rng.getrandbits(31), face=face)
        yield f"{look}/{seed}/{number}", *worn(shot, rng)


def other_text(corpus: Sequence[str], rng: random.Random) -> str:
    """A line of `corpus`, if there is one, or a difficult text."""
    return rng.choice(corpus) if corpus and rng.random() < 0.6 else difficult_text(rng)
