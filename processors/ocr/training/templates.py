"""Phrases with slots, and the small lists that fill them: what people, shops and bots write in Korean chats."""

KOREAN = (
    "안녕하세요! {name}입니다.", "{name}님, 반가워요", "{name}님이 들어왔습니다.", "{name}님이 나갔습니다.",
    "{name}님이 {name}님을 초대했습니다.", "오늘 메뉴 알려드릴게요", "아래 버튼을 눌러주세요", "{date} {time}에 봐요",
    "주문번호 {number}", "총 {price}이에요", "문의 {phone}", "제 번호는 {phone} 이에요", "지금 {decimal}℃ 입니다",
    "미세먼지 {small}㎍/㎥", "[{tag}] {name}님 예약이 끝났어요", "배송 시작! 송장번호 {number}",
    "{time} 출발 → {time} 도착",
    "내일 {time}까지 와~", "결제금액: {price}", "잔액 {price}", "합계 {price} (부가세 별도)", "삭제된 메시지입니다.",
    "사진을 보냈습니다.", "이모티콘을 보냈습니다", "보이스톡 해요", "부재중 전화", "{date}", "{time}", "전체보기",
    "자세히 보기",
    "공유하기", "처음으로", "다시 해볼래요?", "무슨 말인지 모르겠어요.", "뭘 도와드릴까요?", "[{tag}]",
    "▶ {tag} 안내",
    "- {tag} : {price}", "* {tag}", "※ {tag} 주의사항", "{small}. {tag}", "{ring} {tag}", "• {tag}",
    "· {tag}: {name}",
    "{small}) {tag}", "{mark} {tag}", "{mark}{tag} {price}", "★{tag}★", "♥{tag}♥", "{url}", "{url} 여기 봐봐",
    "링크 {url}",
    "{mail}", "{name}구 {name}동 {small}번지", "{small}명", "{small}개 남음", "{small}/{small}", "{decimal}%",
    "{small}점",
    "평점 {decimal}/5.0", "코스피 {number} ▲{decimal} ({decimal}%)", "비트 {price} ▼{decimal}%",
    "{small}월 {small}일({day})",
    "({day}) {time} ~ {time}", "{time}~{time}", "v{decimal}.{small}", "조식 {time} / 석식 {time}",
    "{small}층 {small}호",
    "ID: {id}", "비번 {id}", "명령어 {command}", "{command}", "{command} {name}", '"{name}" 검색 결과',
    "'{name}' 라고 쳐보세요",
    "<{tag}>", "{id}={small}", '{id}: "{tag}",', "서울 {name}구", "제{small}회 {tag}", "{small}학기 {tag} 신청",
    "마감 {date}",
    "작성자 {name}", "조회 {number}", "{name}님에게 답장", "읽음 {small}", "{small}분 전", "어제", "방금",
    "RE: {tag}",
    "@{name} 확인 부탁드려요", "#{tag} #{tag}", "({name})", "{name} : {tag}", "{tag} → {tag} → {tag}", "√ {tag}",
    "☞ {tag}",
    "{name}이 {name}한테 {price} 보냈대", "나 지금 {name}역 {small}번 출구", "{time} 콜?", "ㅇㅇ {time}",
    "ㄴㄴ {time} 어때",
    "ㅇㅋ {name}도 온대", "ㄱㄱ", "ㅇㅋㅇㅋ", "헐 ㄹㅇ?", "ㅊㅋㅊㅋ", "ㅈㅅ {small}분 늦음", "{small}kg",
    "{small}GB/{small}GB",
)  # fmt: skip
ENGLISH = (
    "Hey, I'm on my way, see you in ten", "I'll call you back later, ok?", "Is it still raining there?",
    "LOL I can't believe it",
    "Wi-Fi password is on the wall", "It's all right, I think so too", "If I were you, I'd ask him",
    "Will I see Ill Bill? Illinois!",
    "Did you get the file I sent?", "Happy birthday!! Hope you have a lovely day", "Sorry, I was asleep :(",
    "No worries, take your time",
    "Let's meet at 7:30 PM", "I've been waiting for 15 min", "Please reply YES or NO", "Your order #1120 has shipped",
    "This message was deleted", "You deleted this message", "Photo", "Missed voice call", "Delivered",
    "Read 10:17 AM", "Typing...",
    "IT team, API v2.1 is live", "I/O error: file not found", "A/S 1111-1111", "OK", "Ok!", "Hi", "I", "I'm in.",
    "Il lIl Il1",
    "How much is it?", "What time is it?", "Where are you?", "on my way", "brb", "idk maybe later", "wow, really?!",
    "Thank you so much!",
)  # fmt: skip
TAGS = (
    "공지", "안내", "행사", "예약", "결제", "배송", "도움말", "명령어", "날씨", "급식", "학식", "메뉴", "주문",
    "환불", "교환", "문의", "상담", "일정", "투표", "퀴즈", "게임", "순위", "출석", "포인트", "쿠폰", "할인",
    "신청", "장학금", "수강신청", "졸업", "기숙사", "도서관", "교통", "버스", "지하철", "뉴스", "주식", "환율",
    "복권", "운세", "번역", "사전", "검색", "음악", "영화", "맛집", "카페", "병원", "약국", "비밀번호", "회원가입",
    "로그인", "설정", "알림", "친구추가", "채널", "챗봇", "이용약관", "개인정보", "고객센터", "설문조사", "등록",
    "취소", "확인", "완료", "실패", "오류", "삭제", "수정", "추가", "목록", "상세보기", "이전", "다음", "회의록",
    "회식", "출장", "휴가", "월급", "모임", "여행", "숙소", "생일", "선물", "축하", "과제", "시험", "성적", "발표",
    "팀플", "동아리", "운동", "병원", "감기", "저녁", "점심", "아침", "커피", "치킨", "피자", "떡볶이",
)  # fmt: skip
COMMANDS = (
    "!도움말", "/help", "!날씨 서울", "/start", "!검색", "/공지", "@all", "@here", "!명령", "/weather", "!급식",
    "!주사위",
    "/메뉴", "!번역 영어", ".help", "/reload", "!출석", "!eval", "#태그", "$ pip install",
)  # fmt: skip
BULLETS = (
    "-", "*", "•", "·", ">", "▶", "※", "→", "ㄴ", "✔", "✓", "1.", "2.", "3)", "①", "②", "■", "□", "◆", "○", "●",
    "▪", "◎", "★",
    "☆", "♥", "♡", "⇒", "➜", "➤", "►", "▷", "‣", "◦", "☑", "☐", "✅", "❌", "❗", "📌", "📢", "👉", "🔔", "⭐", "❶",
    "ⓐ", "Ⅰ", "[1]",
    "(1)", "<1>", "+", "=", "~", "#", "@", "└", "├", "┗", "|", "│", "“", "「", "『", "<", "《", "√", "☎", "♪", "✉",
    "☞", "∙", "⋅",
)  # fmt: skip
BRACKETS = (
    ('"', '"'), ("'", "'"), ("(", ")"), ("[", "]"), ("<", ">"), ("“", "”"), ("‘", "’"), ("《", "》"), ("【", "】"),
    ("「", "」"),
    ("『", "』"), ("{", "}"), ("**", "**"), ("~~", "~~"), ("〈", "〉"), ("-", "-"), ("（", "）"), ("*", "*"),
    ("_", "_"), ("`", "`"),
)  # fmt: skip
ENDINGS = (
    "!!", "~~", "...", "??", "!?", "^^", ";;", "..", "…", "~!", ":)", "ㅎ;", "!!!", " ㅠ.ㅠ", "^_^", "-_-", "♥",
    "♡", "~♡", " ㅇㅇ",
    " ㄱㄱ", " ㄴㄴ", " ㅡㅡ", " ㅇㅋ", "~", "!", "?", ".", ",", ":(", "ㅇㅅㅇ", "ㅋㅅㅋ", "XD", ":D", "ㅠ", "ㅜㅜ",
    "ㄷㄷ", "(ㅋㅋ)", "/",
    "T_T", "ㅎㅎ;", "～", "！", "？", "(´・ω・`)", "(>_<)", "♪", "☆", " ->", " =>", " >>", " <-", "+", "\\\\", "%",
)  # fmt: skip
SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공"
GIVEN_NAMES = "민서준지예도현우수진영하은채윤시연아정주호성재승희경혜빈나라유건태훈동석철미선숙자순옥희란별솔찬결람"
DOMAINS = ("com", "co.kr", "net", "kr", "io", "org", "me", "gov", "ac.kr", "dev", "ai", "be")
IDENTIFIER = "abcdefghijklmnopqrstuvwxyz0123456789_"
PATH = "abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNPQRSTUVWXYZ0123456789-_"
