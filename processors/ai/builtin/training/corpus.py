"""What the classifier learns from: film reviews by their rating, chat lines by words of feeling and by their dullness.

Reviews say how people praise and complain, but hardly anything is neutral among them, and chats differ from reviews.
So chat lines join: a line with words of one polarity only is of that polarity; one without any, of which a classifier
of the reviews is not sure either, is neutral. The rules are weak labels; the classifier generalises from them.
"""

import csv
import lzma
import random
import re
from pathlib import Path
from typing import NamedTuple

REVIEWS = "nsmc-reviews.tsv.xz"
CHATS = "songys-chatbot.csv.xz"
POSITIVE_WORDS = re.compile(
    r"좋아|좋네|좋다|좋은|좋았|행복|기뻐|기쁘|즐거|즐겁|신나|신난|재밌|재미있|설레|설렌|사랑해|고마|감사|최고"
    r"|예쁘|예뻐|이쁘|이뻐|귀엽|귀여|축하|응원|멋지|멋져|멋있|다행|반가|반갑|편안|뿌듯|대박|감동|맛있|든든|잘했"
    r"|훌륭|기대돼|기대된|힘내|할 수 있을 거|잘 될 거|잘될 거|따뜻|소중|완벽|성공|합격|보고 싶|보고싶|자랑스"
    r"|칭찬|수고|괜찮아질|괜찮을 거|ㅎㅎ"
)
NEGATIVE_WORDS = re.compile(
    r"싫어|싫다|싫은|싫네|짜증|화나|화가|힘들|힘드|힘든|슬프|슬퍼|슬픈|아파|아프|아픈|우울|외로|외롭|눈물|울었"
    r"|울고|죽고|죽겠|미치겠|미쳐|최악|별로|실망|후회|걱정|불안|무서|무섭|두렵|두려|답답|지쳐|지친|지겨|지루"
    r"|귀찮|속상|서운|서럽|망했|망쳤|망한|망함|실패|떨어졌|헤어졌|차였|배신|상처|미워|미운|밉|나쁜|나빠|못생"
    r"|엉망|스트레스|피곤|괴로|괴롭|억울|허무|허전|심심|쓰레기|바보|한심|부담|불쌍|ㅠㅠ|ㅜㅜ|못하겠|안 좋|안좋"
    r"|열받|비참|창피|민망|섭섭|잃어버|싸웠|무너|아까워|큰일"
)
_NEGATION = ("안 ", "못 ", "지 않", "지않", "없", "아니")

HAND_SEED = 7
HAND_LABELS = (
    "UUUPUUUNNUUUNUNUNNNUNNUNPUUNUNNNNUPUNNUUNUNUUPUUUUUUNUUUUUUNUUUNUUUUUNUNNPUPUNNUUUNUNNNNNPUUNUNPNUUN"
    "NUUNNNNUUNUNNPUUUPUUUNNUNNUUUNUUPNUUUNUNNUUNNNUPUUPPNNNUUUUNUPUUUPNNUUUUNUUUUNNUUNUNNUUNUUUUNUNNUNUN"
    "UUNUNUNUNUNUPNNNUUPUNNNUUNNNUUNUNNUUNNUNUPUUNNNUUUUUPUNUUPNUNNUNNUUUNUUUUUUNNNUUNPUNUUUUUUNNUNNNNUPU"
    "PUUUUUUPPUUUUPUUUUUUNUNUPNNUPUUUUNUUUUUUUUUUUNUUNUUNUUUNUUUUNUPUUUUUNUNNNUUUUUUUNNUUUUUUNUNPUNUNNUUN"
    "UUNUNNUNUUUNNPUUUUPUNPUNUUUUNNNUNNNUNUUNUNUUUNNUUUNNUUUNUPUNNNUUNUPNNNUNNNUUNUNUUUNUUUUNUUUUNUNNUNUU"
)
HAND_TEST, HAND_CALIBRATION = 150, 100
"""The tone of the first questions of the chats, shuffled by HAND_SEED, read and labelled for this project by the
language model that wrote it: P positive, U neutral, N negative. The first HAND_TEST are only measured with, the next
HAND_CALIBRATION only calibrated with, the others learnt from."""


class Labelled(NamedTuple):
    """`label` indexes tone.CLASSES: 0 negative, 1 neutral, 2 positive."""

    text: str
    label: int


def reviews(folder: Path) -> list[tuple[int, str]]:
    """Ratings 1–10 with their texts, shuffled."""
    with lzma.open(folder / REVIEWS, "rt", encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t", 1) for line in file]
    rated = [(int(rating), text) for rating, text in lines]
    random.Random(1).shuffle(rated)
    return rated


def chats(folder: Path) -> tuple[list[str], list[Labelled]]:
    """The chat lines, and apart from them those labelled by hand."""
    with lzma.open(folder / CHATS, "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    questions = sorted({row[0].strip() for row in rows})
    random.Random(HAND_SEED).shuffle(questions)
    by_hand = [
        Labelled(text, "NUP".index(label))
        for text, label in zip(questions[: len(HAND_LABELS)], HAND_LABELS, strict=True)
    ]
    apart = {item.text for item in by_hand}
    lines = sorted({cell.strip() for row in rows for cell in row[:2]} - apart)
    random.Random(2).shuffle(lines)
    return lines, by_hand


def by_words(text: str) -> int | None:
    """The label that the words of feeling give; None where they contradict each other or are negated."""
    good = POSITIVE_WORDS.search(text) is not None
    bad = NEGATIVE_WORDS.search(text) is not None
    if good and (bad or any(word in text for word in _NEGATION)):
        return None
    return 2 if good else 0 if bad else 1
