"""The generator keeps its promises: truth lies where the pixels are, seeds decide all, sequences overlap as asked."""

import itertools
import json
import pathlib
import random
import re

import numpy as np
import pytest

from tests.screenshots import phrases
from tests.screenshots.__main__ import main
from tests.screenshots.conversations import PLAIN, converse
from tests.screenshots.dressing import Dressing
from tests.screenshots.phrases import ends_with_coda, fill
from tests.screenshots.samples import conversation, sample
from tests.screenshots.scenes import LOOKS, Device, draw, scroll
from tests.screenshots.vocabulary import SLOTS

BARE = Dressing()


def test_conversations_rarely_repeat_but_for_short_words() -> None:
    conversation = converse(11, 600)
    long = [utterance.text for utterance in conversation.utterances if len(utterance.text) > 12]
    assert len(set(long)) > 0.85 * len(long)
    short = [utterance.text for utterance in conversation.utterances if 0 < len(utterance.text) <= 3]
    assert len(set(short)) < len(short)


def test_conversation_times_never_go_back_and_both_sides_speak() -> None:
    for group in (False, True):
        utterances = converse(5, 120, group=group).utterances
        assert all(a.minute <= b.minute for a, b in itertools.pairwise(utterances))
        assert {utterance.speaker for utterance in utterances} == {"user", "interlocutor"}
        assert len({utterance.sender for utterance in utterances if utterance.sender}) == (1 if not group else 5)


def test_conversations_hold_every_kind_of_message() -> None:
    kinds = {utterance.kind for seed in range(6) for utterance in converse(seed, 120).utterances}
    assert kinds == {"text", "photo", "card", "deleted", "file", "sticker", "system"}
    assert {utterance.kind for utterance in converse(1, 200, mix=PLAIN).utterances} == {"text"}


@pytest.mark.parametrize(
    ("word", "coda"), [("칼국수", False), ("초밥", True), ("3", True), ("2", False), ("Zoom", True), ("YouTube", False)]
)
def test_particles_follow_the_last_letter(word: str, coda: bool) -> None:
    assert ends_with_coda(word) is coda


def test_every_slot_of_every_phrase_is_known() -> None:
    def strings(value: object) -> list[str]:
        if isinstance(value, str):
            return [value]
        return [text for each in value for text in strings(each)] if isinstance(value, (tuple, list)) else []

    texts = [text for name, value in vars(phrases).items() if name.isupper() for text in strings(value)]
    used = {slot for text in texts for slot in re.findall(r"\{(\w+)", text)}
    assert used
    assert used <= set(SLOTS)


def test_a_filled_phrase_has_no_slot_left() -> None:
    for exchange in (*phrases.CASUAL, *phrases.POLITE):
        for line in exchange:
            assert "{" not in fill(line, random.Random(1))


@pytest.mark.parametrize("look", LOOKS)
def test_bubbles_lie_where_the_truth_says(look: str) -> None:
    shot = draw(converse(21, 30, mix=PLAIN), look, 21, dressing=BARE)
    truth = shot.truth
    assert len(truth.messages) >= 4
    pixels = np.asarray(shot.image).astype(int)
    assert pixels.shape == (truth.height, truth.width, 3)
    for message in truth.messages:
        x, y, columns, rows = message.box
        assert truth.top <= y
        assert y + rows <= truth.bottom
        assert x >= 0
        assert x + columns <= truth.width
        if message.partial or not message.bubble:
            continue
        middle = y + rows // 2
        inside = (x + 3, x + columns - 4)
        outside = (x - round(9 * truth.scale), x + columns + round(8 * truth.scale))
        edges = [
            abs(pixels[middle, a] - pixels[middle, b]).sum()
            for a, b in zip(inside, outside, strict=True)
            if 0 <= b < truth.width
        ]
        assert max(edges) > 18, (message.text, edges)
        # The letters are inside: something in the box differs clearly from its ground.
        ground = np.median(pixels[y : y + rows, x : x + columns].reshape(-1, 3), axis=0)
        assert np.abs(pixels[y : y + rows, x : x + columns] - ground).max() > 100


@pytest.mark.parametrize("look", LOOKS)
def test_own_bubbles_stand_right_and_others_left(look: str) -> None:
    truth = draw(converse(22, 30, mix=PLAIN), look, 22, dressing=BARE).truth
    for message in truth.messages:
        left, right = message.box[0], truth.width - message.box[0] - message.box[2]
        assert (right < left) if message.speaker == "user" else (left < right), message.text


def test_the_same_seed_gives_the_same_pixels_and_another_one_others() -> None:
    first = draw(converse(3, 20), "kakao-ios-picture", 3)
    again = draw(converse(3, 20), "kakao-ios-picture", 3)
    other = draw(converse(3, 20), "kakao-ios-picture", 4)
    assert first.truth == again.truth
    assert first.image.tobytes() == again.image.tobytes()
    assert first.image.size != other.image.size or first.image.tobytes() != other.image.tobytes()


def test_recompression_changes_pixels_but_not_truth() -> None:
    plain = draw(converse(3, 20), "line-light", 3)
    coded = draw(converse(3, 20), "line-light", 3, jpeg=70)
    assert plain.truth == coded.truth
    assert plain.image.tobytes() != coded.image.tobytes()


def test_a_cut_bubble_shows_only_the_lines_that_can_be_seen() -> None:
    cut = [
        message
        for seed in range(12)
        for message in draw(converse(seed, 30, mix=PLAIN), "kakao-android-light", seed).truth.messages
        if message.partial
    ]
    assert cut
    for message in cut:
        assert set(message.text.splitlines()) <= set(message.whole.splitlines())
    assert any(message.text != message.whole for message in cut)


def test_scrolling_by_messages_shares_exactly_that_many() -> None:
    for wanted in (2, 3, 4):
        drawn = scroll(converse(31, 60, mix=PLAIN), "kakao-ios-light", messages=wanted, seed=31, count=4, dressing=BARE)
        assert len(drawn.truth.joins) == 3
        assert [join.shared for join in drawn.truth.joins][:-1] == [wanted, wanted]
        assert drawn.truth.joins[-1].shared >= wanted


@pytest.mark.parametrize("overlap", [0.1, 0.3, 0.5, 0.8])
def test_scrolling_by_share_repeats_those_rows_pixel_by_pixel(overlap: float) -> None:
    drawn = scroll(converse(32, 50), "kakao-ios-light", overlap=overlap, seed=32, count=2, dressing=BARE)
    first, second = drawn.shots
    view = first.truth.bottom - first.truth.top
    assert drawn.truth.joins[0].rows == pytest.approx(overlap * view, abs=2)
    shift = second.truth.offset - first.truth.offset
    upper = np.asarray(first.image)[first.truth.top + shift : first.truth.bottom]
    lower = np.asarray(second.image)[second.truth.top : second.truth.bottom - shift]
    assert upper.shape == lower.shape
    assert np.array_equal(upper, lower)


@pytest.mark.parametrize("skip", [0, 3])
def test_without_overlap_nothing_is_seen_twice(skip: int) -> None:
    drawn = scroll(converse(33, 80), "whatsapp-light", overlap=0, skip=skip, seed=33, count=3)
    assert all(join.gap and join.shared == 0 for join in drawn.truth.joins)
    seen = [{message.index for message in shot.truth.messages} for shot in drawn.shots]
    assert not seen[0] & seen[1]
    assert not seen[1] & seen[2]


def test_merged_truth_holds_each_message_once_in_order() -> None:
    drawn = scroll(converse(34, 40), "telegram-dark", overlap=0.4, seed=34)
    indices = [message.index for message in drawn.truth.merged]
    assert indices == sorted(set(indices))
    seen = {message.index for shot in drawn.shots for message in shot.truth.messages}
    assert set(indices) == seen


def test_shuffled_and_repeated_uploads_are_told_by_the_truth() -> None:
    plain = scroll(converse(35, 60), "line-dark", overlap=0.3, seed=35, count=4)
    mixed = scroll(converse(35, 60), "line-dark", overlap=0.3, seed=35, count=4, shuffled=True, duplicated=True)
    assert len(mixed.shots) == len(plain.shots) + 1
    assert len(mixed.truth.duplicates) == 1
    ordered = [mixed.shots[place].image.tobytes() for place in mixed.truth.order]
    assert ordered == [shot.image.tobytes() for shot in plain.shots]
    assert mixed.truth.merged == plain.truth.merged


def test_screens_and_windows_have_the_sizes_asked_for() -> None:
    device = Device(width=412, height=640, scale=1.0)
    assert draw(converse(1, 20), "kakao-pc-light", 1, device=device).image.size == (412, 640)
    widths = {draw(converse(1, 12), "kakao-ios-dark", seed).image.width for seed in range(8)}
    assert len(widths) > 2
    assert min(widths) >= 750
    assert max(widths) <= 1290


def test_strings_of_the_screen_are_listed_as_no_messages() -> None:
    dressing = Dressing(keyboard=True, draft="그럼 내일", quick_replies=("메뉴 보기", "도움말"))
    truth = draw(converse(2, 30), "kakao-ios-light", 2, dressing=dressing).truth
    assert {"그럼 내일", "메뉴 보기", "도움말", "ㅂ", "스페이스"} <= set(truth.ignored)
    assert converse(2, 30).title in truth.ignored


def test_the_sample_is_three_overlapping_screenshots() -> None:
    drawn = sample()
    assert len(drawn.shots) == 3
    assert all(join.shared >= 2 for join in drawn.truth.joins)
    assert len(drawn.truth.merged) == len(conversation().utterances)


def test_the_command_writes_pictures_and_records(tmp_path: pathlib.Path) -> None:
    assert main([str(tmp_path), "--count", "1", "--sequences", "1", "--looks", "kakao-pc-light"]) == 0
    records = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    (sequence,) = [json.loads(line) for line in (tmp_path / "sequences.jsonl").read_text(encoding="utf-8").splitlines()]
    files = {record["file"] for record in records}
    assert len(files) == len(records) == 1 + len(sequence["files"])
    assert all((tmp_path / file).is_file() for file in files)
    assert set(sequence["files"]) <= files
    assert all({"messages", "ignored", "width", "height", "messenger", "theme"} <= set(record) for record in records)
