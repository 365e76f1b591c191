"""Somebody who speaks of dying is told where help is: an engine of rules must not answer that with small talk alone.

109 is Korea's line for the prevention of suicide, open day and night (Ministry of Health and Welfare, since 2024).
"""

import re

_WISH = re.compile(r"죽고 ?싶|죽어 ?버리고|살기 ?싫|살고 ?싶지 ?않|사라지고 ?싶|자살|자해|극단적 ?선택")
_JEST = re.compile(r"ㅋㅋ|ㅎㅎ|배고파 ?죽|졸려 ?죽|더워 ?죽|추워 ?죽|창피해서 ?죽|쪽팔려")

FOR_SUGGESTIONS = "위험해 보이면 혼자 감당하지 말고 자살예방 상담전화 109(24시간)에 함께 연락하세요."
_POLITELY = "혼자 견디지 않으셨으면 해요. 자살예방 상담전화 109는 24시간 열려 있어요."
_CASUALLY = "혼자 견디지 말아 줘. 자살예방 상담전화 109는 24시간 열려 있어."


def is_crisis(text: str) -> bool:
    """Whether somebody speaks of wanting to die, and not in jest."""
    return _WISH.search(text) is not None and _JEST.search(text) is None


def with_help(reply: str, said: str, polite: bool) -> str:
    """The reply, and where help is if what was said calls for it."""
    return f"{reply} {_POLITELY if polite else _CASUALLY}" if is_crisis(said) else reply
