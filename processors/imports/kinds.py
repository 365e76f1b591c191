"""What an exported text stands for: messengers write a few words in the place of what is not text.

An export does not tell a photo from somebody who typed 사진: such a line is taken for what the messenger means by it.
"""

import re
from typing import NamedTuple

from contracts.resources import Kind

_PICTURES = frozenset({"jpg", "jpeg", "png", "gif", "heic", "bmp", "mp4", "mov", "3gp", "avi", "mkv"})


LONGEST = 300
"""Characters that what a messenger writes for something else may have; only text is longer."""


class Meaning(NamedTuple):
    """The kind of a message and its text: of a single photo or sticker none, as in a screenshot."""

    kind: Kind
    text: str


# ── KakaoTalk ──────────────────────────────────────────────────────────────────────────────────────────────────────

_KAKAO_PHOTO = re.compile(
    r"<?(?:사진|동영상)(?: 읽지 않음)?>?|Photo|Video|[0-9a-f]{40,}\.(?:jpe?g|png|gif|mp4|mov|webp)"
)
_KAKAO_PHOTOS = re.compile(r"사진 \d+장|\d+ [Pp]hotos|Photos? \d+")
_KAKAO_STICKER = re.compile(r"\(?(?:이모티콘|Emoticons?|Stickers?)\)?")
_KAKAO_STICKER_AND_TEXT = re.compile(r"\((?:이모티콘|Emoticon)\) ?(?P<text>\S.*)", re.DOTALL)
_KAKAO_FILE = re.compile(r"(?:파일|File) ?: ?(?P<name>[^\n]+)")
_KAKAO_VOICE = re.compile(r"음성메시지|음성 메시지|Voice [Nn]ote|Voice message")
_KAKAO_DELETED = re.compile(
    r"삭제된 메시지입니다\.?|메시지가 삭제되었습니다\.?|채팅방 관리자가 메시지를 가렸습니다\.?"
    r"|This message was deleted\.?|This message has been deleted\.?|Deleted message\.?"
)
_KAKAO_CARD = re.compile(
    r"(?:보이스톡|페이스톡|라이브톡|그룹콜|보이스룸|Voice Call|Video Call)"
    r"(?: (?:해요|취소|부재중|거절|응답 없음|종료|시작|\d{1,2}:\d{2}(?::\d{2})?|ended|canceled|missed))?\.?"
    r"|(?:샵검색|지도|연락처|프로필|Map|Contact|Profile) ?: [^\n]+"
)
_KAKAO_SYSTEM = re.compile(
    r"\S.{0,100}님이 (?:들어왔습니다|나갔습니다|들어오셨습니다|나가셨습니다)\.?"
    r"|\S.{0,100}님이 .{1,300}님.{0,12}(?:초대(?:했습니다|하였습니다|하셨습니다)|내보냈습니다)\.?"
    r"|\S.{0,100}님을 (?:내보냈습니다|초대했습니다|초대하였습니다)\.?"
    r"|채팅방 관리자가 .{1,100}|방장이 .{1,100}|운영정책을 위반한 .{1,200}"
    r"|.{1,100}님이 방장이 되었습니다\.?.{0,80}|.{1,100}님이 부방장이 되었습니다\.?"
    r"|\S.{0,100} (?:has )?(?:joined|left)(?: (?:this|the) (?:chat|chatroom|chat room))?\."
    r"|\S.{0,100} invited .{1,300}\."
)


def kakao_system(line: str) -> bool:
    """Whether a line without a name is what KakaoTalk itself says: somebody came, went, was invited."""
    return len(line) <= 2 * LONGEST and _KAKAO_SYSTEM.fullmatch(line.strip()) is not None


def kakao(text: str) -> Meaning:
    """What the text of a KakaoTalk message stands for."""
    whole = text.strip()
    if said := _KAKAO_STICKER_AND_TEXT.fullmatch(whole):
        return Meaning("text", said["text"])
    if len(whole) > LONGEST:
        return Meaning("text", text)
    if _KAKAO_PHOTO.fullmatch(whole) or _KAKAO_STICKER.fullmatch(whole):
        return Meaning("photo" if _KAKAO_PHOTO.fullmatch(whole) else "sticker", "")
    if _KAKAO_PHOTOS.fullmatch(whole):
        return Meaning("photo", whole)
    if _KAKAO_DELETED.fullmatch(whole):
        return Meaning("deleted", whole)
    if file := _KAKAO_FILE.fullmatch(whole):
        return Meaning("file", file["name"].strip())
    if _KAKAO_VOICE.fullmatch(whole):
        return Meaning("file", whole)
    if _KAKAO_CARD.fullmatch(whole):
        return Meaning("card", whole)
    return Meaning("text", text)


# ── WhatsApp ───────────────────────────────────────────────────────────────────────────────────────────────────────

MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Directional marks, with which WhatsApp surrounds names, numbers and whatever it says itself."""

_OMITTED_ON_ANDROID = re.compile(
    r"<[^<>\n]*(?:media|medien|multimedia|mídia|médias|미디어|メディア|媒体|媒體)[^<>\n]*>", re.IGNORECASE
)
_OMITTED_ON_IOS = re.compile(
    r"(?P<name>[^\n]*?)(?: • [^\n]*?)?\s?[\u200e]?(?P<what>image|photo|video note|video|gif|sticker|audio|document"
    r"|contact card|이미지|사진|동영상|비디오|스티커|오디오|음성 메시지|문서|연락처 카드|연락처)"
    r"(?:이|가|을|를)? ?(?:omitted|생략됨|생략|제외됨)\.?",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"<[^<>:\n]{1,30}: ?(?P<name>[^<>\n]+\.\w{2,5})>|(?P<named>[^\n]+\.\w{2,5}) \([^()\n]{2,40}\)")
_WHATSAPP_DELETED = re.compile(
    r"(?P<own>You deleted this message|(?:회원님이 )?이 ?메시지를 삭제(?:했습니다|하였습니다|하셨습니다)"
    r"|(?:내가|나에 의해) 삭제(?:한 메시지입니다|된 메시지입니다))\.?"
    r"|This message was deleted\.?|이 ?메시지는 삭제되었습니다\.?|이 ?메시지가 삭제되었습니다\.?|삭제된 메시지입니다\.?"
)
_EDITED = re.compile(r"\s?[\u200e]?<(?:This message was edited|이 ?메시지는 (?:수정|편집)되었습니다\.?)>$")
_WHATSAPP_CARD = re.compile(
    r"(?:location|위치|POLL|투표|EVENT|이벤트)\s*: ?.+|live location shared", re.DOTALL | re.IGNORECASE
)
_WHATSAPP_SYSTEM = re.compile(
    r"end-to-end encrypt|종단간 암호화|created (?:this )?group|created this community|changed (?:the|this|their|to)"
    r"|security code|joined using|\badded\b|\bremoved\b|\bleft$|\bleft\b.*group|now an admin|no longer an admin"
    r"|pinned a message|disappearing messages|(?:그룹을|그룹에|그룹의|그룹 )|추가(?:했습니다|하였습니다)"
    r"|나갔습니다|내보냈습니다|변경(?:했습니다|되었습니다)|Missed (?:voice|video) call"
    r"|(?:is|are) a contact|blocked this contact|보안 코드",
    re.IGNORECASE,
)
_PICTURE_WORDS = frozenset({"image", "photo", "video", "video note", "gif", "이미지", "사진", "동영상", "비디오"})
_STICKER_WORDS = frozenset({"sticker", "스티커"})
_CARD_WORDS = frozenset({"contact card", "연락처 카드", "연락처"})


def whatsapp_system(text: str) -> bool:
    """Whether a text speaks as WhatsApp itself does; only to be asked where a mark or a missing name suggests it."""
    return _WHATSAPP_SYSTEM.search(text[:LONGEST]) is not None


def deleted_by_me(text: str) -> bool:
    """Whether only the owner of the export can have deleted this message."""
    match = _WHATSAPP_DELETED.fullmatch(text.strip(MARKS + " \n")[:LONGEST])
    return match is not None and match["own"] is not None


def whatsapp(text: str) -> Meaning:
    """What the text of a WhatsApp message stands for; a caption below an attachment is its text."""
    whole = text.strip(MARKS + " \n")
    first, _, caption = whole.partition("\n")
    first = first.strip(MARKS + " ")
    said = Meaning("text", _EDITED.sub("", text.strip(MARKS)))
    if len(first) > LONGEST:
        return said
    if _OMITTED_ON_ANDROID.fullmatch(first):
        return Meaning("photo", caption)
    if _WHATSAPP_DELETED.fullmatch(whole):
        return Meaning("deleted", whole)
    if omitted := _OMITTED_ON_IOS.fullmatch(first):
        return _omitted(omitted["what"].lower(), omitted["name"].strip(MARKS + " "), caption)
    if attached := _ATTACHED.fullmatch(first):
        return _attached((attached["name"] or attached["named"]).strip(MARKS + " "), caption)
    if _WHATSAPP_CARD.fullmatch(whole):
        return Meaning("card", whole)
    return said


def _omitted(what: str, name: str, caption: str) -> Meaning:
    if what in _PICTURE_WORDS:
        return Meaning("photo", "\n".join(part for part in (name, caption) if part))
    if what in _STICKER_WORDS:
        return Meaning("sticker", caption)
    return Meaning("card" if what in _CARD_WORDS else "file", name or caption or what)


def _attached(name: str, caption: str) -> Meaning:
    ending = name.rpartition(".")[2].lower()
    if ending in _PICTURES:
        return Meaning("photo", caption)
    if ending == "webp":
        return Meaning("sticker", caption)
    return Meaning("card" if ending == "vcf" else "file", "\n".join(part for part in (name, caption) if part))
