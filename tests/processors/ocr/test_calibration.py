"""Probabilities of being right follow the signs of doubt, and the models that give them are fitted from outcomes."""

import random
from pathlib import Path

import msgspec
import numpy as np
import pytest

from processors.ocr.calibration import LINE_FEATURES, Calibration, line_features, load_calibration
from processors.ocr.engines.port import Alternative, Box, Recognition, RegionLine
from processors.ocr.training.calibrate import LineSample, MessageSample, fit, fit_logistic, main, read_samples


def line(
    text: str = "오늘 저녁",
    weakest: float = 0.999,
    *,
    surprise: float = 0.01,
    agreement: float = 1.0,
    alternatives: int = 0,
    engine: str = "tokstream",
) -> RegionLine:
    characters = (weakest, *[0.999] * (len(text) - 1))
    others = tuple(Alternative("저", 0.1) for _ in range(alternatives))
    beside = (others, *[()] * (len(text) - 1)) if others else ()
    read = Recognition(text, 0.99, characters, engine, beside, surprise, agreement)
    return RegionLine(Box(0, 0, 200, 32), read)


SURE = line()


@pytest.mark.parametrize(
    "doubtful",
    [
        line(weakest=0.5, surprise=0.7),
        line(surprise=1.0),
        line(weakest=0.8, surprise=0.3, alternatives=2),
        line(weakest=0.8, surprise=0.3, agreement=0.0),
    ],
)
def test_every_sign_of_doubt_makes_a_line_less_probable(doubtful: RegionLine) -> None:
    calibration = load_calibration()
    assert 0 < calibration.line_probability(doubtful) < calibration.line_probability(SURE) < 1


def test_a_line_without_text_and_a_message_without_lines_are_not_right() -> None:
    calibration = load_calibration()
    assert calibration.line_probability(RegionLine(Box(0, 0, 9, 9), Recognition("", 0.0, (), "tokstream"))) == 0
    assert calibration.message_probability([]) == 0


def test_a_message_is_no_surer_than_each_of_its_lines_lets_it_be() -> None:
    calibration = load_calibration()
    sure, doubtful = calibration.line_probability(SURE), calibration.line_probability(line(weakest=0.5, surprise=0.7))
    assert calibration.message_probability([sure, doubtful]) < calibration.message_probability([sure, sure])
    assert calibration.message_probability([sure] * 9) < calibration.message_probability([sure])


def test_only_doubtful_messages_are_marked() -> None:
    calibration = load_calibration()
    doubtful = calibration.line_probability(line(weakest=0.3, surprise=2.0, agreement=0.0, alternatives=3))
    assert calibration.message_probability([doubtful]) < calibration.uncertain
    assert calibration.message_probability([calibration.line_probability(SURE)]) > calibration.uncertain


def test_another_engine_that_tells_no_surprise_is_judged_by_its_characters() -> None:
    told = dict(zip(LINE_FEATURES, line_features(line(weakest=0.5, surprise=0.0, engine="paddle")), strict=True))
    assert told["surprise"] == pytest.approx(np.log(-np.log(0.5) - 4 * np.log(0.999)))
    assert told["foreign"] == 1


def drawn(count: int, seed: int) -> list[MessageSample]:
    """Messages of one line whose weakest character tells the truth: right as often as it is probable."""
    chance = random.Random(seed)
    samples = []
    for number in range(count):
        probability = chance.uniform(0.05, 0.95)
        features = line_features(line(weakest=probability, surprise=-np.log(probability)))
        right = chance.random() < probability
        samples.append(MessageSample((LineSample(tuple(map(float, features)), right),), right, "", str(number)))
    return samples


def test_the_fit_finds_the_probabilities_that_made_the_outcomes() -> None:
    calibration = fit(drawn(4000, 1), "drawn")
    for probability in (0.2, 0.5, 0.8):
        found = calibration.line_probability(line(weakest=probability, surprise=-np.log(probability)))
        assert found == pytest.approx(probability, abs=0.06)
        assert calibration.message_probability([found]) == pytest.approx(probability, abs=0.06)


def test_the_threshold_marks_few_right_messages() -> None:
    samples = drawn(2000, 2)
    calibration = fit(samples, "drawn")
    right = [sample for sample in samples if sample.right]
    lines = [calibration.line.probability(np.array(sample.lines[0].features)) for sample in right]
    marked = sum(calibration.message_probability([one]) < calibration.uncertain for one in lines)
    assert 0.05 < marked / len(right) <= 0.1


def test_samples_of_one_outcome_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="same outcome"):
        fit_logistic(("one",), [[0.0], [1.0]], [True, True])


def test_the_command_fits_a_file_of_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "samples.jsonl", tmp_path / "calibration.json"
    source.write_bytes(b"\n".join(map(msgspec.json.encode, drawn(300, 3))) + b"\n")
    monkeypatch.setattr("sys.argv", ["calibrate", str(source), "--out", str(target)])
    main()
    written = msgspec.json.decode(target.read_bytes(), type=Calibration)
    assert written == fit(read_samples(source), written.fitted_on)
    assert written.fitted_on.startswith("300 messages of 300 screenshots")
