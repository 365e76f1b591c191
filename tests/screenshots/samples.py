"""A fixed, pleasant conversation as three overlapping KakaoTalk screenshots, for the README and the first run."""

import datetime

from contracts.resources import Kind, Speaker
from tests.screenshots.conversations import Conversation, Utterance
from tests.screenshots.dressing import Dressing
from tests.screenshots.scenes import Device, Scroll, scroll

FRIEND = "윤하늘"

# (minutes after the beginning, from the friend, text, kind, buttons)
_LINES: tuple[tuple[int, bool, str, Kind, tuple[str, ...]], ...] = (
    (0, True, "주말에 시간 돼?", "text", ()),
    (0, True, "성수동에 새로 생긴 카페 가보자", "text", ()),
    (1, False, "토요일이 나아 일요일이 나아?", "text", ()),
    (2, True, "토요일! 일요일은 할머니 생신이라 가족끼리 밥 먹기로 했어", "text", ()),
    (3, False, "그럼 토요일 2시 어때", "text", ()),
    (3, True, "콜 👍", "text", ()),
    (4, True, "성수 연무장길 카페 지도\n서울숲역 4번 출구에서 걸어서 7분", "card", ("길찾기",)),
    (5, False, "와 여기 크로플 유명한 데잖아", "text", ()),
    (5, False, "ㅋㅋㅋㅋㅋㅋ", "text", ()),
    (6, True, "역시 아는구나 ㅋㅋ", "text", ()),
    (6, True, "예약은 안 된대서 조금 일찍 가서 줄 서야 할 것 같아. 1시 40분쯤 보는 건 어때?", "text", ()),
    (7, False, "네", "text", ()),
    (7, False, "아니 왜 갑자기 존댓말 나왔지 ㅋㅋㅋ", "text", ()),
    (8, True, "ㅋㅋㅋ", "text", ()),
    (9, True, "아 맞다 저번에 빌린 책도 가져갈게", "text", ()),
    (9, False, "벌써 다 읽었어?", "text", ()),
    (11, True, "응 이틀 만에 다 읽었어. 마지막 장면에서 진짜 눈물 났잖아 😭", "text", ()),
    (12, False, "그치 나도 지하철에서 울었어", "text", ()),
    (12, False, "2권은 내가 사둘게 14,800원이더라", "text", ()),
    (13, True, "그럼 커피는 내가 살게", "text", ()),
    (13, True, "토요일 1시 40분 서울숲역 4번 출구!", "text", ()),
    (14, False, "좋아 그때 봐 😊", "text", ()),
)


def conversation() -> Conversation:
    """Two friends arrange to meet in a café."""
    beginning = datetime.datetime(2025, 4, 17, 19, 42)
    utterances = []
    for index, (minutes, other, text, kind, buttons) in enumerate(_LINES):
        speaker: Speaker = "interlocutor" if other else "user"
        utterances.append(
            Utterance(
                index=index,
                speaker=speaker,
                sender=FRIEND if other else "",
                minute=beginning + datetime.timedelta(minutes=minutes),
                text=text,
                kind=kind,
                buttons=buttons,
                seed=1700 + index,
            )
        )
    return Conversation(title=FRIEND, members=(FRIEND,), group=False, utterances=tuple(utterances))


def sample() -> Scroll:
    """Three screenshots of an iPhone, each with the last messages of the one before."""
    return scroll(
        conversation(),
        "kakao-ios-light",
        messages=2,
        seed=7,
        count=3,
        device=Device(width=1170, height=2532, scale=3.0),
        dressing=Dressing(),
    )
