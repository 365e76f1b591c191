"""Relationships: codes (FRIEND, SUPERIOR, LOVER …) and free Korean or English text (직장 상사, 2년 지기, in-laws).

`relation` never fails: what it does not know is OTHER, with the politeness that its words suggest.
"""

import re
from enum import StrEnum

from contracts.base import Record
from processors.ai.port import Relationship


class Kind(StrEnum):
    FRIEND = "FRIEND"
    SUPERIOR = "SUPERIOR"
    SUBORDINATE = "SUBORDINATE"
    COLLEAGUE = "COLLEAGUE"
    LOVER = "LOVER"
    SPOUSE = "SPOUSE"
    FAMILY = "FAMILY"
    PARENT = "PARENT"
    PARENT_IN_LAW = "PARENT_IN_LAW"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    TEACHER = "TEACHER"
    STUDENT = "STUDENT"
    SENIOR = "SENIOR"
    JUNIOR = "JUNIOR"
    CUSTOMER = "CUSTOMER"
    PARTNER = "PARTNER"
    STRANGER = "STRANGER"
    ACQUAINTANCE = "ACQUAINTANCE"
    OTHER = "OTHER"


class Politeness(StrEnum):
    """The level of speech that one owes the other: FORMAL 합쇼체 or 해요체, best with 합니다; POLITE 해요체 at least;
    CASUAL 반말 is usual; EITHER depends on the two."""

    FORMAL = "formal"
    POLITE = "polite"
    CASUAL = "casual"
    EITHER = "either"


class Relation(Record, frozen=True):
    """A relationship as understood. `name` is Korean for the other person's role (친구, 직장 상사); `persona` describes
    them in Korean, in our words only, to whoever plays them; `close` is whether the two share their feelings."""

    kind: Kind
    name: str
    politeness: Politeness
    persona: str
    close: bool


_F, _P, _C, _E = Politeness.FORMAL, Politeness.POLITE, Politeness.CASUAL, Politeness.EITHER
_KINDS: dict[Kind, tuple[str, Politeness, bool, str]] = {
    Kind.FRIEND: ("친구", _C, True, "편하게 반말로 이야기하는 친구. 장난도 치지만 힘들 때는 먼저 안부를 묻는다."),
    Kind.SUPERIOR: ("직장 상사", _F, False, "일의 진행과 기한을 중요하게 여기는 직장 상사. 예의를 갖춘 존댓말을 쓴다."),
    Kind.SUBORDINATE: ("부하 직원", _P, False, "맡은 일을 성실히 보고하는 부하 직원. 정중한 존댓말을 쓴다."),
    Kind.COLLEAGUE: ("직장 동료", _P, False, "함께 일을 나누는 직장 동료. 부드러운 존댓말을 쓴다."),
    Kind.LOVER: ("연인", _C, True, "상대의 하루와 마음을 궁금해하는 연인. 다정한 반말을 쓴다."),
    Kind.SPOUSE: ("배우자", _C, True, "살림과 하루를 함께 나누는 배우자. 다정한 반말을 쓴다."),
    Kind.FAMILY: ("가족", _E, True, "안부와 건강을 챙기는 가족. 편한 말을 쓴다."),
    Kind.PARENT: ("부모님", _E, True, "자식의 끼니와 건강을 걱정하는 부모. 다정한 반말을 쓴다."),
    Kind.PARENT_IN_LAW: ("배우자의 부모님", _P, False, "며느리나 사위를 챙기는 어른. 점잖은 말을 쓴다."),
    Kind.CHILD: ("자녀", _C, True, "하루에 있었던 일을 이야기하고 칭찬을 바라는 자녀. 어리광 섞인 반말을 쓴다."),
    Kind.SIBLING: ("형제자매", _C, True, "티격태격해도 서로를 챙기는 형제자매. 편한 반말을 쓴다."),
    Kind.TEACHER: ("선생님", _F, False, "학생의 배움과 생활을 살피는 선생님. 차분한 말을 쓴다."),
    Kind.STUDENT: ("학생", _E, False, "배우는 것을 묻고 조언을 구하는 학생. 공손한 존댓말을 쓴다."),
    Kind.SENIOR: ("선배", _P, False, "경험을 나누고 조언하는 선배. 친근한 말을 쓴다."),
    Kind.JUNIOR: ("후배", _E, False, "조언을 구하며 따르는 후배. 공손한 존댓말을 쓴다."),
    Kind.CUSTOMER: ("고객", _F, False, "서비스에 대해 묻고 빠르고 정확한 답을 기대하는 고객. 존댓말을 쓴다."),
    Kind.PARTNER: ("거래처 담당자", _F, False, "일정과 조건을 맞추려는 거래처 담당자. 격식 있는 존댓말을 쓴다."),
    Kind.STRANGER: ("처음 만난 사람", _P, False, "서로 잘 모르는 사람. 조심스러운 존댓말을 쓴다."),
    Kind.ACQUAINTANCE: ("지인", _P, False, "가끔 안부를 나누는 지인. 예의 있는 존댓말을 쓴다."),
    Kind.OTHER: ("상대", _E, False, "아는 사이의 대화 상대. 상대의 말에 맞추어 이야기한다."),
}

_PARENTS = r"(?:어머니|아버지|어머님|아버님|부모님?|엄마|아빠)"
# The first that matches wins: the narrower words come before the wider ones that they contain.
_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.PARENT_IN_LAW, rf"(?:남편|아내|연인|애인|남친|여친|(?:남자|여자) ?친구)의? ?{_PARENTS}"),
    (Kind.ACQUAINTANCE, rf"친구의? ?{_PARENTS}|{_PARENTS}의? ?친구"),
    # Somebody's somebody, whom one owes more than either; then what the phrase ends in, which says who it is.
    (
        Kind.ACQUAINTANCE,
        r"(?:아내|남편|와이프|상사|사장님?|대표님?|팀장님?|부장님?|교수님?|선생님?|선배|동료|애인|연인)의? ?"
        r"(?:친구|남편|아내|와이프|아들|딸|동생|언니|누나|오빠|형)$",
    ),
    (Kind.FRIEND, r"(?<![남여]자)(?<![남여]자 )친구$|[남여]사친|(?:대학교?|학교|동아리) ?동기$"),
    (Kind.CHILD, r"(?:아들|딸)$"),
    (Kind.FAMILY, r"형부|제부|매형|매제|처남|처제|처형|올케|시누이|시동생|도련님|며느리|사위"),
    (Kind.PARENT_IN_LAW, r"시어머니|시아버지|시부모|시댁|장모|장인|처가|사돈|in[- ]?laws?\b"),
    (
        Kind.PARTNER,
        r"거래처|협력사|협력 ?업체|바이어|클라이언트|거래 ?상대|파트너사|\bclient\b|\bvendor\b|business partner",
    ),
    (Kind.CUSTOMER, r"고객|손님|구매자|소비자|\bcustomer\b|\bbuyer\b|\bguest\b"),
    (Kind.SUBORDINATE, r"부하|팀원|아랫사람|직속 ?직원|인턴|알바생|\bsubordinate\b|\bemployee\b|\bintern\b"),
    (Kind.JUNIOR, r"후배|후임|\bjunior\b"),
    (Kind.SENIOR, r"선배|선임|사수|\bsenior\b"),
    (
        Kind.ACQUAINTANCE,
        r"지인|이웃|옆집|윗집|아랫집|동네|집주인|임대인|세입자|아는 사이|아는 (?:사람|분)"
        r"|\bacquaintance\b|\bneighbou?r\b|\blandlord\b",
    ),
    (
        Kind.LOVER,
        r"연인|애인|남친|여친|남자 ?친구|여자 ?친구|썸|사귀|커플|약혼|\blover\b|(?:boy|girl)friend|\bfianc|\bcrush\b",
    ),
    (Kind.SPOUSE, r"남편|아내|와이프|배우자|부부|신랑|신부(?!님)|집사람|\bspouse\b|\bhusband\b|\bwife\b"),
    (Kind.STUDENT, r"제자|학생|수강생|\bstudent\b|\bpupil\b"),
    (Kind.TEACHER, r"선생|교수|강사|은사|담임|스승|코치|멘토|\bteacher\b|\bprofessor\b|\bmentor\b|\btutor\b|\bcoach\b"),
    (Kind.STRANGER, r"모르는|처음 (?:보|만)|낯선|초면|중고 ?거래|당근|판매자|소개팅|\bstranger\b|\bseller\b"),
    (
        Kind.SUPERIOR,
        r"상사|상급자|팀장|과장|차장|부장|대리(?! ?(?:운전|기사))|실장|본부장|이사님|사장|대표|임원|점장|회장|상관|소장"
        r"|원장|국장|\bsuperior\b|\bboss\b|\bmanager\b|\bsupervisor\b|\bceo\b",
    ),
    (Kind.COLLEAGUE, r"동료|동기|직장|회사|같은 팀|업무|\bcolleague\b|\bco-?worker\b|\bteam-?mate\b"),
    (Kind.FRIEND, r"친구|베프|절친|불알|동창|지기|단짝|\bfriend\b|\bbestie\b|\bbuddy\b|\bbff\b"),
    (
        Kind.CHILD,
        r"자녀|자식|아들|딸|우리 ?애|손자|손녀|조카|\bchild\b|\bkid\b|\bson\b|\bdaughter\b|\bnephew\b|\bniece\b",
    ),
    (
        Kind.SIBLING,
        r"형제|자매|남매|동생|언니|누나|오빠|(?:^|[^가-힣])(?:우리|친|큰|작은)? ?형(?:님)?(?:$|[^가-힣])"
        r"|\bsibling\b|\bbrother\b|\bsister\b",
    ),
    (
        Kind.PARENT,
        r"부모|엄마|아빠|어머니|아버지|어머님|아버님|모친|부친|\bparents?\b|\bmother\b|\bfather\b|\bmom\b"
        r"|\bdad\b|\bmum\b",
    ),
    (
        Kind.FAMILY,
        r"가족|친척|할머니|할아버지|이모|고모|삼촌|숙모|사촌|친정|\bfamily\b|\brelative\b|\bcousin\b"
        r"|\bgrand(?:ma|pa|mother|father)\b|\buncle\b|\baunt\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _WORDS)
_CODES = {
    **{kind.value: kind for kind in Kind},
    "CLIENT": Kind.PARTNER,
    "BOSS": Kind.SUPERIOR,
    "WIFE": Kind.SPOUSE,
    "HUSBAND": Kind.SPOUSE,
    "COUPLE": Kind.LOVER,
    "BUSINESS": Kind.PARTNER,
    "WORK": Kind.COLLEAGUE,
}
_ELDER = re.compile(r"님(?:$|[^가-힣])|어르신|할머니|할아버지|윗사람|연상의? 어른|\belder\b|\bsir\b|\bgrand")
_FORMAL_WORDS = re.compile(r"존댓말|존대|높임말|격식|공식|어려운 사이|\bformal\b")
_CASUAL_WORDS = re.compile(r"반말(?! ?(?:못|안|금지|하지))|말을? ?놓(?!지)|편한 사이(?![가는]? ?(?:아|안))|\bcasual\b")
_LONGEST_NAME = 20


def relation(relationship: Relationship) -> Relation:
    """What is known of the relationship: the code or the words of `relationship` decide its kind, those of
    `relationship_info` where the first say nothing; both together its politeness."""
    said, info = relationship.relationship.strip(), relationship.relationship_info.strip()
    kind = _kind(said)
    if kind is Kind.OTHER:
        kind = _kind(info)
    name, politeness, close, persona = _KINDS[kind]
    free = bool(re.search(r"[가-힣]", said)) and len(said) <= _LONGEST_NAME
    if free:
        name = said
    both = f"{said} {info}"
    if _CASUAL_WORDS.search(both):
        politeness = Politeness.CASUAL
    elif _FORMAL_WORDS.search(both) or (politeness is _E and kind is not Kind.PARENT and _ELDER.search(both)):
        politeness = Politeness.POLITE if politeness is not _F else _F
    return Relation(kind=kind, name=name, politeness=politeness, persona=persona, close=close)


def _kind(text: str) -> Kind:
    code = re.sub(r"[\s-]+", "_", text.upper())
    if code in _CODES:
        return _CODES[code]
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), Kind.OTHER)
