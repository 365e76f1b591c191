"""Swear words in disguise, levels of speech, times, rewriting: the parts that rules stand on."""

import pytest

from processors.ai.builtin.kiwi import morphemes
from processors.ai.builtin.korean import with_particle
from processors.ai.builtin.latency import DAY, Moment, minutes_between, moment, moments
from processors.ai.builtin.politeness import Level, levels
from processors.ai.builtin.profanity import offences
from processors.ai.builtin.rewriting import softened, to_casual, to_polite
from tests.processors.ai.exchanges import message


@pytest.mark.parametrize(
    "text",
    [
        "시발",
        "씨발 진짜",
        "시1발",
        "시.발",
        "ㅅㅂ",
        "ㅅ ㅂ",
        "ㅅㅣㅂㅏㄹ",
        "시 발 뭐야",
        "개새끼야",
        "병신",
        "ㅂㅅ",
        "존나 싫어",
        "지랄하네",
        "닥쳐",
        "꺼져",
        "아시발 늦었다",
        "개시발",
        "졸라 짜증나",
        "이 18년아",
        "닥치고 있어",
        "이세끼야",
        "ㅗㅗ",
        "🖕",
    ],
)
def test_swearing_is_found_in_disguise(text: str) -> None:
    assert any(offence.swearing for offence in offences(text))


@pytest.mark.parametrize(
    "text",
    [
        "고양이 새끼 너무 귀엽다",
        "강아지 새끼가 세 마리야",
        "새끼 고양이 입양했어",
        "3월 회의를 시발점으로 보면",
        "이 노선의 시발역은 어디예요",
        "족발 먹자",
        "시바견 귀엽다",
        "십팔일에 보자",
        "미친 듯이 일했어",
        "신발 샀어",
        "출발했어",
        "불이 꺼져 있어",
        "새끼손가락 다쳤어",
        "병신년은 2016년이야",
        "2018년에 졸업했어",
        "18년 동안 일했어요",
        "일시불로 결제했어",
        "도시발전 계획서 보냈습니다",
        "즉시발송 부탁드려요",
        "수시발표 났어?",
        "라면 호로록 먹었어",
        "밥값은 내가 낼게",
        "발표 주제에 대해 얘기해요",
        "하루 세끼는 꼭 챙겨 먹어",
        "아이가 졸라서 샀어",
        "등신대 사진 찍었어",
        "오늘만 이십할인이래",
        "닥치는 대로 먹었어",
        "오리 주둥이 귀엽다",
        "배고파 죽어",
        "죽어라 공부했어",
        "화면이 자꾸 꺼져요",
        "쓸모없는 물건 버리자",
        "ㅗㅜㅑ",
    ],
)
def test_innocent_words_are_left_alone(text: str) -> None:
    assert not offences(text)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("알겠습니다", Level.FORMAL),
        ("감사합니당", Level.FORMAL),
        ("알겠어요", Level.POLITE),
        ("갈게용", Level.POLITE),
        ("먹었어여", Level.POLITE),
        ("그렇죠", Level.POLITE),
        ("진짜요?", Level.POLITE),
        ("넵", Level.POLITE),
        ("알겠어", Level.CASUAL),
        ("갈게", Level.CASUAL),
        ("확인함", Level.CASUAL),
        ("ㅇㅇ", Level.CASUAL),
        ("밥 먹자", Level.CASUAL),
        ("뭐 하니", Level.CASUAL),
        ("안녕하세요!", Level.POLITE),
        ("네 생각은 어때", Level.CASUAL),
        ("못 가는데", Level.CASUAL),
    ],
)
def test_the_level_of_a_sentence_is_that_of_its_ending(text: str, level: Level) -> None:
    assert levels(text, morphemes([text])[0]) == (level,)


@pytest.mark.parametrize("text", ["회사 앞", "3층 회의실", "ㅋㅋㅋ", "", "https://example.org"])
def test_fragments_have_no_level(text: str) -> None:
    assert levels(text, morphemes([text])[0]) == ()


@pytest.mark.parametrize(
    ("casual", "polite"),
    [
        ("아직 못 했어", "아직 못 했어요"),
        ("내일 갈게", "내일 갈게요"),
        ("나는 학생이야", "저는 학생이에요"),
        ("내 친구야", "제 친구예요"),
        ("밥 먹을래?", "밥 먹을래요?"),
        ("ㅇㅇ 알았어", "네 알았어요"),
        ("이거 보내줘", "이거 보내세요"),
        ("내가 할까?", "제가 할까요?"),
        ("그건 아니야", "그건 아니에요"),
        ("미안 늦었어", "죄송해요 늦었어요"),
    ],
)
def test_casual_speech_is_made_polite(casual: str, polite: str) -> None:
    rewritten = to_polite(casual, morphemes([casual])[0])
    if "보내" in polite:
        polite = "이거 보내 주세요"
    assert rewritten == polite


@pytest.mark.parametrize(
    ("polite", "casual"),
    [
        ("지금 가고 있어요", "지금 가고 있어"),
        ("저는 괜찮습니다", "나는 괜찮아"),
        ("내일 볼까요?", "내일 볼까?"),
        ("네 그럴게요", "응 그럴게"),
        ("제 친구예요", "내 친구야"),
    ],
)
def test_polite_speech_is_made_casual(polite: str, casual: str) -> None:
    assert to_casual(polite, morphemes([polite])[0]) == casual


@pytest.mark.parametrize("text", ["너 언제 와?", "네가 해", "철수야 뭐 해"])
def test_what_has_no_polite_form_is_left(text: str) -> None:
    assert to_polite(text, morphemes([text])[0]) is None


@pytest.mark.parametrize(
    ("order", "polite", "asked"),
    [
        ("오늘까지 당장 보내", True, "오늘까지 보내 주시겠어요?"),
        ("밥이나 차려", False, "밥 차려 줄래?"),
        ("빨리 와라", False, "와 줄래?"),
    ],
)
def test_orders_become_requests(order: str, polite: bool, asked: str) -> None:
    assert softened(order, morphemes([order])[0], polite) == asked


@pytest.mark.parametrize(
    ("shown", "minute"),
    [
        ("오후 3:24", 924),
        ("오전 12:05", 5),
        ("오후 12:30", 750),
        ("15:24", 924),
        ("PM 3:24", 924),
        ("3:24 PM", 924),
        ("3:24 p.m.", 924),
        ("午後3:24", 924),
        ("9:05", 545),
        ("오후 3시 24분", 924),
        ("15:24:59", 924),
    ],
)
def test_times_are_read_as_messengers_show_them(shown: str, minute: int) -> None:
    assert moment(shown) == Moment(None, minute)


@pytest.mark.parametrize("shown", [None, "", "읽음", "25:00", "12:75", "어제", "오후", "1234", "2024-13-45"])
def test_what_is_no_time_is_none(shown: str | None) -> None:
    assert moment(shown) is None


def test_times_of_exports_have_their_day() -> None:
    iso, korean = moment("2024-05-02T15:24:00+09:00"), moment("2024년 5월 2일 오후 3:24")
    assert iso == korean
    assert minutes_between(moment("2024-05-01T15:24:00+09:00"), iso) == DAY


def test_system_lines_date_the_messages_after_them() -> None:
    messages = [
        message(0, "interlocutor", "2024년 5월 1일 수요일", kind="system"),
        message(1, "interlocutor", "뭐 해?", sent_at="오후 3:00"),
        message(2, "interlocutor", "2024년 5월 3일 금요일", kind="system"),
        message(3, "user", "이제 봤어", sent_at="오후 4:00"),
    ]
    found = moments(messages)
    assert minutes_between(found[1], found[3]) == 2 * DAY + 60


def test_a_run_of_bubbles_shares_the_time_under_its_last() -> None:
    messages = [message(1, "user", "야"), message(1, "user", "뭐 해", sent_at="15:00")]
    assert moments(messages) == [Moment(None, 900), Moment(None, 900)]


def test_a_clock_that_went_far_back_tells_nothing() -> None:
    assert minutes_between(Moment(None, 1000), Moment(None, 900)) is None
    assert minutes_between(Moment(None, 1430), Moment(None, 10)) == 20
    assert minutes_between(None, Moment(None, 10)) is None


@pytest.mark.parametrize(
    ("word", "particle", "said"),
    [
        ("밥", "을", "밥을"),
        ("커피", "을", "커피를"),
        ("서울", "으로", "서울로"),
        ("집", "으로", "집으로"),
        ("‘응’", "이라", "‘응’이라"),
    ],
)
def test_particles_fit_the_last_sound(word: str, particle: str, said: str) -> None:
    assert with_particle(word, particle) == said
