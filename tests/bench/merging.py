"""How well and how fast screenshots merge by their texts alone: `python -m tests.bench.merging`.

Conversations of 60 messages, a fifth of them short ones that repeat, are cut into screenshots that show five to ten
messages each; a reader that gets 3 % of the characters wrong reads them, and the first and last bubble of a
screenshot are often cut by its edge. No image helps. A conversation counts as perfect where every message comes out
once, in its place, out of readings of that message only, and every join was found; where screenshots do not overlap,
where every join is an explicit gap.

The clock is the processor time of `merge`, the best of three runs, since the machine may be busy with other work.
"""

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from contracts.resources import Bubble, Extraction, Position, Source, Speaker
from processors.merge.merge import Merged, merge
from processors.merge.shots import Shot
from processors.merge.texts import normalised

SESSION = "simulated"

# fmt: off
SHORT = (
    "네", "응", "ㅇㅇ", "아니", "헐", "진짜?", "오키", "ㅠㅠ", "ㅎㅎ", "그래", "넵", "아하", "왜?", "몰라", "대박",
)
WHO = ("나는", "엄마가", "민수가", "동생이", "팀장님이", "우리 반 애들이", "그 친구가", "언니가", "지수랑 내가")
WHEN = ("오늘", "내일 아침에", "주말에", "아까 점심때", "다음 주 화요일에", "방금", "퇴근하고", "어제 밤늦게")
WHERE = ("집에서", "회사 앞에서", "도서관에서", "강남역 쪽에서", "카페에서", "병원에서", "버스 타고 가다가", "한강에서")
WHAT = (
    "밥", "숙제", "전화", "영화", "사진", "노트북", "선물", "택배", "운동", "시험 준비", "치킨", "약속", "회의",
    "고양이", "우산", "이사 갈 집", "머리", "발표 자료", "여권", "통장", "화분", "세탁기", "수영", "면접", "알바",
    "기차표", "김치찌개", "보고서",
)
DID = (
    "때문에 큰일 났어", "얘기는 들었어?", "생각만 하면 웃겨", "같은 건 처음 봤어", "하나 때문에 늦었어",
    "부터 하자고 했어", "사진 좀 보내 줄래", "걱정은 안 해도 돼", "말고 다른 거 없나", "문제로 또 싸웠대",
    "덕분에 살았다", "이번 주까지라던데", "그거 얼마 주고 샀어?", "쪽은 내가 알아볼게", "빼고 다 준비됐어",
)
# fmt: on
TAIL = ("", "", "", "ㅋㅋ", "ㅠㅠ", " 어떡하지", " 너는 어때?", " 진짜 웃겨", " 나중에 얘기해 줄게", "!!", " 알겠지?")
MISREAD = "가나다라마바사아자차카타파하거너더러머버서어저처이리기니으로은를에의도해했었고지만"


@dataclass(frozen=True)
class Said:
    text: str
    speaker: Speaker


@dataclass(frozen=True)
class Case:
    """How conversations are cut: messages shared by two screenshots (least, most), and what else is done to them."""

    name: str
    overlap: tuple[int, int]
    shuffled: bool = False
    duplicated: bool = False
    error_rate: float = 0.03
    repeating: float = 0.2


@dataclass
class Tally:
    conversations: int = 0
    perfect: int = 0
    joins: int = 0
    missed_joins: int = 0
    doubled: int = 0
    missing: int = 0
    mixed: int = 0
    characters: int = 0
    errors: int = 0
    seconds: list[float] = field(default_factory=list)


CASES = (
    Case("overlap 2-5", (2, 5)),
    Case("overlap 2", (2, 2)),
    Case("overlap 3", (3, 3)),
    Case("overlap 4-6", (4, 6)),
    Case("overlap 2-5, shuffled", (2, 5), shuffled=True),
    Case("overlap 2-5, shuffled, doubled", (2, 5), shuffled=True, duplicated=True),
    Case("overlap 2-5, no errors", (2, 5), error_rate=0.0),
    Case("overlap 2-5, errors 8 %", (2, 5), error_rate=0.08),
    Case("overlap 2-5, two in three short", (2, 5), repeating=0.65),
    Case("none", (0, 0)),
    Case("none, two in three short", (0, 0), repeating=0.65),
    Case("none, shuffled", (0, 0), shuffled=True),
)


def conversation(chance: random.Random, repeating: float, length: int = 60) -> list[Said]:
    """A chat of `length` messages between two people, a share `repeating` of them short and often said."""
    said: list[Said] = []
    speaker: Speaker = "user"
    for _ in range(length):
        if chance.random() < 0.6:
            speaker = "interlocutor" if speaker == "user" else "user"
        said.append(Said(_text(chance, repeating), speaker))
    return said


def _text(chance: random.Random, repeating: float) -> str:
    if chance.random() < repeating:
        laughter = "ㅋ" * chance.choice((2, 3, 3, 3, 4, 5, 7))
        return laughter if chance.random() < 0.4 else chance.choice(SHORT)
    parts = [chance.choice(part) for part in (WHO, WHEN, WHERE) if chance.random() < 0.45]
    return " ".join([*parts, chance.choice(WHAT), chance.choice(DID)]) + chance.choice(TAIL)


def misread(text: str, rate: float, chance: random.Random) -> str:
    """The text as a reader with a character error rate of `rate` reads it."""
    read: list[str] = []
    for character in text:
        if character.isspace() or chance.random() >= rate:
            read.append(character)
            continue
        kind = chance.random()
        if kind < 0.7:
            read.append(chance.choice(MISREAD))
        elif kind < 0.85:
            read.extend((character, chance.choice(MISREAD)))
    return "".join(read)


def windows(length: int, overlap: tuple[int, int], chance: random.Random) -> list[range]:
    """Stretches of five to ten messages that cover `length`, each sharing as many with the next as `overlap` says."""
    found: list[range] = []
    start = 0
    while True:
        stop = min(length, start + chance.randint(5, 10))
        found.append(range(start, stop))
        if stop == length:
            return found
        start = stop - min(chance.randint(*overlap), stop - start - 1)


def screenshot(
    said: Sequence[Said], window: range, number: int, rate: float, cut: tuple[bool, bool], chance: random.Random
) -> Extraction:
    """What a reader makes of the messages in `window`; `Bubble.order` plus the start of the window is the message."""
    bubbles: list[Bubble] = []
    for order, index in enumerate(window):
        text = misread(said[index].text, rate, chance)
        partial = False
        if len(text) > 1 and ((order == 0 and cut[0]) or (order == len(window) - 1 and cut[1])):
            kept = max(1, round(len(text) * chance.uniform(0.3, 0.9)))
            text = text[-kept:] if order == 0 else text[:kept]
            partial = True
        bubbles.append(
            Bubble(
                text=text,
                speaker=said[index].speaker,
                confidence=chance.uniform(0.8, 1.0),
                position=Position(x=80.0, y=200.0 + 180.0 * order, width=500.0, height=120.0),
                order=order,
                group_id=1,
                partial=partial,
            )
        )
    return Extraction(
        screenshot_id=f"shot-{number:03d}",
        session_id=SESSION,
        width=1080,
        height=2340,
        top=180.0,
        bottom=2100.0,
        bubbles=tuple(bubbles),
        engine="simulated",
    )


def simulate(case: Case, seed: int, tally: Tally) -> None:
    """One conversation, cut, read, merged and judged."""
    chance = random.Random(f"{case.name}/{seed}")
    said = conversation(chance, case.repeating)
    places = windows(len(said), case.overlap, chance)
    overlapping = case.overlap[1] > 0
    starts: dict[str, int] = {}
    shots: list[Shot] = []
    for number, window in enumerate(places):
        inner = (number > 0, number < len(places) - 1)
        cut = (inner[0] and overlapping and chance.random() < 0.5, inner[1] and overlapping and chance.random() < 0.5)
        extraction = screenshot(said, window, number, case.error_rate, cut, chance)
        starts[extraction.screenshot_id] = window.start
        shots.append(Shot(extraction=extraction))
        if case.duplicated and chance.random() < 0.2:
            again = screenshot(said, window, len(places) + number, case.error_rate, cut, chance)
            starts[again.screenshot_id] = window.start
            shots.append(Shot(extraction=again))
    if case.shuffled:
        chance.shuffle(shots)
    merged, seconds = _timed(shots)
    _judge(merged, said, starts, overlapping, case.shuffled, tally)
    tally.seconds.append(seconds)


def _timed(shots: Sequence[Shot]) -> tuple[Merged, float]:
    best = float("inf")
    for _ in range(3):
        before = time.process_time()
        merged = merge(shots, session_id=SESSION, revision=1)
        best = min(best, time.process_time() - before)
    return merged, best


def _judge(
    merged: Merged, said: Sequence[Said], starts: dict[str, int], overlapping: bool, shuffled: bool, tally: Tally
) -> None:
    order: list[int] = []
    mixed = 0
    for message in merged.messages:
        meant = {starts[source.screenshot_id] + source.order for source in message.sources}
        mixed += len(meant) > 1
        place = starts[message.screenshot_id or ""] + _order_of_best(message.sources, message.screenshot_id)
        order.append(place)
        tally.characters += len(normalised(said[place].text))
        tally.errors += Levenshtein.distance(normalised(said[place].text), normalised(message.text))
    gaps = sum(step.gap for step in merged.info.merge_history)
    wrong = gaps if overlapping else len(merged.info.merge_history) - gaps
    # Nothing tells in which order screenshots without any overlap were taken, if they were uploaded in no order.
    judged = sorted(order) if shuffled and not overlapping else order
    tally.conversations += 1
    tally.perfect += judged == list(range(len(said))) and not mixed and not wrong
    tally.joins += len(merged.info.merge_history)
    tally.missed_joins += wrong
    tally.doubled += len(order) - len(set(order))
    tally.missing += len(said) - len(set(order))
    tally.mixed += mixed


def _order_of_best(sources: Sequence[Source], screenshot_id: str | None) -> int:
    return next(source.order for source in sources if source.screenshot_id == screenshot_id)


def run(case: Case, conversations: int) -> Tally:
    tally = Tally()
    for seed in range(conversations):
        simulate(case, seed, tally)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--case", help="only cases whose name contains this")
    arguments = parser.parse_args()
    head = ("perfect %", "joins", "wrong", "doubled", "missing", "mixed", "CER %", "ms p50", "ms max")
    print(f"{'case':<32}" + "".join(f"{name:>10}" for name in head))
    for case in CASES:
        if arguments.case and arguments.case not in case.name:
            continue
        tally = run(case, arguments.conversations)
        seconds = sorted(tally.seconds)
        row = (
            f"{100 * tally.perfect / tally.conversations:.1f}",
            tally.joins,
            tally.missed_joins,
            tally.doubled,
            tally.missing,
            tally.mixed,
            f"{100 * tally.errors / max(1, tally.characters):.2f}",
            f"{1000 * seconds[len(seconds) // 2]:.1f}",
            f"{1000 * seconds[-1]:.1f}",
        )
        print(f"{case.name:<32}" + "".join(f"{value:>10}" for value in row), flush=True)


if __name__ == "__main__":
    main()
