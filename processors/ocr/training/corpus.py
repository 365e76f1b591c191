"""The texts that lines are cut from: corpora by path, and what installed packages carry. Nothing of them is committed.

`../shared/data` has the Korean ones; a corpus that is not there is left out, and its share goes to the others.
"""

import csv
import importlib.util
import inspect
import io
import lzma
import pkgutil
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

REVIEWS = "nsmc-reviews.tsv.xz"
"""Lines of rating, tab, text (e9t/nsmc)."""
DIALOGUES = "songys-chatbot.csv.xz"
"""Columns Q, A, label (songys/Chatbot_data)."""
WORD_LIST = Path("/usr/share/dict/words")
"""Debian's wamerican."""
FOREIGN_PACKAGE = "chatterbot_corpus"
"""Conversations in many languages, as YAML (BSD-3)."""
FOREIGN = ("french", "german", "italian", "japanese", "portuguese", "spanish", "swedish", "turkish")
HELD_OUT_SHARE = 0.04
"""Texts that are only measured with."""
MOST_SYLLABLES, MOST_TOKENS = 2350, 120_000


class Corpus(NamedTuple):
    """Texts of one split. `syllables` are those of the Korean texts, the most frequent first; `tokens` their words."""

    reviews: tuple[str, ...]
    dialogues: tuple[str, ...]
    english: tuple[str, ...]
    words: tuple[str, ...]
    latin: tuple[str, ...]
    japanese: tuple[str, ...]
    syllables: tuple[str, ...]
    tokens: tuple[str, ...]


def load_corpus(folder: Path, *, held_out: bool = False) -> Corpus:
    """The texts in `folder` and in installed packages.

    Raises FileNotFoundError where `folder` has no Korean text: nothing of use could be trained.
    """
    reviews = [line.partition("\t")[2].strip() for line in _lines(folder / REVIEWS)]
    rows = csv.reader(io.StringIO("\n".join(_lines(folder / DIALOGUES))))
    dialogues = [text for row in rows if len(row) >= 2 and row[0] != "Q" for text in row[:2]]
    if not reviews and not dialogues:
        raise FileNotFoundError(f"no Korean text in {folder}: {REVIEWS} or {DIALOGUES} is expected there")
    foreign = dict(conversations(("english", *FOREIGN)))
    korean = [_part(texts, held_out) for texts in (reviews, dialogues)]
    counts = Counter(letter for texts in korean for text in texts[:60_000] for letter in text if "가" <= letter <= "힣")
    tokens = [token for texts in korean for text in texts[:30_000] for token in text.split()]
    return Corpus(
        reviews=korean[0],
        dialogues=korean[1],
        english=_part([*_docstrings(), *foreign.pop("english", ())], held_out),
        words=_part([word for word in _lines(WORD_LIST) if word.isascii() and not word.endswith("'s")], held_out),
        japanese=_part(list(foreign.pop("japanese", ())), held_out),
        latin=_part([text for texts in foreign.values() for text in texts], held_out),
        syllables=tuple(syllable for syllable, _ in counts.most_common(MOST_SYLLABLES)),
        tokens=tuple(tokens[:MOST_TOKENS]),
    )


def _part(texts: list[str], held_out: bool) -> tuple[str, ...]:
    """The texts of one split: which one a text belongs to depends on its place alone."""
    shuffled = sorted({text for text in texts if text})
    random.Random(5).shuffle(shuffled)
    border = int(len(shuffled) * HELD_OUT_SHARE)
    return tuple(shuffled[:border] if held_out else shuffled[border:])


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if isinstance(line, str)]


def _docstrings() -> Iterator[str]:
    """Sentences of Python's own documentation: English with names, numbers and brackets."""
    for module in sorted(pkgutil.iter_modules(), key=lambda module: module.name):
        spec = importlib.util.find_spec(module.name) if _of_the_library(module) else None
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            continue
        source = Path(spec.origin).read_text(encoding="utf-8", errors="replace")
        for found in re.finditer(r'"""(.*?)"""', source, re.DOTALL):
            text = " ".join(inspect.cleandoc(found[1]).split())
            if text.isascii() and len(text) > 20:
                yield text[:400]


def _of_the_library(module: pkgutil.ModuleInfo) -> bool:
    finder = getattr(module.module_finder, "path", "")
    return Path(str(finder)) == Path(inspect.__file__).parent and not module.name.startswith("_")


def conversations(languages: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The texts of chatterbot-corpus by language, nothing where it is not installed: entries of the YAML lists, which
    are plain enough to be read line by line."""
    found = importlib.util.find_spec(FOREIGN_PACKAGE)
    if found is None or not found.submodule_search_locations:
        return
    data = Path(next(iter(found.submodule_search_locations))) / "data"
    for language in languages:
        texts = []
        for path in sorted((data / language).glob("*.yml")):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                entry = re.match(r"\s*-\s+(?:-\s+)?(.+)", line)
                if entry:
                    texts.append(entry[1].strip().strip("'\""))
        yield language, texts
