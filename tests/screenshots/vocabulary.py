"""Words that fill the phrases: names, places, things, prices, times. All made up or everyday."""

# ruff: noqa: SIM905 - a list of words reads better as words

import random
from collections.abc import Callable

SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍전고문손배백허남"
GIVEN_NAMES = (
    "서연 민준 지우 하은 도윤 수아 예준 지호 채원 시우 다은 주원 유진 현우 소율 건우 나연 태오 가은 승민 아린 "
    "정훈 보라 세진 은비 동현 하늘 재윤 미나 성호 윤아 규리 준서 혜진 한별 솔 지안 리아 찬영 예나"
).split()
LATIN_NAMES = "Jay Minji Chris Hana Leo Sora Daniel Yuna Kevin Mia".split()
ROLES = "팀장님 대리님 과장님 선생님 사장님 교수님 매니저님 실장님 원장님 간사님".split()
FAMILY = "엄마 아빠 언니 오빠 누나 형 이모 삼촌 할머니 막내".split()

FOODS = (
    "김치찌개 떡볶이 마라탕 초밥 칼국수 삼겹살 샐러드 비빔밥 돈까스 쌀국수 파스타 치킨 피자 순두부 냉면 김밥 "
    "라면 만두 족발 보쌈 곱창 카레 우동 햄버거 타코 닭갈비 국밥 샤브샤브 회덮밥 빙수 와플 크로플 토스트 도넛 "
    "스콘 까눌레"
).split()
DRINKS = "아메리카노 라떼 녹차 유자차 콜드브루 레몬에이드 밀크티 핫초코 생맥주 막걸리 하이볼 자몽주스".split()
PLACES = (
    "강남역 홍대입구 성수동 을지로 판교 잠실 연남동 이태원 여의도 신촌 합정 부산역 해운대 전주 한옥마을 수원 "
    "광교 제주공항 경복궁 남산 서울숲 한강공원 코엑스 동대문 익선동 망원시장 춘천 강릉 속초 대전역 송도"
).split()
SHOPS = (
    "다이소 이마트 올리브영 스타벅스 교보문고 편의점 약국 세탁소 우체국 은행 미용실 헬스장 도서관 병원 치과 카페"
).split()
THINGS = (
    "우산 충전기 지갑 노트북 이어폰 보조배터리 텀블러 안경 여권 운동화 패딩 에코백 키보드 모니터 가습기 선풍기 "
    "책상 의자 커튼 이불 화분 캐리어 카메라 목도리 장갑 시계 향수 선크림 마스크 수건 영수증 택배 서류 통장 열쇠"
).split()
DOCUMENTS = (
    "보고서 견적서 계약서 기획안 회의록 제안서 이력서 과제 발표자료 설문지 신청서 영수증 매뉴얼 일정표 디자인시안"
).split()
SUBJECTS = (
    "수학 영어 통계 물리 자료구조 운영체제 경제학 심리학 회계 한국사 일본어 머신러닝 선형대수 디자인 마케팅"
).split()
HOBBIES = (
    "등산 수영 러닝 필라테스 요가 클라이밍 캠핑 낚시 테니스 배드민턴 볼링 그림 기타 피아노 뜨개질 보드게임 자전거 독서"
).split()
SHOWS = "영화 드라마 뮤지컬 전시회 콘서트 연극 다큐 예능 웹툰 소설".split()
WEATHER = "비 눈 소나기 안개 미세먼지 황사 태풍 한파 폭염".split()
ANIMALS = "강아지 고양이 햄스터 앵무새 거북이 토끼".split()
FEELINGS = "피곤 행복 심심 우울 답답 든든 뿌듯 불안 홀가분 어색".split()
DAYS = "오늘 내일 모레 이번주말 다음주 월요일 화요일 수요일 목요일 금요일 토요일 일요일".split()
LATIN = (
    "PDF Zoom Wi-Fi USB iPhone Galaxy AirPods Netflix YouTube GitHub Notion Slack Excel PPT API GPS QR NFC OTT "
    "VPN SSD Python React Docker ChatGPT Teams Instagram Discord Figma OK"
).split()
SITES = (
    "shop.example.com/item/{n} blog.example.org/post/{n} maps.example.net/place/{n} example.co.kr/event?id={n} "
    "news.example.com/a/{n} video.example.com/watch?v={word} docs.example.org/d/{word}/edit "
    "forms.example.com/{word}"
).split()
BANKS = "하늘은행 바다은행 새벽은행 한빛은행 푸른은행".split()
EMOJI_LIKED = (
    "😀 😂 🤣 😊 😍 🥰 😭 😅 😆 🙏 👍 👏 💪 🎉 ❤️ 💕 🔥 ✨ 😱 🤔 😴 🥲 😎 🙌 🤗 😋 ☕ 🍕 🍜 🌸 🌧️ ⭐ 🎂 🐶 🐱 🚗 ✅ 💯"
).split()
LAUGHS = "ㅋㅋ ㅋㅋㅋ ㅋㅋㅋㅋ ㅋㅋㅋㅋㅋㅋ ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ ㅎㅎ ㅎㅎㅎ ㅠㅠ ㅠㅠㅠㅠ ㅜㅜ".split()
SHORT_CASUAL = "응 ㅇㅇ ㄴㄴ ㅇㅋ 오 헐 와 네 넹 아 왜 음 ? ! ㄱㄱ 굿 콜 그래 아니 진짜? 대박 맞아 몰라 ㅇㅈ".split()
SHORT_POLITE = "네 넵 넵! 네네 아 아뇨 네? 감사합니다 알겠습니다 확인했습니다 좋습니다 안녕하세요 수고하세요".split()


def full_name(rng: random.Random) -> str:
    """A name as chat rooms show it: full, given only, with a role, of the family, or Latin."""
    given = rng.choice(GIVEN_NAMES)
    return rng.choices(
        (
            rng.choice(SURNAMES) + given,
            given,
            f"{rng.choice(SURNAMES)}{given} {rng.choice(ROLES)}",
            rng.choice(FAMILY),
            rng.choice(LATIN_NAMES),
        ),
        (55, 15, 12, 8, 10),
    )[0]


def price(rng: random.Random) -> str:
    """An amount of money in one of the ways people write it."""
    return rng.choice(
        (
            f"{rng.randint(1, 980) * 100:,}원",
            f"{rng.randint(2, 99)}만원",
            f"{rng.randint(1, 9)}만 {rng.randint(1, 9)}천원",
            f"{rng.randint(3, 900)}000원",
            f"₩{rng.randint(1, 480) * 1000:,}",
        )
    )


def clock(rng: random.Random) -> str:
    """A time of day as part of a sentence."""
    hour, minute = rng.randint(1, 12), rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))
    return rng.choice(
        (
            f"{hour}시",
            f"{hour}시 {minute}분" if minute else f"{hour}시",
            f"{hour}시 반",
            f"{hour + 8}:{minute:02d}",
            f"오후 {hour}시",
            f"오전 {hour}시 {minute or 30}분",
        )
    )


def date(rng: random.Random) -> str:
    """A date as part of a sentence."""
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice(
        (f"{month}월 {day}일", f"{month}/{day}", f"{month}.{day}", f"{day}일", f"2025-{month:02d}-{day:02d}")
    )


def word(rng: random.Random) -> str:
    """A meaningless identifier of Latin letters and digits."""
    return "".join(
        rng.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(rng.randint(6, 11))
    )


def link(rng: random.Random) -> str:
    """A web address that belongs to nobody (example domains of RFC 2606)."""
    site = rng.choice(SITES).format(n=rng.randint(100, 999999), word=word(rng))
    return rng.choice(("https://", "https://www.", "http://", "")) + site


def phone(rng: random.Random) -> str:
    """A telephone number of the unassigned 010-0000 block."""
    return f"010-0000-{rng.randint(0, 9999):04d}"


def account(rng: random.Random) -> str:
    """A made-up bank account."""
    return f"{rng.choice(BANKS)} {rng.randint(100, 999)}-{rng.randint(10, 99)}-{rng.randint(100000, 999999)}"


SLOTS: dict[str, Callable[[random.Random], str]] = {
    "food": lambda rng: rng.choice(FOODS),
    "drink": lambda rng: rng.choice(DRINKS),
    "place": lambda rng: rng.choice(PLACES),
    "shop": lambda rng: rng.choice(SHOPS),
    "thing": lambda rng: rng.choice(THINGS),
    "doc": lambda rng: rng.choice(DOCUMENTS),
    "subject": lambda rng: rng.choice(SUBJECTS),
    "hobby": lambda rng: rng.choice(HOBBIES),
    "show": lambda rng: rng.choice(SHOWS),
    "weather": lambda rng: rng.choice(WEATHER),
    "animal": lambda rng: rng.choice(ANIMALS),
    "feeling": lambda rng: rng.choice(FEELINGS),
    "day": lambda rng: rng.choice(DAYS),
    "latin": lambda rng: rng.choice(LATIN),
    "emoji": lambda rng: rng.choice(EMOJI_LIKED),
    "laugh": lambda rng: rng.choice(LAUGHS),
    "name": lambda rng: rng.choice(GIVEN_NAMES),
    "role": lambda rng: rng.choice(SURNAMES) + rng.choice(ROLES),
    "price": price,
    "clock": clock,
    "date": date,
    "link": link,
    "phone": phone,
    "account": account,
    "word": word,
    "n": lambda rng: str(rng.randint(2, 9)),
    "count": lambda rng: str(rng.randint(10, 300)),
    "percent": lambda rng: f"{rng.randint(3, 98)}%",
    "code": lambda rng: f"{rng.randint(100000, 999999)}",
}
