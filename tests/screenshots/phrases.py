"""Turns a phrase with slots into a sentence, with the particle that fits the word before it.

`{food}` is filled from the vocabulary, `{food|을}` takes 을 or 를 by the last letter. The phrases stand in exchanges:
a list of messages of which those that begin with `>` come from the other side.
"""

import random
import re

from tests.screenshots.vocabulary import SLOTS

_SLOT = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
_PARTICLES = {
    "을": "를",
    "은": "는",
    "이": "가",
    "과": "와",
    "이랑": "랑",
    "으로": "로",
    "이라": "라",
    "이야": "야",
    "이요": "요",
    "이에요": "예요",
}
_DIGITS_WITH_CODA = "0136789"


def ends_with_coda(word: str) -> bool:
    """True where the last letter closes with a consonant. Latin words go by how Koreans usually read them (roughly)."""
    last = word[-1:]
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28 > 0
    if last.isdigit():
        return last in _DIGITS_WITH_CODA
    return last.lower() in "lmnbkpt"


def _particle(word: str, particle: str) -> str:
    if particle == "으로" and "가" <= word[-1:] <= "힣" and (ord(word[-1]) - ord("가")) % 28 == 8:
        return "로"
    return particle if ends_with_coda(word) else _PARTICLES.get(particle, particle)


def fill(phrase: str, rng: random.Random) -> str:
    """`phrase` with each slot filled."""

    def chosen(match: re.Match[str]) -> str:
        word = SLOTS[match.group(1)](rng)
        return word + (_particle(word, match.group(2)) if match.group(2) else "")

    return _SLOT.sub(chosen, phrase)


CASUAL: tuple[tuple[str, ...], ...] = (
    ("{day} 뭐 해?", ">{hobby} 하러 가려고", "오 나도 끼워줘", ">콜 {clock}에 {place}에서 봐"),
    ("점심 먹었어?", ">아직 {food} 먹을까 고민 중", "{food|이랑} {food} 중에 뭐가 나아?", ">당연히 {food}지"),
    ("나 방금 {thing} 샀어", ">얼마 줬는데?", "{price}", ">헐 싸다 어디서 샀어", "{shop}에서 세일하더라"),
    (">지금 어디야?", "{place} 거의 다 왔어 {n}분만", ">천천히 와 나도 늦을 듯", "{drink} 미리 시켜놔줘"),
    ("어제 본 {show} 진짜 재밌더라", ">그거 나도 보고 싶었는데", "스포 안 할게 꼭 봐 {emoji}", ">{day}에 볼게 약속"),
    (">{name} 얘기 들었어?", "아니 무슨 일 있어?", ">{place|으로} 이사 간대", "갑자기? 왜?", ">회사가 그쪽으로 옮긴대"),
    (
        "밖에 {weather} 온다",
        ">아 {thing} 안 가져왔는데",
        "{shop}에서 하나 사",
        ">{price}이나 하네",
        "그냥 뛰어 {laugh}",
    ),
    (
        "시험 공부 했어?",
        ">{subject|은} 포기했어",
        "나도 {percent}밖에 못 봤는데",
        ">같이 {shop} 갈래?",
        "가자 {clock}에 출발",
    ),
    (">우리 {animal} 사진 보내줄까", "당장 보내", ">잠깐만 자고 있어서 못 찍겠다", "자는 게 제일 귀여운데"),
    ("{day} {clock} 영화 예매했어", ">좌석 어디야?", "G열 {n}번 {n}번", ">오 가운데네 잘했다"),
    ("{latin} 비밀번호 뭐였지", ">{word} 아니야?", "아니래 또 틀렸어", ">그럼 {code} 해봐", "됐다 고마워"),
    (
        ">나 오늘 완전 {feeling}해",
        "왜 무슨 일이야",
        ">그냥 이것저것 겹쳐서 그런가 봐 어제 잠도 {n}시간밖에 못 잤고",
        "오늘은 일찍 자 내일 얘기하자",
    ),
    (
        "생일 선물로 {thing} 어때?",
        ">{name|이} 그거 이미 있을걸",
        "그럼 {thing|으로} 할까",
        ">{price} 안쪽이면 좋아",
        "인당 {price}씩이면 될 듯",
    ),
    ("이거 봐봐 {link}", ">뭔데?", "{thing} 공구래 {count}명 모이면 {percent} 할인", ">나도 신청할래"),
    (
        "{name|이} 결혼한대!!!",
        ">뭐????",
        "{date}래 {place} 근처",
        ">세상에 벌써 그렇게 됐나",
        "우리도 나이 먹었지 {laugh}",
    ),
    (
        ">여행 언제 가기로 했지",
        "{date}부터 {n}박 {n}일",
        ">숙소는?",
        "{place} 쪽으로 잡았어 1박에 {price}",
        ">잘했다 {emoji}",
    ),
    ("{drink} 쿠폰 있는데 같이 갈래", ">언제까지인데", "{date}까지", ">그럼 {day} 가자"),
    (
        ">{food} 레시피 아는 사람",
        "{food|은} 불 조절이 중요해",
        ">그게 끝이야?",
        "마지막에 참기름 한 숟갈 넣고 {n}분 더 끓여 그게 비법이야",
    ),
    (
        "노트북이 또 멈췄어",
        ">껐다 켜봤어?",
        "{n}번이나 했지",
        ">{latin} 업데이트 때문일 수도 있어",
        "일단 서비스센터 예약했어 {date} {clock}",
    ),
    ("{hobby} 시작한 지 {count}일 됐다", ">꾸준하네 대단하다", "몸무게도 {n}kg 빠짐", ">나도 해야 하는데 {laugh}"),
    (
        ">택배 왔어?",
        "문 앞에 있대",
        ">{thing} 맞는지 확인해줘",
        "맞아 근데 상자가 좀 찌그러졌어",
        ">안에만 멀쩡하면 됐지",
    ),
    (
        "오늘 {place} 사람 너무 많다",
        ">주말이라 그렇지",
        "{food} 먹으려고 {count}분째 대기 중",
        ">그냥 딴 데 가",
        "기다린 게 아까워서 못 가",
    ),
    ("꿈에 {animal|이} 나왔어", ">길몽 아니야? 복권 사", "{price}어치 샀다 {laugh}", ">당첨되면 반띵"),
    (
        ">{subject} 과제 제출했어?",
        "{clock} 마감인 거 지금 알았어",
        ">{doc} 파일 보내줄까 참고만 해",
        "진짜 너밖에 없다 {emoji}",
    ),
    ("내일 몇 시에 일어나야 하지", ">{clock}에는 나가야 돼", "그럼 알람 {n}개 맞춰야겠다", ">내가 전화해줄게"),
    (">저녁에 {hobby} 갈 사람~", "나!", ">{place} {clock}까지 와", "끝나고 {food} 먹자", ">그게 목적이지 {laugh}"),
    ("충전 {percent} 남았어", ">나 {thing} 있어 빌려줄게", "{place} 출구에서 만나", ">{n}번 출구 맞지?", "응 거기"),
    (
        "감기 걸린 것 같아",
        ">{shop} 다녀왔어?",
        "아니 귀찮아서",
        ">지금 당장 가 안 그러면 더 오래가",
        "알았어 {clock} 전에 갈게",
    ),
    (">이번 달 카드값 {price} 나왔어", "뭘 그렇게 샀어", ">{thing|이랑} {thing|이랑} {food|이랑}...", "먹는 게 반이네"),
    ("{latin} 새로 나온 거 봤어?", ">디자인 별로던데", "근데 성능이 {percent} 좋아졌대", ">{price}면 안 사"),
)

POLITE: tuple[tuple[str, ...], ...] = (
    (
        "안녕하세요 {role}, {doc} 보내드립니다.",
        ">감사합니다. 확인 후 {day}까지 회신드릴게요.",
        "네 편하실 때 말씀해 주세요.",
    ),
    (
        ">{day} 회의는 {clock}에 시작합니다.",
        "장소는 어디인가요?",
        ">{n}층 {latin} 회의실입니다.",
        "알겠습니다. {doc|은} 제가 준비하겠습니다.",
    ),
    (
        "{thing} 아직 판매하시나요?",
        ">네 가능합니다.",
        "{price}에 네고 될까요?",
        ">죄송하지만 {price} 아래로는 어렵습니다.",
        "그럼 {place}에서 직거래 가능할까요?",
    ),
    (
        ">예약자 성함과 연락처 부탁드립니다.",
        "{name}이고 {phone}입니다.",
        ">{date} {clock} {n}명으로 예약되었습니다.",
        "감사합니다!",
    ),
    (
        "{doc} 검토 부탁드립니다. 특히 {n}페이지의 수치가 지난번과 {percent} 차이가 나서 확인이 필요합니다.",
        ">네 오늘 안으로 보고 의견 드리겠습니다.",
    ),
    (
        ">{role}, 혹시 {clock}에 통화 가능하실까요?",
        "지금 이동 중이라 {clock} 이후면 가능합니다.",
        ">네 그때 연락드리겠습니다.",
    ),
    ("입금 계좌 알려주시겠어요?", ">{account}입니다.", "{price} 입금했습니다.", ">확인되었습니다. 감사합니다 {emoji}"),
    (
        ">수업은 {day} {clock}로 옮겨도 괜찮을까요?",
        "네 괜찮습니다. {subject} 숙제는 그대로 하면 될까요?",
        ">{n}단원까지만 풀어오면 됩니다.",
    ),
    ("배송이 언제쯤 도착할까요?", ">{date} 도착 예정이며 송장번호는 {code}입니다.", "빠른 답변 감사드려요."),
    (">오늘 {shop} 휴무인가요?", "아니요, {clock}까지 영업합니다.", ">주차도 되나요?", "건물 지하에 {n}대 가능합니다."),
    (
        "{latin} 접속이 안 되는데 확인 부탁드립니다.",
        ">어떤 오류가 나오나요?",
        "코드 {code}라고 나옵니다.",
        ">서버 점검 중이었습니다. {count}초 뒤에 다시 시도해 주세요.",
        "이제 됩니다. 감사합니다.",
    ),
    (
        "어머니 모시고 {place|으로} 가려는데 추천해 주실 곳 있을까요?",
        ">{food} 좋아하시면 시장 쪽을 추천드려요. {price} 정도면 넉넉합니다.",
    ),
    (
        ">면접은 {date} {clock}입니다. {latin} 링크는 메일로 보내드렸습니다.",
        "네 확인했습니다. 준비물이 따로 있을까요?",
        ">{doc|과} 신분증만 지참해 주세요.",
    ),
    (
        "이번 행사 참석 인원이 {count}명으로 늘었습니다.",
        ">그럼 {food} 도시락도 추가 주문해야겠네요.",
        "네 1인당 {price}으로 맞춰 주세요.",
        ">확인하고 견적 보내드리겠습니다.",
    ),
    (
        ">{hobby} 모임 신청하신 분 맞으시죠?",
        "네 맞습니다 처음이라 조금 걱정되네요.",
        ">다들 초보라 괜찮아요. {thing}만 챙겨 오시면 됩니다.",
    ),
    (
        "죄송합니다. 오늘 {weather} 때문에 {count}분 정도 늦을 것 같습니다.",
        ">괜찮습니다. 조심히 오세요.",
        "최대한 빨리 가겠습니다.",
    ),
    (
        ">문의하신 {thing} 재입고되었습니다. 아래에서 주문하실 수 있어요.\n{link}",
        "오 감사합니다!",
        ">{date}까지 무료 배송이에요.",
    ),
    (
        "{subject} 세미나 자료 공유 가능할까요?",
        ">{link} 여기에 올려두었습니다.",
        "비밀번호가 있나요?",
        ">{word} 입니다.",
    ),
    (
        ">{role} 생신 축하드립니다 {emoji}",
        "고맙습니다. {day}에 {food} 같이 먹어요.",
        ">좋습니다 {place} 쪽으로 예약해 두겠습니다.",
    ),
    (
        "공지사항입니다.\n1. {day} {clock} 집합\n2. 준비물: {thing}, {thing}\n3. 회비 {price}",
        ">확인했습니다.",
        ">저는 {clock}쯤 도착할 것 같아요.",
    ),
    (
        "디자인 시안 {n}개 중에 어떤 게 좋으세요?",
        ">{n}번이 깔끔하네요. 다만 글자 크기를 {percent} 정도 키우면 좋겠습니다.",
        "반영해서 {clock}까지 다시 보내드릴게요.",
    ),
    (
        ">환불은 언제 처리되나요?",
        "카드사에 따라 영업일 {n}일 정도 걸립니다. 금액은 {price}입니다.",
        ">네 기다려 볼게요.",
    ),
)

TAILS_CASUAL = ("", "", "", "", " {laugh}", "{laugh}", "~", "!!", " {emoji}", "{emoji}", "...", " ㅎㅎ", "??")
TAILS_POLITE = ("", "", "", "", "", "", " ^^", "~", "!", " {emoji}", " ㅎㅎ")

LONG_CASUAL = (
    "아니 내 말은 {place}에서 {clock}에 만나서 {food} 먹고 바로 {show} 보러 가면 시간이 딱 맞는다는 거지. "
    "근데 네가 늦으면 다 꼬이니까 제발 {n}분만 일찍 나와줘 {laugh}",
    "오늘 진짜 하루 종일 정신이 없었어. 아침에는 {thing|을} 잃어버리고 점심에는 {food} 먹다가 옷에 흘리고 "
    "퇴근길에는 {weather}까지 와서 {thing}도 없이 뛰었다니까",
    "{name|이랑} {name|이} {day}에 {place} 간다는데 우리도 같이 갈래? 숙소는 {price} 정도고 차는 {name|이} "
    "가져온대. 나는 {hobby}도 해보고 싶어서 {percent} 정도 마음이 기울었어",
    "그 가게 {food} 먹어봤는데 솔직히 {price} 값은 못 하더라. 양도 적고 {drink} 맛도 별로고 무엇보다 "
    "{count}분을 기다렸거든. 다음엔 그냥 {place} 쪽 가자",
    "{subject} 교수님이 갑자기 {doc} 제출을 {date}에서 {date|으로} 당기셔서 지금 다들 난리야. 나는 이제 겨우 "
    "{n}장 썼는데 {count}장을 채워야 된대 {emoji}",
    "어제 {animal} 데리고 {shop} 갔는데 {n}시간이나 기다렸어. 다행히 별일은 아니래. 약값이 {price} 나온 건 좀 "
    "아프지만 그래도 건강하니까 됐다 싶더라",
)
LONG_POLITE = (
    "안녕하세요. {date} {place}에서 진행되는 {subject} 교육 안내드립니다. 시작 시간은 {clock}이며 {doc|과} "
    "필기구를 지참해 주시기 바랍니다. 참석이 어려우신 분은 {phone}으로 연락 주세요.",
    "{role} 안녕하세요. 지난번에 말씀하신 {doc|은} {n}차 수정까지 마쳤고 예산은 {price} 기준으로 다시 "
    "계산했습니다. {latin} 화면은 {day}까지 반영하겠습니다. 추가로 필요하신 내용이 있으면 편하게 말씀해 "
    "주세요.",
    "문의 주셔서 감사합니다. 해당 {thing|은} 현재 {count}개 남아 있으며 {date} 이후 주문하시면 {n}일 안에 "
    "받아보실 수 있습니다. 교환과 환불은 수령 후 {n}일 이내에 가능합니다.",
    "오늘 모임 정산 안내드려요.\n- {food} {price}\n- {drink} {price}\n- {thing} 대여 {price}\n{account} "
    "여기로 보내주시면 됩니다. 감사합니다!",
)

PHOTO_TEXTS = (
    ("영업 안내", "평일 {clock}부터", "주말 휴무"),
    ("{food} 특가", "{price}", "{date}까지"),
    ("{place} {n}번 출구", "직진 {count}m"),
    ("주간 일정표", "월 {subject}", "수 {hobby}", "금 {doc} 제출"),
    ("영수증", "{food} {price}", "{drink} {price}", "합계 {price}"),
    ("SALE {percent}", "{thing} 전 품목"),
    ("{latin} {code}", "인증번호"),
)
CARD_TITLES = (
    "{food} 맛집 {n}곳 총정리",
    "[{percent} 할인] {thing} 기획전",
    "{place} 가볼 만한 곳",
    "{subject} 강의 신청 안내",
    "{date} {show} 예매 오픈",
    "{name}님의 초대장",
    "주문하신 {thing} 배송 시작",
)
CARD_TEXTS = (
    "{clock}까지 한정 수량 {count}개",
    "지금 확인하고 {price} 혜택 받기",
    "{place} 근처에서 즐기는 {hobby}",
    "{day} {clock}에 시작합니다",
    "자세한 내용은 아래 버튼을 눌러 주세요",
)
BUTTONS = [
    "자세히 보기",
    "주문하기",
    "공유하기",
    "예약 변경",
    "문의하기",
    "웹으로 보기",
    "길찾기",
    "쿠폰 받기",
    "일정 추가",
    "배송 조회",
]
QUICK_REPLIES = ["처음으로", "메뉴 보기", "상담원 연결", "오늘의 할인", "위치 안내", "영업시간", "도움말", "주문 조회"]
DRAFTS = (
    "그럼 {clock}에",
    "{food} 어때",
    "잠시만",
    "네 알겠",
    "{place|으로} 갈",
    "{n}명",
    "ㅋㅋㅋ 그",
    "죄송한데 {doc}",
    "{day}은 안",
    "오케이 {emoji}",
)
FILES = ("{doc}_{date}.pdf", "{doc} 최종.xlsx", "{subject}_{n}주차.pptx", "{word}.zip", "{place} 사진.zip")
