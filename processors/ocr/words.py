"""What a short line means that is not a message: a time, a date, a read mark, a notice of the room.

Korean, English and Japanese, and dates in Italian, as KakaoTalk, LINE, WhatsApp, Telegram and iMessage write them.
Matching ignores blanks, since recognition is unsure of them.
"""

import re

CLOCK = r"\d{1,2}[:：.]\d{2}"
DAY_HALF = r"(?:오전|오후|午前|午後|上午|下午|[AaPp]\.?[Mm]\.?)"
TIME = re.compile(rf"(?:{DAY_HALF}{CLOCK}|{CLOCK}{DAY_HALF}?)")
ONLY_TIME = re.compile(rf"^(?:{TIME.pattern})$")
COUNT = re.compile(r"^\d{1,3}$")
READ_MARK = re.compile(
    r"^(?:읽음|전송됨|전달됨|수정됨|既読\d*|read|seen|delivered|sent|edited)(?:\d{1,3}|" + TIME.pattern + r")?$",
    re.IGNORECASE,
)
WEEKDAY = (
    r"(?:[월화수목금토일]요일|[月火水木金土日]曜日?|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|mon|tue|wed|thu|fri|sat|sun|(?:luned|marted|mercoled|gioved|venerd)[iì]|sabato|domenica)"
)
MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre)\.?"
)
DATE = re.compile(
    rf"^(?:(?:\d{{4}}[년年./-])?\d{{1,2}}[월月./-]\d{{1,2}}[일日.]?(?:[(（]?(?:{WEEKDAY}|[월화수목금토일月火水木金土日])[)）]?)?"
    rf"|\d{{4}}[년年]\d{{1,2}}[월月]|{WEEKDAY}[,.]?(?:{MONTH}\d{{1,2}}(?:,?\d{{4}})?|\d{{1,2}}{MONTH}(?:\d{{4}})?)?"
    rf"|{MONTH}\d{{1,2}}(?:st|nd|rd|th)?(?:,?\d{{4}})?|\d{{1,2}}{MONTH}(?:\d{{4}})?"
    rf"|오늘|어제|그저께|今日|昨日|today|yesterday|oggi|ieri)[,·]?(?:{TIME.pattern})?$",
    re.IGNORECASE,
)
HEADING = re.compile(
    rf"^(?P<name>.+?)\s*(?:[—–-]\s*)?(?:(?:today|yesterday|오늘|어제|今日|昨日|oggi|ieri)\s*(?:at|alle|,)?|\d{{2,4}}[./-]\s*\d[\d./-]*,?)?"
    rf"\s*(?P<time>(?:(?<![A-Za-z]){DAY_HALF}\s*)?{CLOCK}(?:\s*{DAY_HALF})?)\s*\W*$",
    re.IGNORECASE,
)
BADGE = re.compile(r"\s+(?:APP|BOT|앱|봇)\W*$")
UNREAD = re.compile(r"(여기까지읽|읽지않은|새메시지|안읽은|unreadmessage|newmessage|未読|ここから)", re.IGNORECASE)
ROOM_NOTICE = re.compile(
    r"(님이(?:들어왔|나갔|입장|퇴장|초대)|님을(?:초대|내보)|들어왔습니다|나갔습니다|초대(?:했|하였)습니다|내보냈습니다|입장(?:했|하였)습니다"
    r"|퇴장(?:했|하였)습니다|채팅방을|방장이|공지(?:를|가)?등록|톡게시판|보이스룸|참여했습니다|이름을변경|변경(?:했|하였)습니다|안전하지않은사용자"
    r"|joinedusing|joined(?:the|this)?(?:group|chat|room|channel)?\.?$|leftthe|left\.?$|createdgroup|createdthe|addedyou|added\w+$"
    r"|removed\w+$|changedthe|changedtheir|pinneda|pinned|invited|end-to-endencrypted|missed(?:voice|video)call"
    r"|参加しました|退出しました|退会しました|招待しました|グループを)",
    re.IGNORECASE,
)
DELETED = re.compile(
    r"(삭제(?:된|한)메시지|메시지가삭제|메시지를삭제|가려진메시지|messagewasdeleted|messagedeleted|deletedthismessage|unsentamessage"
    r"|メッセージの送信を取り消|削除されました)",
    re.IGNORECASE,
)
ARROW = re.compile(r"^(?:[rR]?[>›»→↓↑⌄∨˅✓✔√▶▼▽←↗↪⤴●○■□▬]+|[vV])$")
QUOTE = re.compile(r"에게답장$|^repl(?:y|ied)to|[にへ]返信$", re.IGNORECASE)
PROMPT = re.compile(
    r"^\W*(?:imessage|textmessage|(?:typea|senda)?message|messaggio|aa|메시지(?:를?(?:입력|보내기))?|メッセージ)[\W.…ー]*\w?$",
    re.IGNORECASE,
)
REACTIONS = re.compile(r"^(?:[^\x00-\x7f\w]+\d{1,4})+$")
FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|hwpx?|zip|txt|csv|apk|mp4|mp3|m4a)\b", re.IGNORECASE)
FILE_SIZE = re.compile(r"(?:용량|유효기간|size)?:?\d+(?:[.,]\d+)?(?:bytes|[KMG]B)", re.IGNORECASE)
LINK = re.compile(r"(?:https?://|www\.)", re.IGNORECASE)


def squeeze(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def time_in(text: str) -> str | None:
    """The time of day that a short line states, as it is shown; None where it states none. `text` may hold a read mark
    too ("Read 10:17 AM")."""
    found = TIME.search(squeeze(text))
    if found is None or len(squeeze(text)) > len(found[0]) + 12:
        return None
    # As shown, blanks included: the first and last characters of the match bound it in the original.
    letters = [i for i, letter in enumerate(text) if not letter.isspace()]
    return text[letters[found.start()] : letters[found.end() - 1] + 1]


def name_and_time(text: str) -> tuple[str, str] | None:
    """The sender and the time that head a message ("Ann  Today at 3:04 PM", as Discord and Slack write it); None where
    a line has no time at its end."""
    found = HEADING.match(text.strip())
    return (BADGE.sub("", found["name"].strip()), found["time"]) if found else None


def is_time(text: str) -> bool:
    """Whether a line is a time of day and nothing else."""
    return ONLY_TIME.match(squeeze(text)) is not None


def is_piece_of_time(text: str) -> bool:
    """Whether a text is what is left of a time of day that was cut off on its left (":10")."""
    return re.match(r"^[전후前]?\d{0,2}[:：]\d{2}$", squeeze(text)) is not None


def is_mark(text: str) -> bool:
    """Whether a line beside a bubble is a time, a read count or a read mark."""
    bare = squeeze(text)
    return bool(ONLY_TIME.match(bare) or COUNT.match(bare) or READ_MARK.match(bare))


def is_date(text: str) -> bool:
    """Whether a line separates days, or read from unread messages."""
    bare = squeeze(text).strip("-–—|·<>")
    return bool(DATE.match(bare) or ONLY_TIME.match(bare) or UNREAD.search(bare))


def resembles_date(text: str) -> bool:
    """As `is_date`, for a line in the middle of the conversation that may be misread: digits and two words of a
    date, or the numbers of a year, a month and a day."""
    bare = squeeze(text)
    if len(bare) <= 20 and re.match(r"20\d\d\D{1,2}\d{1,2}\D{1,2}\d{1,2}(?:\D|$)", bare):
        return True
    marks = sum(mark in bare for mark in ("년", "월", "요일", "年", "月", "曜")) + bool(
        re.search(r"\d{4}[./-]\d", bare)
    )
    return len(bare) <= 20 and any(c.isdigit() for c in bare) and marks >= 2


def is_room_notice(text: str) -> bool:
    """Whether a line in the middle tells what happened in the room ("X joined")."""
    return ROOM_NOTICE.search(squeeze(text)) is not None


def is_arrow(text: str) -> bool:
    """Whether a text is nothing but the sign of a button: down, share, play, done, as misread as it often is; or a
    shape, which pieces of pictures are read as."""
    return ARROW.match(squeeze(text)) is not None


def heads_quote(text: str) -> bool:
    """Whether a line says whom a message answers."""
    return QUOTE.search(squeeze(text)) is not None


def is_prompt(text: str) -> bool:
    """Whether a line is what an empty input box says, perhaps with a sign or two."""
    return PROMPT.match(squeeze(text)) is not None


def are_reactions(text: str) -> bool:
    """Whether a line counts how many reacted with which emoji."""
    return REACTIONS.match(squeeze(text)) is not None


def is_deleted(text: str) -> bool:
    """Whether a bubble stands for a message that was deleted."""
    bare = squeeze(text)
    return len(bare) <= 40 and DELETED.search(bare) is not None


def is_file(text: str) -> bool:
    """Whether a bubble announces a file: a name with the ending of a document, and a size."""
    return FILE.search(text) is not None and FILE_SIZE.search(squeeze(text)) is not None
