"""Trains the tone classifier, from the texts to the file that ships, and says how good it is.

    python -m processors.ai.builtin.training --data FOLDER [--ship FOLDER]

FOLDER holds nsmc-reviews.tsv.xz (`rating<TAB>text`) and songys-chatbot.csv.xz (`Q,A,label`). Needs
`pip install -e .[train]`; takes two to three minutes on two cores.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from processors.ai.builtin import tone
from processors.ai.builtin.kiwi import morphemes
from processors.ai.builtin.training.corpus import HAND_CALIBRATION, HAND_TEST, Labelled, by_words, chats, reviews

POLAR = {1: 0, 2: 0, 3: 0, 9: 2, 10: 2}
"""Ratings that tell a tone; those between are mixed, not neutral."""
DULL = (5, 6, 7)
"""Ratings among which a review without words of feeling, of which the first classifier is unsure, counts as neutral."""
EACH = 24_000
"""Reviews of one polarity that are learnt from."""
HELD_OUT = 4_000
CHAT_WEIGHT = 3.0
"""Of a chat line against a review: chats are what is judged."""
HAND_WEIGHT = 12.0
"""Of a chat line labelled by hand: what the rules get wrong."""
UNSURE = (0.25, 0.75)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m processors.ai.builtin.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ship", type=Path, default=Path(__file__).parent.parent / "weights")
    options = parser.parse_args()
    rated = reviews(options.data)
    polar = {label: [text for rating, text in rated if POLAR.get(rating) == label] for label in (0, 2)}
    learn = [Labelled(text, label) for label, texts in polar.items() for text in texts[:EACH]]
    test = [Labelled(text, label) for label, texts in polar.items() for text in texts[EACH : EACH + HELD_OUT // 2]]
    first = fit(matrix([item.text for item in learn]), [item.label for item in learn], None)

    lines, by_hand = chats(options.data)
    judged, calibrating, learnt = (
        by_hand[:HAND_TEST],
        by_hand[HAND_TEST : HAND_TEST + HAND_CALIBRATION],
        by_hand[HAND_TEST + HAND_CALIBRATION :],
    )
    known = [(line, label) for line in lines if (label := by_words(line)) is not None]
    sure = first.predict_proba(matrix([line for line, _ in known]))[:, 1]
    chat = [
        Labelled(line, label)
        for (line, label), p in zip(known, sure, strict=True)
        if label != 1 or UNSURE[0] < p < UNSURE[1]
    ]
    dull = [text for rating, text in rated if rating in DULL and by_words(text) == 1][:20_000]
    unsure = [
        Labelled(text, 1)
        for text, p in zip(dull, first.predict_proba(matrix(dull))[:, 1], strict=True)
        if UNSURE[0] < p < UNSURE[1]
    ]
    held, chat = chat[: len(chat) // 10], chat[len(chat) // 10 :]
    print(f"reviews {len(learn)}, neutral reviews {len(unsure)}, chat lines {np.bincount([c.label for c in chat])}")

    everything = [*learn, *unsure, *chat, *learnt]
    weights = np.repeat([1.0, CHAT_WEIGHT, HAND_WEIGHT], [len(learn) + len(unsure), len(chat), len(learnt)])
    model = fit(matrix([item.text for item in everything]), [item.label for item in everything], weights)
    shipped = quantised(model)
    shipped = calibrated(shipped, calibrating)
    options.ship.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.ship / tone.MODEL, **shipped._asdict())
    print(f"{options.ship / tone.MODEL}: {(options.ship / tone.MODEL).stat().st_size / 1e6:.2f} MB")
    report("reviews held out (positive against negative)", shipped, test, polar_only=True)
    report("chat lines held out, labelled by the rules", shipped, held)
    report("chat lines labelled by hand", shipped, judged)


def matrix(texts: Sequence[str]) -> csr_matrix:
    """Features as rows of unit length, texts × BUCKETS."""
    rows = [tone.features(text, found) for text, found in zip(texts, morphemes(texts), strict=True)]
    ends = np.cumsum([0, *map(len, rows)])
    data = np.concatenate([np.full(len(row), 1 / np.sqrt(max(1, len(row))), dtype=np.float32) for row in rows])
    return csr_matrix((data, np.concatenate([np.asarray(r, np.int32) for r in rows]), ends), (len(rows), tone.BUCKETS))


def fit(rows: csr_matrix, labels: Sequence[int], weights: NDArray[np.float64] | None) -> LogisticRegression:
    return LogisticRegression(C=4.0, max_iter=60, tol=1e-3).fit(rows, np.asarray(labels), weights)


def quantised(model: LogisticRegression) -> tone.ToneModel:
    """The weights in 8 bits, one scale a class."""
    exact = np.asarray(model.coef_, dtype=np.float32)
    scales = np.abs(exact).max(axis=1) / 127
    return tone.ToneModel(
        np.rint(exact / scales[:, None]).astype(np.int8), scales, np.asarray(model.intercept_, dtype=np.float32), 1.0
    )


def predicted(model: tone.ToneModel, items: Sequence[Labelled]) -> NDArray[np.float32]:
    found = morphemes(item.text for item in items)
    return np.array([tone.probabilities(i.text, f, model) for i, f in zip(items, found, strict=True)])


def calibrated(model: tone.ToneModel, items: Sequence[Labelled]) -> tone.ToneModel:
    """The model with the temperature and the bias towards neutral that have the least log loss on lines that were not
    learnt from: most reviews are praise or complaint, most chat lines neither."""
    labels = np.array([item.label for item in items])
    logits = np.log(predicted(model, items) + 1e-9)

    def loss(setting: tuple[float, float]) -> float:
        heat, towards_neutral = setting
        grown = np.exp((logits + np.array([0, towards_neutral, 0])) / heat)
        return float(-np.log(grown[np.arange(len(labels)), labels] / grown.sum(axis=1)).mean())

    settings = [(float(t), float(b)) for t in np.arange(0.5, 4.01, 0.1) for b in np.arange(-1, 3.01, 0.1)]
    heat, towards_neutral = min(settings, key=loss)
    bias = model.bias + np.array([0, towards_neutral, 0], dtype=np.float32)
    return model._replace(bias=bias, temperature=heat)


def report(name: str, model: tone.ToneModel, items: Sequence[Labelled], polar_only: bool = False) -> None:
    found = predicted(model, items)
    labels = np.array([item.label for item in items])
    if polar_only:
        found[:, 1] = 0
    best = found.argmax(axis=1)
    confusion = np.zeros((3, 3), dtype=int)
    np.add.at(confusion, (labels, best), 1)
    print(f"{name}: {len(items)} lines, accuracy {(best == labels).mean():.3f}")
    print(f"  said negative, neutral, positive of each: {confusion.tolist()}")


if __name__ == "__main__":
    main()
