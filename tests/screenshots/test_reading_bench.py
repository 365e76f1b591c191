"""The reading benchmark runs end to end on a few screenshots, with the reader and with the truth in its place."""

import io
import pathlib

from rich.console import Console
from rich.progress import Progress

from tests.bench.reading import Bench, draw_scrolls, draw_shots
from tests.bench.reading_tables import sequence_table, shot_table


def shown(table: object) -> str:
    """A table as text."""
    console = Console(file=io.StringIO(), width=200)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def silent() -> Progress:
    return Progress(disable=True)


def test_one_screenshot_is_read_in_its_own_process_and_scored(tmp_path: pathlib.Path) -> None:
    row = Bench("tokstream", 1, tmp_path).row("kakao-ios-light", 1, 0, silent())
    assert row.shots.shots == 1
    assert row.shots.found >= 0.8 * row.shots.required > 0
    assert row.shots.speakers_right == row.shots.speakers
    assert row.shots.distance < 0.1 * row.shots.letters
    assert row.seconds[0] > row.layouts[0] > 0
    assert row.peak > 50
    assert "kakao-ios-light" in shown(shot_table([row], "auto"))


def test_merging_is_measured_without_reading() -> None:
    row = Bench("tokstream", 1, None, oracle=0.0).row("line-light", 0, 3, silent())
    both = row.provable + row.others
    assert both.sequences == 3
    assert both.gaps == both.gaps_explicit == 2
    assert both.missing == both.invented == 0
    text = shown(sequence_table([row]))
    assert "line-light" in text
    assert "2/2" in text


def test_looks_are_drawn_with_conversations_of_their_own() -> None:
    first = next(draw_shots("kakao-ios-light", 1, 1)).truth.messages
    second = next(draw_shots("kakao-ios-dark", 1, 1)).truth.messages
    assert [message.text for message in first] != [message.text for message in second]
    assert len(next(draw_scrolls("whatsapp-dark", 1, 1)).shots) == 3
