"""Drawn screenshots of all looks, scrolled, shuffled and repeated, read without error, merge without one."""

import numpy as np
import pytest

from contracts.resources import Bubble, Extraction, Position
from processors.merge.images import row_signature
from processors.merge.merge import merge
from processors.merge.shots import Shot
from tests.screenshots.conversations import converse
from tests.screenshots.scenes import Scroll, scroll
from tests.screenshots.scenes import Shot as Drawn
from tests.screenshots.sequences import score_sequence

SESSION = "drawn"


def read(drawn: Drawn, name: str) -> Shot:
    """What a reader without fault makes of a drawn screenshot."""
    truth = drawn.truth
    bubbles = tuple(
        Bubble(
            text=message.text,
            speaker=message.speaker,
            confidence=0.9,
            position=Position(x=message.box[0], y=message.box[1], width=message.box[2], height=message.box[3]),
            order=order,
            group_id=1,
            kind=message.kind,
            sender=message.sender if message.sender_shown else None,
            sent_at=message.time if message.time_shown else None,
            partial=message.partial,
        )
        for order, message in enumerate(truth.messages)
    )
    extraction = Extraction(
        screenshot_id=name,
        session_id=SESSION,
        width=truth.width,
        height=truth.height,
        top=truth.top,
        bottom=truth.bottom,
        bubbles=bubbles,
        engine="truth",
    )
    pixels = np.asarray(drawn.image.convert("RGB"))[:, :, ::-1]
    return Shot(extraction=extraction, signature=row_signature(np.ascontiguousarray(pixels)))


def judge(drawn: Scroll) -> None:
    names = [f"shot-{place}" for place in range(len(drawn.shots))]
    shots = [read(shot, name) for shot, name in zip(drawn.shots, names, strict=True)]
    merged = merge(shots, session_id=SESSION, revision=1)
    truths = {name: shot.truth for name, shot in zip(names, drawn.shots, strict=True)}
    score = score_sequence(drawn.truth, truths, names, merged.messages, merged.info)
    assert score.perfect == 1, score
    assert score.gaps_explicit == score.gaps


@pytest.mark.parametrize(
    "look", ["kakao-ios-light", "kakao-android-picture", "kakao-pc-dark", "whatsapp-dark", "line-light"]
)
def test_overlapping_screenshots_merge_without_a_fault(look: str) -> None:
    judge(scroll(converse(3, 40), look, messages=2, count=3, seed=3))


@pytest.mark.parametrize("look", ["kakao-ios-picture", "telegram-light", "imessage-dark"])
def test_so_do_shuffled_and_repeated_ones(look: str) -> None:
    judge(scroll(converse(4, 40), look, overlap=0.5, count=3, seed=4, shuffled=True, duplicated=True))


def test_so_does_a_room_with_a_keyboard_opened_on_the_way() -> None:
    judge(scroll(converse(5, 40, group=True), "kakao-android-dark", overlap=0.5, count=3, seed=5, redressed=True))


@pytest.mark.parametrize("look", ["kakao-ios-light", "kakao-android-picture", "imessage-light"])
def test_without_overlap_every_join_is_an_explicit_gap(look: str) -> None:
    judge(scroll(converse(6, 40), look, overlap=0, skip=1, count=3, seed=6))
