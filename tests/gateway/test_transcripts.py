"""The transcript as a file: what programs that open it make of it."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.resources import Kind, MergeInfo, MergeStep, Message, MessageList, Position
from gateway.transcripts import CSV_COLUMNS, as_csv, as_markdown, as_text, gaps
from tests.gateway.service import gateway


def message(
    order: int,
    text: str,
    screenshot_id: str = "a",
    *,
    kind: Kind = "text",
    sender: str | None = None,
    sent_at: str | None = None,
) -> Message:
    return Message(
        message_id=f"m{order}",
        text=text,
        speaker="user" if order % 2 else "interlocutor",
        confidence=0.5,
        position=Position(x=0, y=0, width=1, height=1),
        group_id=1,
        order=order,
        screenshot_id=screenshot_id,
        sender=sender,
        sent_at=sent_at,
        kind=kind,
    )


def conversation(*messages: Message) -> MessageList:
    return MessageList(session_id="s", total_messages=len(messages), total_screenshots=2, messages=messages)


def step(left: str, right: str, gap: bool) -> MergeStep:
    return MergeStep(
        step=1,
        overlap_found=not gap,
        overlap_length=0,
        method="none",
        confidence=0,
        gap=gap,
        left_screenshot_id=left,
        right_screenshot_id=right,
    )


def test_gaps_stand_before_the_first_message_of_the_later_screenshot() -> None:
    messages = (message(0, "1", "a"), message(1, "2", "b"), message(2, "3", "c"), message(3, "4", "c"))
    info = MergeInfo(merge_history=(step("a", "b", False), step("b", "c", True)))
    assert gaps(messages, info) == {2}
    assert gaps(messages, None) == frozenset()
    assert gaps(messages[2:], info) == frozenset()


def test_text_names_speakers_times_and_gaps() -> None:
    shown = conversation(
        message(0, "hello\nthere", sender="민지", sent_at="오후 3:05"),
        message(1, "ok"),
        message(2, "", kind="photo"),
        message(3, "B left.", kind="system"),
    )
    assert as_text(shown, frozenset({1})) == (
        "[오후 3:05] 민지: hello\n    there\n--- messages may be missing here ---\nme: ok\nother: (photo)\nB left.\n"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|cmd"])
def test_no_cell_of_the_table_is_a_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(conversation(message(0, text, sender=text)), frozenset()), newline="")))
    cells = dict(zip(CSV_COLUMNS, rows[1], strict=True))
    assert cells["text"] == f"'{text}"
    assert cells["sender"] == f"'{text}"


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_the_table_keeps_any_text(text: str) -> None:
    written = as_csv(conversation(message(0, text)), frozenset({0}))
    assert written.startswith("\ufeff")
    (header, row) = list(csv.reader(io.StringIO(written[1:], newline="")))
    assert tuple(header) == CSV_COLUMNS
    assert row[CSV_COLUMNS.index("text")].removeprefix("'") == text.removeprefix("'")


def test_markdown_escapes_what_is_markup_in_a_message() -> None:
    shown = as_markdown(
        conversation(message(0, "# *a* <script>\n1. b\n[x](y)"), message(1, "B left.", kind="system")), frozenset()
    )
    assert shown.endswith("\n*B left.*\n")
    assert "\\# \\*a\\* \\<script\\>  \n1\\. b  \n\\[x\\]\\(y\\)" in shown


def test_judgements_stand_under_messages_and_in_columns_and_not_in_plain_text() -> None:
    judged = replace(
        message(1, "ok"),
        score=72.5,
        emotional_tone="NEUTRAL",
        impact_score=-1.0,
        ai_message="=short\n*answer*",
        suggested_alternative="sure, gladly",
    )
    shown = conversation(message(0, "hello"), judged)
    markdown = as_markdown(shown, frozenset())
    assert "hello\n\n**me**" in markdown
    assert markdown.endswith("ok\n\n> 72\\.5 · NEUTRAL · \\-1 · =short \\*answer\\*  \n> → sure, gladly\n")
    _, plain, row = csv.reader(io.StringIO(as_csv(shown, frozenset()), newline=""))
    assert plain[-5:] == ["", "", "", "", ""]
    assert row[-5:] == ["72.5", "NEUTRAL", "-1", "'=short\n*answer*", "sure, gladly"]
    assert as_text(shown, frozenset()) == "other: hello\nme: ok\n"


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("json", "application/json"),
        ("txt", "text/plain; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("md", "text/markdown; charset=utf-8"),
    ],
)
async def test_each_form_has_its_media_type(tmp_path: Path, form: str, media_type: str) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session(screenshots=2)
        response = await service.client.get(f"/sessions/{session_id}/transcript", params={"format": form})
        assert response.status_code == 200
        assert response.headers["content-type"] == media_type
        assert f".{form}" in response.headers["content-disposition"]
        assert "점심" in response.text
        if form == "json":
            messages = await service.client.get(f"/sessions/{session_id}/messages")
            assert response.content == messages.content
        if form == "txt":
            assert "messages may be missing here" in response.text
