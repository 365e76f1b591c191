"""The training of the emoji network runs, learns, and gives what the runtime loads."""

import pathlib

import numpy as np
import pytest

from processors.ocr.engines.emoji import EmojiNamer
from processors.ocr.training.emoji.chosen import CHOSEN
from processors.ocr.training.emoji.pictures import OTHER, load_set, other_clusters
from processors.ocr.training.emoji.samples import Sampler
from processors.ocr.training.fonts import INSTALL, emoji_sources


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    if "twemoji" not in emoji_sources():
        pytest.skip(f"no emoji to learn from; run: {INSTALL}")
    return Sampler(load_set("twemoji"), seed=3)


def test_three_hundred_emoji_are_chosen_once_each() -> None:
    assert len(CHOSEN) == len(set(CHOSEN)) == 300


def test_no_chosen_emoji_is_among_the_others() -> None:
    if "twemoji" not in emoji_sources():
        pytest.skip(f"no emoji to learn from; run: {INSTALL}")
    others = other_clusters()
    assert len(others) > 1000
    assert not {one.replace("\ufe0f", "") for one in others} & {one.replace("\ufe0f", "") for one in CHOSEN}


def test_samples_depend_on_the_seed_alone(sampler: Sampler) -> None:
    drawings = [*sampler.others[:20], *(one for label in (0, 1, 2) for one in sampler.by_label[label])]
    first, second = Sampler(drawings, 5).batch(12), Sampler(drawings, 5).batch(12)
    assert first.inputs.shape == (12, 3, 32, 32)
    assert np.array_equal(first.inputs, second.inputs)
    assert np.array_equal(first.labels, second.labels)
    assert not np.array_equal(first.inputs, Sampler(drawings, 6).batch(12).inputs)
    assert set(first.labels.tolist()) <= {0, 1, 2, OTHER}


def test_a_short_training_learns_and_is_loaded_by_the_runtime(
    pytorch: None, sampler: Sampler, tmp_path: pathlib.Path
) -> None:
    from processors.ocr.training.emoji import export
    from processors.ocr.training.emoji.train import train

    drawings = [one for label in (0, 6, 12) for one in sampler.by_label[label]]
    model, losses = train(drawings, steps=24, seed=1, batch_size=12)
    assert np.mean(losses[-5:]) < 0.5 * losses[0]
    path = export.export(model, [sampler.batch(16).inputs], tmp_path)
    assert path.stat().st_size < 300_000
    namer = EmojiNamer(path, export.write_labels(tmp_path, 0.0))
    answers = namer.name([sampler.crop(one, as_drawn=True) for one in drawings for _ in range(4)])
    assert {answer.text for answer in answers} <= {*CHOSEN, "⬚"}
