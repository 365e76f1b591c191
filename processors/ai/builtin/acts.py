"""What a message does: apologise, thank, ask for, refuse, blame … (speech acts), each with the words that do it."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from processors.ai.builtin.kiwi import Morpheme
from processors.ai.builtin.profanity import offences


class Act(StrEnum):
    APOLOGY = "apology"
    THANKS = "thanks"
    AFFECTION = "affection"
    ENCOURAGEMENT = "encouragement"
    CONGRATULATION = "congratulation"
    PRAISE = "praise"
    EMPATHY = "empathy"
    CARE = "care"
    PROMISE = "promise"
    PROPOSAL = "proposal"
    REQUEST = "request"
    COMMAND = "command"
    REFUSAL = "refusal"
    SOFTENING = "softening"
    AGREEMENT = "agreement"
    BLAME = "blame"
    COMPLAINT = "complaint"
    INSULT = "insult"
    PROFANITY = "profanity"
    SARCASM = "sarcasm"
    DISMISSAL = "dismissal"
    URGING = "urging"
    GREETING = "greeting"
    FAREWELL = "farewell"
    DISTRESS = "distress"
    JOY = "joy"
    MODESTY = "modesty"


def _p(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.IGNORECASE)


_PATTERNS: dict[Act, re.Pattern[str]] = {
    Act.APOLOGY: _p(r"미안", r"죄송", r"잘못했(?:어|습|네)", r"사과(?:할|드|하)", r"sorry", r"쏘리", r"ㅈㅅ", r"지송", r"실례"),
    Act.THANKS: _p(r"고마[워웠운]", r"고맙", r"감사(?!실)", r"땡큐", r"thank", r"ㄱㅅ", r"덕분"),
    Act.AFFECTION: _p(
        r"사랑(?:해|한다|합니다|하는 (?:우리|내|자기))", r"보고 ?싶(?:어|다|네|었)", r"좋아해", r"[♥❤💕😘🥰😍💗💖]", r"자기(?:야|[,~♥])", r"여보", r"뽀뽀"
        r"|안아 ?줄", r"그리워", r"소중(?:해|한)", r"너밖에", r"설레"),
    Act.ENCOURAGEMENT: _p(
        r"힘 ?내", r"[파화]이팅", r"(?:할|될) 수 (?:있을|있어|있다)", r"잘 ?(?:할|될) ?(?:거|것|수)", r"더 잘할", r"응원", r"괜찮(?:아질|을 거)"
        r"|(?:^|[\s,.])괜찮아(?!\?|\s*\?)", r"걱정 ?(?:마|하지)", r"기운 ?내", r"당연해", r"잘해 ?왔", r"천천히", r"포기하지 ?마", r"열심히 (?:한|했)"),
    Act.CONGRATULATION: _p(r"축하", r"잘됐(?:다|네|어)", r"장하다", r"자랑스(?:럽|러)", r"🎉|🎊"),
    Act.PRAISE: _p(
        r"수고", r"고생(?:이|을|은)? ?(?:많|하|했)", r"잘했(?:어|네|다|습|구)", r"잘 ?(?:됐네요|정리|해 주셨|하셨|만드)", r"멋[지져있졌]", r"최고(?!로 (?:싫|짜))", r"대단(?:해|하다|하네요|합니다)"
        r"|예[쁘뻐뻤]|이뻐|귀[엽여]", r"훌륭", r"완벽", r"든든", r"꼼꼼", r"좋은 말씀", r"재능", r"역시 (?:너|우리|자기)", r"맛있(?:었|어|다|네)"),
    Act.EMPATHY: _p(
        r"(?:힘들|속상|슬프|아프|서운|놀라|놀랐|답답|억울|무서|외로|화[나났]|괴로|섭섭|피곤|지치|지쳤|불안|당황|바쁘|추우|배고프)[가-힣]{0,2}(?:겠|구나|을 ?텐데|ㄹ 텐데|었지|했지|었겠)"
        r"|힘들 ?텐데|힘드시", r"마음이? ?(?:이|가)? ?아프", r"그랬구나", r"그렇구나[,~! ]", r"이해(?:해|돼|가|합)", r"그렇게 느끼", r"그럴 (?:수|만)", r"얼마나 (?:힘|속|아|무|놀)"
        r"|에구|에고|아이고", r"토닥", r"고생이 많", r"무슨 일 ?(?:있|이야|이에|인)", r"많이 힘들었"),
    Act.CARE: _p(
        r"(?:밥|저녁|점심|아침|약)(?:은|도|을|꼭| )*(?:먹었|챙겨|잘 챙|드[셨세])", r"조심(?:히|해)", r"푹 쉬", r"몸(?:은|이)? ?(?:괜찮|조심|좀 어)", r"챙겨 ?(?:먹|드)"
        r"|걱정(?:돼|되|했|이)", r"혼자 있지 ?마", r"연락해 ?(?:줘|주)", r"아프지 ?마", r"잘 ?자", r"좋은 (?:꿈|하루|밤|주말)", r"무리하지", r"데리러 갈", r"먼저 [가-힣 ]{0,6}드세요"
        r"|따뜻하게", r"사줄게|사 줄게", r"기다릴게", r"바로 갈게|내가 갈게", r"도와 ?(?:줄|드릴)", r"언제든", r"같이 (?:있|풀|해|가)", r"쉬어", r"말해 ?줄래|얘기해 ?줄래|들어 ?줄게"),
    Act.SOFTENING: _p(
        r"미안", r"죄송", r"아쉽", r"다음(?:에|번|주| 주)", r"대신", r"때문", r"(?:라|아|어|해|가|있어|와)서(?:\s|,|$)", r"것 같", r"거 같", r"유감", r"양해", r"나중에", r"이번(?:엔|에는|은)"
        r"|느라", r"혹시", r"괜찮(?:으시|으면|다면)", r"가능하(?:면|시)", r"조금만", r"실례"),
    Act.AGREEMENT: _p(
        r"^(?:아\s)?(?:네+|넵+|넹|응+|좋(?:아|지|죠|습)|그래(?:요)?[!~ ,.]|그럼요?|당연|물론|콜|ㅇㅋ|오키|오케이|알겠|알았)", r"좋아!|좋아요|좋습니다", r"그럼요"),
    Act.BLAME: _p(
        r"(?:니|네|너|당신|그쪽|너희|자기)(?:가|는|도)? ?[가-힣 ]{0,12}(?:잘못|탓|그렇지|그러니까|했잖|안 했|문제)", r"(?:너|니|네|당신|그쪽) ?(?:때문|탓)"
        r"|(?:맨날|항상|매번|허구한 날|만날) ?[가-힣 ]{0,8}(?:늦|그래|이래|이런 식|그러|그런|안 |못 |까먹|변명|핑계)", r"왜 (?:자꾸|맨날|또|항상|저한테|나한테|이제|그것|그걸|그딴|그런 것|그랬냐)"
        r"|그러게 (?:왜|내가)|그러니까 (?:내가|왜)", r"(?:이런|그런) ?것도|그것도 (?:몰|못)", r"도대체|대체 (?:왜|뭐)", r"책임져|책임지", r"실망", r"이런 식", r"왜 (?:답|연락|안 )", r"또 (?:그래|그러|시작|늦)"
        r"|변명|핑계", r"안 ?했으니까", r"잘못이잖", r"니 잘못|네 잘못|그쪽 잘못", r"약속도? ?안 ?지"),
    Act.COMPLAINT: _p(
        r"짜증", r"귀찮", r"지겹|지겨", r"시끄러|시끄럽", r"열 ?받", r"빡[치쳐친]", r"지긋지긋", r"질린|질려|질렸", r"어이 ?없", r"성가시", r"못 ?참", r"화[가]? ?(?:나|난다|났)"
        r"|답답하(?:네|다|게)", r"피곤하게", r"싫증", r"말이 돼", r"너무하"),
    Act.SARCASM: _p(
        r"참 잘(?:하|한|했|났)", r"잘하는 짓", r"잘났(?:다|어|네|군)", r"(?:아주|참|퍽) ?대단하", r"대단하(?:시네|십니다 그려|셔)", r"나셨(?:네|어)", r"어련(?:하|히)", r"퍽이나", r"잘도 ", r"자랑이다|자랑이네"
        r"|그러시(?:겠|든)", r"그러든(?:가|지)", r"네네|예예|녜녜", r"어이구", r"(?:아주|참) 가지가지", r"웃기(?:고 있|시네|네 진짜)", r"빨리도 ", r"상전", r"얼마나 잘(?:하|났)", r"눈물 나게 고맙"),
    Act.DISMISSAL: _p(
        r"알아서 (?:해|하|찾|좀)", r"어쩌라고|어쩌라구|어쩔|뭐 어쩌|어쩌란", r"그래서 (?:뭐|어)", r"관심 ?없", r"상관 ?(?:없|마|하지)", r"(?:^|[\s,.])몰라(?:$|[\s,.!])(?!요)", r"(?:^|\s)됐(?:어|거든|다고|네요)(?:$|[\s,.!])"
        r"|내 ?알 ?바", r"신경 ?(?:쓰지|꺼|끄)", r"[맘마음]+대로 ?(?:해|하|생각)", r"말든|든가(?:$|[\s.!])|든지(?:$|[\s.!])", r"또 시작", r"(?:네|니|너) 사정", r"귀찮", r"그만 ?(?:해|하|좀)", r"말 ?걸지", r"할 말 없"
        r"|설명서 (?:보|읽)|검색해 ?(?:봐|보)|찾아 ?(?:봐|보세요)"),
    Act.URGING: _p(r"빨리", r"얼른", r"당장", r"왜 (?:답|안 (?:와|읽|봐))", r"답 ?(?:좀|해)", r"읽씹", r"대답 ?(?:안|좀|해)"),
    Act.GREETING: _p(r"안녕", r"반가[워웠]|반갑", r"오랜만", r"굿모닝", r"좋은 아침", r"처음 뵙", r"(?:^|\s)하이(?:$|\s)", r"잘 (?:지내|잤|잘 잤)"),
    Act.FAREWELL: _p(r"잘 ?자", r"바이", r"(?:내일|이따|다음에|주말에|곧) ?(?:봐|보자|뵙|봬)", r"들어가(?:세요|$)", r"안녕히"),
    Act.DISTRESS: _p(
        r"힘들(?!지 않)|힘드", r"우울", r"슬프|슬퍼", r"(?:떨어졌|망쳤|망했|혼났|혼나|울었|울고|아파|아프|아픈|헤어졌|싸웠|돌아가셨|다쳤|차였|잃어버)", r"불안", r"걱정", r"고민", r"무서|무섭", r"외로"
        r"|속상", r"스트레스", r"지쳤|지친|지쳐", r"피곤", r"안 좋", r"사고 ?(?:났|나)", r"야근", r"실수", r"해고", r"병원", r"입원", r"어려워", r"눈물(?! 나게)", r"ㅠㅠ|ㅜㅜ", r"죽겠", r"못 ?하겠", r"서운|섭섭", r"멀어진"
        r"|막막", r"우리 할머니|장례"),
    Act.JOY: _p(
        r"취업했|취직", r"합격", r"붙었", r"칭찬", r"성공", r"생일", r"기뻐|기쁘", r"드디어", r"[일1]등", r"상 ?(?:받|탔)", r"승진", r"결혼(?:해|하기로|식)", r"임신", r"당첨", r"잘했다고", r"재밌었|재미있었", r"행복", r"신난|신나"
        r"|너무 좋(?:아|다|았)", r"처음으로", r"잘 받았"),
    Act.MODESTY: _p(r"에이 뭘|뭘요|별말씀|아니에요 ?(?:뭘|제가)|천만에|언제든|도움이 (?:됐|되)"),
}  # fmt: skip
_OWN_FEELING = re.compile(r"(?:나|저|난|전)(?:도|는|만)? |오늘 |요즘 |(?:났|났었|였|했|혔|겼)(?:어|다|네|음)")
_PROMISES = re.compile(r"^(?:ᆯ게|을게|ᆯ께|을께|ᆯ게요|을게요|ᆯ께요|을께요|ᆯ거임)$")
_PROPOSALS = re.compile(r"^(?:ᆯ까|을까|ᆯ까요|을까요|ᆯ래|을래|ᆯ래요|을래요|자|ᆸ시다|읍시다)$")
_IMPERATIVES = re.compile(r"^(?:어라|아라|으라|라|거라|으십시오|ᆸ시오|세요|으세요|시오|으셔요|셔요)$")
_WISHES = re.compile(
    r"안녕하|안녕히|드세요|수고|조심|쉬|들어가|건강|되세요|보내세요|주무|힘내|챙|행복|계세요|말씀|오세요|받으세요|주세요|부탁|걱정|마세요|편하|천천히|잘 자"
)
_REFUSALS = _p(
    r"(?:^|[\s,.])(?:안|못) ?(?:돼|되|됩|될|가|갈|갑|해|할|합|하|먹|나|와|와요|올|보|봐|줘|줄|도와|빌|사|드)", r"싫(?!증)", r"거절", r"어렵(?:습|겠|다|네|지)|어려울", r"힘들 것 같|힘들겠(?:습|어|네)", r"불가"
    r"|곤란", r"(?:할|갈|될|올|볼|줄|드릴) 수(?:가|는)? 없", r"사양", r"패스|ㄴㄴ", r"시간(?:이)? ?없", r"안 ?됩니다",
)  # fmt: skip


def acts_in(text: str, morphemes: Sequence[Morpheme]) -> dict[Act, str]:
    """The acts of a text, each with the words of it that do it."""
    found: dict[Act, str] = {}
    for act, pattern in _PATTERNS.items():
        if match := pattern.search(text):
            found[act] = quoted(text, match.start(), match.end())
    for offence in offences(text):
        found[Act.PROFANITY if offence.swearing else Act.INSULT] = offence.word
    if match := _REFUSALS.search(text):
        found[Act.REFUSAL] = quoted(text, match.start(), match.end())
    found.update(_by_endings(text, morphemes))
    return _consistent(text, found)


def quoted(text: str, start: int, end: int) -> str:
    """The whole words around a span of the text, without the marks at their ends."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip(" \n.,!?~…'\"") or text[start:end]


def _by_endings(text: str, morphemes: Sequence[Morpheme]) -> dict[Act, str]:
    found: dict[Act, str] = {}
    for place, m in enumerate(morphemes):
        if m.tag != "EF":
            continue
        before = morphemes[place - 1] if place else None
        words = quoted(text, before.start if before else m.start, m.end)
        asked = "?" in text[m.end : m.end + 3]
        giving = any(p.form in ("주", "드리") and p.tag == "VX" for p in morphemes[max(0, place - 3) : place])
        if _PROMISES.match(m.form) or (
            before and before.form == "겠" and m.form in ("습니다", "어요") and not re.search(r"(?:알|모르|힘들|좋)겠", words)
        ):
            found[Act.PROMISE] = words
        elif giving and (asked or m.form in ("어", "어요", "세요", "으세요", "어라", "ᆸ시오", "십시오")):
            found[Act.REQUEST] = words
        elif _PROPOSALS.match(m.form) and (m.form not in ("자",) or not asked):
            found[Act.PROPOSAL] = words
        elif not asked and (
            (_IMPERATIVES.match(m.form) and not _WISHES.search(words))
            or (m.form == "어" and _orders(text, morphemes, place))
        ):
            found[Act.COMMAND] = text[next(p.start for p in morphemes if p.sentence == m.sentence) : m.end]
    if re.search(r"어때|어떠세요|어떠신", text) and "?" in text:
        found.setdefault(Act.PROPOSAL, quoted(text, text.index("어"), text.index("어") + 2))
    if re.search(r"부탁|수 있(?:을까|어\?|나요|으세요|으실까)|주실 수|괜찮으실까", text):
        found.setdefault(Act.REQUEST, "부탁" if "부탁" in text else "수 있")
    return found


def _orders(text: str, morphemes: Sequence[Morpheme], place: int) -> bool:
    """Whether a verb in 해체 gives an order, which only its company tells: 당장 보내, 밥이나 차려, 조용히 좀 해, 하지 마."""
    sentence = [m for m in morphemes[:place] if m.sentence == morphemes[place].sentence]
    if not sentence or sentence[-1].tag == "EP" or not sentence[-1].tag.startswith(("VV", "VX", "XSV")):
        return False
    forms = {m.form for m in sentence}
    if sentence[-1].form == "말" and "지" in forms:
        return not re.search(r"걱정|무리|아프지|혼자|울지|포기|부담", text)
    pushing = forms & {"당장", "빨리", "얼른", "좀", "이나", "나", "바로"}
    trying = sentence[-1].form in ("찾아보", "해보") or (sentence[-1].form == "보" and sentence[-1].tag == "VX")
    if "나" in pushing and not any(m.form == "나" and m.tag == "JX" for m in sentence):
        pushing -= {"나"}
    asking = any(m.form in ("왜", "뭐", "어디", "언제", "누구", "나", "저") and m.tag in ("NP", "MAG") for m in sentence)
    return bool(pushing or trying) and not asking


def _consistent(text: str, found: dict[Act, str]) -> dict[Act, str]:
    """Without what another act explains away."""
    hostile = found.keys() & {Act.PROFANITY, Act.INSULT, Act.SARCASM}
    if hostile:
        for act in (Act.PRAISE, Act.THANKS, Act.EMPATHY, Act.CARE):
            found.pop(act, None)
    pain = found.get(Act.DISTRESS, "")
    if (Act.JOY in found and re.search(r"ㅠ|ㅜ|눈물", pain)) or (Act.CARE in found and "걱정" in pain):
        del found[Act.DISTRESS]  # tears of joy; worry about the reader
    if Act.COMPLAINT in found and Act.DISMISSAL not in found and not hostile and _OWN_FEELING.search(text):
        found[Act.DISTRESS] = found.pop(Act.COMPLAINT)
    if Act.CARE in found or Act.APOLOGY in found or Act.ENCOURAGEMENT in found:
        found.pop(Act.COMMAND, None)
        found.pop(Act.URGING, None)
    if found.keys() & {Act.APOLOGY, Act.EMPATHY, Act.ENCOURAGEMENT, Act.CARE} and not hostile:
        found.pop(Act.DISMISSAL, None)
        found.pop(Act.BLAME, None)
    return found


def quotes(acts: Mapping[Act, str], *wanted: Act) -> str | None:
    """The words of the first of the wanted acts that is there."""
    return next((acts[act] for act in wanted if act in acts), None)
