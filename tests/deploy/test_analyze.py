"""`tokstream analyze` on chat exports and screenshots, run as a person runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.deploy.terminals import at_terminal, piped
from tests.e2e.service import png, sample_shots
from tests.servers.ai import Script, fake_openai

EXPORT = """\
저장한 날짜 : 2024년 3월 2일 오후 6:01

2024년 3월 1일 금요일
2024년 3월 1일 오후 7:40, 지수 : 오늘 왜 연락이 없었어?
2024년 3월 1일 오후 7:45, 민수 : 바빴어
2024년 3월 1일 오후 7:46, 지수 : 나 정말 속상했어
2024년 3월 1일 오후 7:50, 민수 : 미안해 회의가 길어졌어. 많이 속상했지? 앞으로는 늦으면 늦는다고 꼭 먼저 말할게
2024년 3월 2일 토요일
2024년 3월 2일 오후 1:00, 지수 : 괜찮아 이제 풀렸어 ㅎㅎ
2024년 3월 2일 오후 1:02, 민수 : 고마워 저녁 같이 먹자
"""


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = tmp_path / "chat.txt"
    path.write_text(EXPORT)
    return str(path)


@pytest.fixture
def image(tmp_path: Path) -> str:
    path = tmp_path / "shot.png"
    path.write_bytes(png(sample_shots()[0]))
    return str(path)


def judged(analysis: dict[str, Any]) -> list[float]:
    return [message["score"] for message in analysis["messages"] if message["score"] is not None]


async def test_json_is_one_document_with_scores_and_suggestions(export: str) -> None:
    done = await piped("analyze", export, "--me", "민수", "--relationship", "연인", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    analysis = json.loads(done.stdout)
    assert [message["speaker"] for message in analysis["messages"]] == ["interlocutor", "user"] * 3
    excuse, apology, thanks = judged(analysis)
    assert excuse < min(apology, thanks)
    assert [suggestion["style"] for suggestion in analysis["suggestions"]] == ["공감형", "해결형", "관계형"]
    assert (analysis["engine"], analysis["problem"], analysis["relationship"]) == ("builtin", None, "연인")
    assert analysis["merge_info"]["order"]


@pytest.mark.parametrize("form", ["text", "markdown"])
async def test_a_message_cannot_steer_the_terminal(tmp_path: Path, form: str) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(EXPORT.replace("바빴어", "바빴\x1bc\u202e어\x07"))
    done = await piped("analyze", str(path), "--me", "민수", "--format", form)
    assert "바빴c어" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


async def test_text_shows_what_json_has_within_80_columns_and_without_styles(export: str) -> None:
    options = ("analyze", export, "--me", "민수", "--relationship", "연인")
    shown = await piped(*options, COLUMNS="80")
    analysis = json.loads((await piped(*options, "--json")).stdout)
    assert max(cell_len(line) for line in shown.stdout.splitlines()) <= 80
    assert "\x1b" not in shown.stdout
    scores = judged(analysis)
    for message in analysis["messages"]:
        if message["score"] is not None:
            assert f"{message['score']:g} · {message['emotional_tone']} · " in shown.stdout
    words = " ".join(shown.stdout.split())
    assert all(message["ai_message"] in words for message in analysis["messages"] if message["ai_message"])
    assert all(suggestion["text"] in words for suggestion in analysis["suggestions"])
    assert f"3 of 3 own messages judged by builtin: mean {sum(scores) / 3:.0f}, best {max(scores):g}" in words
    assert f"worst {min(scores):g} (바빴어)" in words


async def test_days_and_suggestions_are_left_out_on_request(export: str) -> None:
    done = await piped("analyze", export, "--me", "민수", "--since", "2024-03-02", "--no-suggestions", "--json")
    assert done.returncode == 0, done.stderr
    analysis = json.loads(done.stdout)
    assert [message["text"] for message in analysis["messages"]] == ["괜찮아 이제 풀렸어 ㅎㅎ", "고마워 저녁 같이 먹자"]
    assert analysis["suggestions"] is None


async def test_an_export_that_does_not_tell_the_own_side_names_who_writes(export: str) -> None:
    done = await piped("analyze", export)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "지수, 민수" in done.stderr
    assert "--me NAME" in done.stderr


async def test_screenshots_and_exports_are_one_conversation(export: str, image: str) -> None:
    done = await piped("analyze", image, export, "--me", "민수", "--no-suggestions", "--json")
    assert done.returncode == 0, done.stderr
    analysis = json.loads(done.stdout)
    assert {"주말에 시간 돼?", "바빴어", "고마워 저녁 같이 먹자"} <= {
        message["text"] for message in analysis["messages"]
    }
    assert len(analysis["merge_info"]["order"]) == 2


async def test_a_file_that_is_neither_says_what_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("우유\n달걀\n")
    done = await piped("analyze", str(path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr
    assert "JPEG, PNG or WebP" in done.stderr
    assert "KakaoTalk" in done.stderr


async def test_lines_that_cannot_be_understood_are_told(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(EXPORT.replace("2024년 3월 2일 오후 1:00", "2024년 3월 2일 오후 99:00"))
    done = await piped("analyze", str(path), "--me", "민수", "--no-suggestions")
    assert done.returncode == 0, done.stderr
    assert "lines that could not be understood: 1 (line 9: " in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--me", "민수"), "--me"),
        (("--since", "2024-13-01"), "2024-13-01"),
        (("--format", "xml"), "xml"),
    ],
)
async def test_options_that_make_no_sense_are_usage_errors(image: str, options: tuple[str, ...], said: str) -> None:
    done = await piped("analyze", image, *options)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
async def test_an_engine_that_fails_leaves_the_transcript_and_an_error(export: str, form: str) -> None:
    async with fake_openai() as fake:
        fake.usual = Script(status=500, error={"message": "the model fell over"})
        settings = {"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": fake.url, "TOKSTREAM_AI_ATTEMPTS": "1"}
        done = await piped("analyze", export, "--me", "민수", "--format", form, **settings)
    assert done.returncode == 1
    assert "고마워 저녁 같이 먹자" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "the AI engine failed" in done.stderr
    if form == "json":
        analysis = json.loads(done.stdout)
        assert judged(analysis) == []
        assert analysis["suggestions"] is None
        assert analysis["problem"] in done.stderr


async def test_a_terminal_is_told_how_many_messages_are_judged_and_is_coloured(export: str) -> None:
    options = ("analyze", export, "--me", "민수", "--relationship", "연인", "--no-suggestions")
    async with at_terminal(*options) as terminal:
        assert await terminal.ended() == 0
        await terminal.until("own messages judged")
        assert "judging messages" in terminal.screen
        assert "3/3" in terminal.screen
        assert "\x1b[32m+" in terminal.screen


async def test_no_color_is_heeded(export: str) -> None:
    async with at_terminal("analyze", export, "--me", "민수", "--no-suggestions", NO_COLOR="1") as terminal:
        assert await terminal.ended() == 0
        await terminal.until("own messages judged")
        assert "\x1b[3" not in terminal.screen
        assert "\x1b[1m" not in terminal.screen
