"""Whatever people say, in whatever dialect it is written: what is read is what was said."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.imports.parse import parse_export
from tests.processors.imports.dialects import DIALECTS, Dialect, Line

NAMES = ("민지", "지우 (팀장)", "[영업] 김철수", "Anna 😀", "박:서준", "+82 10-1234-5678")
TEXTS = (
    "안녕",
    "점심 먹었어?",
    "[공지] [오후 3시] 회의",
    "주소: 서울시 : 강남구",
    "첫째 줄\n둘째 줄",
    "위\n\n아래",
    '"따옴표", 쉼표',
    "ㅋㅋㅋㅋ 😂😂",
    "2026년 3월 1일에 보자",
    "3:30 - 4:00 어때",
    "- 하나\n- 둘",
    "https://example.com/a?b=c:d",
    "줄 안의\u2028구분자",
)
said = st.lists(
    st.tuples(st.sampled_from((0, 1)), st.sampled_from(TEXTS), st.integers(min_value=0, max_value=3000)),
    min_size=2,
    max_size=25,
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=said, names=st.permutations(NAMES))
def test_what_was_said_is_what_is_read(dialect: Dialect, said: list[tuple[int, str, int]], names: list[str]) -> None:
    moment = datetime(2026, 1, 28, 8, 0, 7)
    lines = [Line(names[0], "내가 먼저", moment), Line(names[1], "그래", moment + timedelta(days=3, hours=6))]
    moment = lines[-1].moment
    for who, text, minutes in said:
        moment += timedelta(minutes=minutes)
        lines.append(Line(names[who], text, moment))
    export = parse_export(dialect.write(names[1], lines).encode(), me=names[0])
    assert export.format == dialect.format
    assert export.broken_total == 0
    assert export.me == names[0]
    timespec = "seconds" if dialect.seconds else "minutes"
    expected = [(line.sender, line.text, line.moment.isoformat(timespec=timespec)) for line in lines]
    assert [(one.sender, one.text, one.sent_at) for one in export.messages] == expected
    assert [one.own for one in export.messages] == [line.sender == names[0] for line in lines]
