"""The scorer says what happened: perfect readings score full marks, and each kind of fault shows where it belongs."""

import random

import msgspec
from rapidfuzz.distance import Levenshtein

from contracts.resources import Position
from processors.merge.merge import merge
from processors.merge.shots import Shot as MergeShot
from tests.screenshots.conversations import converse
from tests.screenshots.oracle import bubbles, extraction, misread
from tests.screenshots.scenes import Scroll, draw, scroll
from tests.screenshots.scoring import ShotScore, is_required, letters, score_shot
from tests.screenshots.sequences import score_sequence
from tests.screenshots.truth import ShotTruth


def some_truth() -> ShotTruth:
    return draw(converse(8, 30, group=True), "kakao-android-light", 8, position=0.4).truth


def test_a_perfect_reading_has_no_fault() -> None:
    truth = some_truth()
    score = score_shot(truth, list(bubbles(truth)))
    assert score.failures == ()
    assert score.found == score.required == score.right == score.predicted > 3
    assert score.speakers_right == score.speakers
    assert score.distance == 0 < score.letters
    assert score.pairs_in_order == score.pairs
    assert score.senders_right == score.senders > 0
    assert score.times_right == score.times > 0


def test_each_fault_is_counted_as_what_it_is() -> None:
    truth = some_truth()
    read = list(bubbles(truth))
    place = next(
        place
        for place, message in enumerate(truth.messages)
        if is_required(message) and message.kind == "text" and len(message.text) > 4
    )
    other = "user" if read[place].speaker == "interlocutor" else "interlocutor"
    flipped = msgspec.structs.replace(read[place], speaker=other, text=read[place].text[1:])
    wrong = score_shot(truth, [*read[:place], flipped, *read[place + 1 :]])
    assert sorted(failure.kind for failure in wrong.failures) == ["speaker", "text"]
    assert wrong.distance == 1

    missed = score_shot(truth, [*read[:place], *read[place + 1 :]])
    assert [failure.kind for failure in missed.failures if failure.kind == "missed"] == ["missed"]
    assert missed.found == missed.required - 1
    assert missed.right == missed.predicted

    ghost = msgspec.structs.replace(read[place], position=Position(x=0, y=0, width=40, height=20), text="제목")
    false = score_shot(truth, [*read, ghost])
    assert [failure.kind for failure in false.failures] == ["false"]
    assert false.predicted == false.right + 1


def test_cut_bubbles_are_neither_asked_for_nor_held_against_the_reader() -> None:
    truths = (draw(converse(seed, 30), "line-light", seed).truth for seed in range(40))
    truth = next(truth for truth in truths if any(message.partial for message in truth.messages))
    read = list(bubbles(truth))
    whole = [bubble for bubble in read if not bubble.partial]
    assert score_shot(truth, read).predicted == score_shot(truth, whole).predicted
    assert score_shot(truth, whole).failures == ()


def test_scores_add_up() -> None:
    truth = some_truth()
    score = score_shot(truth, list(bubbles(truth)))
    assert (score + score).required == 2 * score.required
    assert ShotScore() + score == score


def test_letters_ignore_blanks_and_emoji() -> None:
    assert letters("네 \n알겠 👍🏻습니다❤️") == "네알겠습니다"


def score_of(drawn: Scroll) -> tuple[bool, int, int, int]:
    names = [f"shot-{place}" for place in range(len(drawn.shots))]
    truths = {name: shot.truth for name, shot in zip(names, drawn.shots, strict=True)}
    merged = merge(
        [MergeShot(extraction=extraction(name, truths[name], "s")) for name in names], session_id="s", revision=1
    )
    score = score_sequence(drawn.truth, truths, names, merged.messages, merged.info)
    return bool(score.perfect), score.duplicated, score.missing, score.gaps_explicit


def test_misreading_keeps_lines_and_hits_the_rate() -> None:
    text = "주말에 시간 되면 성수동에서 커피 마시자\n" * 60
    read = misread(text, 0.05, random.Random(4))
    assert read.count("\n") == text.count("\n")
    assert 0.03 < Levenshtein.normalized_distance(text, read) < 0.07
    assert misread(text, 0, random.Random(4)) == text


def test_a_merge_of_perfect_readings_scores_as_perfect() -> None:
    drawn = scroll(converse(41, 50), "kakao-ios-light", messages=4, seed=41, count=3)
    assert score_of(drawn) == (True, 0, 0, 0)


def test_gaps_count_as_explicit_only_when_left_open() -> None:
    drawn = scroll(converse(42, 90), "kakao-ios-light", overlap=0, skip=4, seed=42, count=3)
    assert score_of(drawn) == (True, 0, 0, 2)


def test_a_message_twice_in_the_transcript_is_a_duplicate() -> None:
    drawn = scroll(converse(43, 50), "kakao-ios-light", messages=4, seed=43, count=2)
    names = ["a", "b"]
    truths = {name: shot.truth for name, shot in zip(names, drawn.shots, strict=True)}
    merged = merge(
        [MergeShot(extraction=extraction(name, truths[name], "s")) for name in names], session_id="s", revision=1
    )
    score = score_sequence(drawn.truth, truths, names, (*merged.messages, merged.messages[0]), merged.info)
    assert score.duplicated == 1
    assert score.misplaced == 1
    assert not score.perfect
    lost = score_sequence(drawn.truth, truths, names, merged.messages[1:], merged.info)
    assert lost.missing == 1
