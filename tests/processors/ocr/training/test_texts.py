"""Texts of one line: repeatable, short enough, and of every class."""

from pathlib import Path

import pytest

from processors.ocr.engines.charset import EMOJI_CLASS
from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.corpus import load_corpus
from processors.ocr.training.texts import LONGEST, TextSampler
from tests.processors.ocr.training.small import sentences, write_corpora

ALPHABET = Alphabet(charset())


def test_the_same_seed_draws_the_same_texts_and_another_seed_others(tmp_path: Path) -> None:
    corpus = load_corpus(write_corpora(tmp_path))
    sampler, twin, stranger = (TextSampler(corpus, ALPHABET, seed) for seed in (1, 1, 2))
    lines = [sampler.line() for _ in range(50)]
    assert lines == [twin.line() for _ in range(50)]
    assert lines != [stranger.line() for _ in range(50)]


def test_lines_can_be_taught_and_every_class_comes_up(tmp_path: Path) -> None:
    sampler = TextSampler(load_corpus(write_corpora(tmp_path)), ALPHABET, 3)
    lines = [sampler.line() for _ in range(30_000)]
    assert all(0 < len(line) <= LONGEST and line == line.strip() for line in lines)
    seen = {character for line in lines for character in ALPHABET.classes(line).text}
    missing = set(charset().others) - seen
    assert len(missing) < 0.02 * len(charset().others), "".join(sorted(missing))
    assert EMOJI_CLASS in seen
    assert len([character for character in seen if "가" <= character <= "힣"]) > 5000


def test_natural_korean_is_cut_from_the_corpora(tmp_path: Path) -> None:
    sampler = TextSampler(load_corpus(write_corpora(tmp_path)), ALPHABET, 4)
    letters = {letter for sentence in sentences() for letter in sentence if "가" <= letter <= "힣"}
    for line in (sampler.korean() for _ in range(200)):
        assert {letter for letter in line if "가" <= letter <= "힣"} <= letters


def test_held_out_texts_are_not_trained_on(tmp_path: Path) -> None:
    folder = write_corpora(tmp_path)
    trained, held_out = load_corpus(folder), load_corpus(folder, held_out=True)
    assert held_out.reviews
    assert not set(trained.reviews) & set(held_out.reviews)
    assert not set(trained.english) & set(held_out.english)


def test_a_folder_without_korean_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no Korean text"):
        load_corpus(tmp_path)
