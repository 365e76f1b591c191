"""Draws texts of one line as chats show them: cut from corpora, filled into templates, and strings that no corpus has,
so that every class is seen."""

import math
import random
import re
from collections.abc import Callable

from processors.ocr.engines.charset import FIRST_SYLLABLE
from processors.ocr.training import templates
from processors.ocr.training.alphabet import SYLLABLES, Alphabet
from processors.ocr.training.corpus import Corpus
from processors.ocr.training.lettering import split_emoji

LONGEST = 36
"""Characters of a line at most: a phone shows about 20 syllables, a PC window more."""
EMOJI_LIKED = (
    "😂🤣😭🥹🥰😅😊🙏👍🔥✨🎉💕👏😍😘🤔😢😆😁😎🫶🫠💜💙💚💛🧡🤍👌🙌💪😋😴🤗🥺😤😡😱🤮"
    "🎂🎁🌸🌹☕🍀🌙⭐✅❌❗❓📌📢👉👇🏃🚗✈️❤️☺️☀️"
)
"""Drawn where a line has an emoji; which one it is, is read by another network."""


class TextSampler:
    """Texts for lines, the same for the same seed."""

    def __init__(self, corpus: Corpus, alphabet: Alphabet, seed: int) -> None:
        self.corpus = corpus
        self.alphabet = alphabet
        self.random = random.Random(seed)
        others = alphabet.charset.others
        self._symbols = [c for c in others if not c.isalnum() and not c.isspace() and not c.isascii()]
        self._rare = [c for c in others if not c.isascii() and not "\u3131" <= c <= "\u3163"]
        self._kana = [c for c in others if "\u3041" <= c <= "\u30fc"]
        self._accented = [c for c in others if "\u00c0" <= c <= "\u021b" and c.isalpha()]
        self._emoji = [cluster for cluster, _ in split_emoji(EMOJI_LIKED)]
        kinds: tuple[tuple[float, Callable[[], str], bool], ...] = (
            (32.5, self._review, bool(corpus.reviews)),
            (12.0, self._dialogue, bool(corpus.dialogues)),
            (14.0, self._template, True),
            (2.0, self._tags, True),
            (9.0, self._english, bool(corpus.english)),
            (3.0, self._words, bool(corpus.words)),
            (3.0, self._mixed, bool(corpus.words)),
            (4.5, self._frequent_syllables, True),
            (5.0, self._any_syllables, True),
            (2.5, self._ascii, True),
            (3.0, self._figures, True),
            (1.5, self._jamo, True),
            (4.0, self._symbols_and_emoji, True),
            (1.5, self._japanese, bool(corpus.japanese)),
            (0.8, self._kana_string, True),
            (1.5, self._latin, bool(corpus.latin)),
            (0.7, self._accented_string, True),
        )
        self._kinds = [kind for _, kind, there in kinds if there]
        self._weights = [weight for weight, _, there in kinds if there]

    def line(self) -> str:
        """One line, cleaned, of 1 to LONGEST characters."""
        while True:
            (kind,) = self.random.choices(self._kinds, self._weights)
            text = self.alphabet.cleaned(kind())[:LONGEST].strip()
            if text:
                return text

    def korean(self) -> str:
        """A line of natural Korean: what the figure "natural Korean" is measured on."""
        while True:
            text = self.alphabet.cleaned(self.random.choice((self._review, self._dialogue))())[:LONGEST].strip()
            if text:
                return text

    # ── from corpora ───────────────────────────────────────────────────────────────────────────────────────────────

    def _review(self) -> str:
        return self._cut(self._dressed(self.random.choice(self.corpus.reviews), 0.5))

    def _dialogue(self) -> str:
        return self._cut(self._dressed(self.random.choice(self.corpus.dialogues), 0.6))

    def _english(self) -> str:
        pool = templates.ENGLISH if self.random.random() < 0.4 else self.corpus.english
        return self._cut(self._dressed(self.random.choice(pool), 0.2), 35)

    def _japanese(self) -> str:
        return self._cut(self.random.choice(self.corpus.japanese))

    def _latin(self) -> str:
        return self._cut(self.random.choice(self.corpus.latin), 35)

    def _words(self) -> str:
        return " ".join(self._word() for _ in range(self.random.randint(1, 4)))

    def _mixed(self) -> str:
        particles = ("은", "는", "를", "에서", "으로", "의", "이", "도", "랑", "")
        return " ".join(
            self.random.choice(
                (self._token(), self._word() + self.random.choice(particles), str(self.random.randint(0, 9999)))
            )
            for _ in range(self.random.randint(1, 4))
        )

    def _tags(self) -> str:
        return " ".join(self.random.choice(templates.TAGS) for _ in range(self.random.randint(1, 3)))

    def _template(self) -> str:
        filled = re.sub(r"\{(\w+)\}", lambda slot: self._slot(slot[1]), self.random.choice(templates.KOREAN))
        return self._cut(self._dressed(filled, 0.4), 30)

    # ── strings that no corpus has ─────────────────────────────────────────────────────────────────────────────────

    def _frequent_syllables(self) -> str:
        return self._string(self.corpus.syllables, " ,.!?", 14, 0.85)

    def _any_syllables(self) -> str:
        length = self.random.randint(1, 11)
        return "".join(
            chr(FIRST_SYLLABLE + self.random.randrange(SYLLABLES))
            if self.random.random() < 0.8
            else self.random.choice(self.corpus.syllables)
            for _ in range(length)
        )

    def _ascii(self) -> str:
        return "".join(chr(self.random.randint(0x20, 0x7E)) for _ in range(self.random.randint(1, 14)))

    def _jamo(self) -> str:
        if self.random.random() < 0.5:
            return self.random.choice("ㅋㅎㅠㅜㅇㄷㄱㅡㄴㅅ") * self.random.randint(1, 16)
        return "".join(
            chr(self.random.randint(0x3131, 0x314E if self.random.random() < 0.7 else 0x3163))
            for _ in range(self.random.randint(1, 6))
        )

    def _symbols_and_emoji(self) -> str:
        pools = (self._symbols, self._rare, self._emoji, self.corpus.syllables, "0123456789 :-~")
        return "".join(
            self.random.choice(self.random.choices(pools, (4, 3, 2, 2, 1))[0]) for _ in range(self.random.randint(1, 9))
        )

    def _kana_string(self) -> str:
        return self._string(self._kana, "、。！？ー", 12, 0.9)

    def _accented_string(self) -> str:
        return self._string(self._accented, "abcdeilmnorstu '-", 12, 0.5)

    def _string(self, pool: list[str] | tuple[str, ...], others: str, longest: int, share: float) -> str:
        return "".join(
            self.random.choice(pool if self.random.random() < share else others)
            for _ in range(self.random.randint(1, longest))
        )

    # ── figures and names ──────────────────────────────────────────────────────────────────────────────────────────

    def _figures(self) -> str:
        kinds = ("time", "date", "url", "phone", "price", "number", "mail", "pair", "item")
        return self._slot(self.random.choice(kinds))

    def _slot(self, name: str) -> str:
        fill: dict[str, Callable[[], str]] = {
            "name": lambda: self._name() if self.random.random() < 0.5 else self._token()[:8],
            "time": self._time,
            "date": self._date,
            "url": self._url,
            "mail": lambda: f"{self._identifier()}@{self._word().lower()}.{self.random.choice(templates.DOMAINS)}",
            "phone": self._phone,
            "price": self._price,
            "number": self._number,
            "pair": self._pair,
            "item": self._item,
            "small": lambda: str(self.random.randint(0, self.random.choice((9, 30, 100, 3000)))),
            "decimal": lambda: f"{self.random.uniform(-20, 120):.{self.random.randint(0, 2)}f}",
            "tag": lambda: self.random.choice(templates.TAGS) if self.random.random() < 0.6 else self._token(),
            "id": self._identifier,
            "day": lambda: self.random.choice("월화수목금토일"),
            "command": lambda: self.random.choice(templates.COMMANDS),
            "ring": lambda: self.random.choice("①②③④⑤⑥⑦⑧⑨⑩⑪⑫❶❷❸❹❺"),
            "mark": lambda: self.random.choice(templates.BULLETS),
        }
        return fill[name]()

    def _name(self) -> str:
        given = "".join(self.random.choice(templates.GIVEN_NAMES) for _ in range(2))
        return self.random.choice(templates.SURNAMES) + given[: self.random.choice((1, 2, 2, 2, 2))]

    def _token(self) -> str:
        return self.random.choice(self.corpus.tokens)

    def _word(self) -> str:
        word = self.random.choice(self.corpus.words or ("hello",))
        return self.random.choice((word.lower(), word.lower(), word.capitalize(), word.upper()))

    def _identifier(self) -> str:
        if self.random.random() < 0.4:
            return f"{self._word().lower()}{self.random.randint(0, 99)}"
        return "".join(self.random.choice(templates.IDENTIFIER) for _ in range(self.random.randint(2, 10)))

    def _url(self) -> str:
        address = self.random.choice(("https://", "http://", "https://www.", "www.", ""))
        address += f"{self._identifier()}.{self.random.choice(templates.DOMAINS)}"
        for _ in range(self.random.randint(0, 3)):
            letters = [self.random.choice(templates.PATH) for _ in range(self.random.randint(3, 11))]
            address += "/" + ("".join(letters) if self.random.random() < 0.6 else self._identifier())
        return (
            address if self.random.random() < 0.7 else f"{address}?{self._identifier()}={self.random.randint(0, 9999)}"
        )

    def _time(self) -> str:
        hour, minute = self.random.randint(1, 12), self.random.randint(0, 59)
        return self.random.choice(
            (
                f"오전 {hour}:{minute:02d}",
                f"오후 {hour}:{minute:02d}",
                f"{hour}:{minute:02d} {self.random.choice(('AM', 'PM', 'am', 'pm'))}",
                f"{self.random.randint(0, 23):02d}:{minute:02d}",
                f"{hour}시 {minute}분",
                f"{hour}시",
            )
        )

    def _date(self) -> str:
        year, month, day = self.random.randint(1998, 2030), self.random.randint(1, 12), self.random.randint(1, 31)
        weekday = self._slot("day")
        return self.random.choice(
            (
                f"{year}년 {month}월 {day}일",
                f"{year}년 {month}월 {day}일 {weekday}요일",
                f"{year}.{month:02d}.{day:02d}",
                f"{year}-{month:02d}-{day:02d}",
                f"{month}/{day}",
                f"{month}월 {day}일 ({weekday})",
                f"{year}/{month:02d}/{day:02d}",
                f"{year}. {month}. {day}.",
                f"{month:02d}.{day:02d}({weekday})",
            )
        )

    def _phone(self) -> str:
        first, last = self.random.randint(1000, 9999), self.random.randint(1000, 9999)
        return self.random.choice(
            (f"010-{first}-{last}", f"02-{first // 10}-{last}", f"1588-{last}", f"+82 10 {first} {last}")
        )

    def _price(self) -> str:
        amount = self.random.choice(
            (self.random.randint(1, 99) * 100, self.random.randint(1, 999) * 1000, self.random.randint(1, 9_999_999))
        )
        return self.random.choice(("{:,}원", "{:,} 원", "₩{:,}", "{:,}", "${:,}", "{:,}만원", "€{:,}")).format(amount)

    def _number(self) -> str:
        if self.random.random() < 0.5:
            return str(self.random.randint(0, 10 ** self.random.randint(1, 12)))
        return f"{self.random.randint(0, 10**8):,}"

    def _pair(self) -> str:
        """Two numbers around a sign, with blanks or without: which of them is shown, no prior tells."""
        mark, blank = self.random.choice(":::/-~+=<>×"), self.random.choice(("", " ", " "))
        most = self.random.choice((12, 60, 60, 3000))
        return f"{self.random.randint(0, most):02d}{blank}{mark}{blank}{self.random.randint(0, most):02d}"

    def _item(self) -> str:
        """A numbered item, or letters beside the figures that look like them: "1.IT", "l1", "O0"."""
        if self.random.random() < 0.4:
            return "".join(self.random.choice("Il1|iO0oIl1 ") for _ in range(self.random.randint(2, 7)))
        mark = self.random.choice((".", ". ", ")", ") ", "-", ":", ": "))
        what = self.random.choice((self._word(), self._word().upper(), self._token(), "I", "IT", "Il"))
        return f"{self.random.randint(1, 20)}{mark}{what}"

    # ── how a text is shown ────────────────────────────────────────────────────────────────────────────────────────

    def _cut(self, text: str, longest: int = 25) -> str:
        """A piece of a text as a line shows it: from a word's start as a rule, since Korean wraps inside words too."""
        length = min(longest, max(1, int(self.random.lognormvariate(2.6, 0.55))))
        if len(text) <= length:
            return text
        starts = [0, *(index + 1 for index, letter in enumerate(text) if letter == " ")]
        start = self.random.choice(starts) if self.random.random() < 0.8 else self.random.randrange(len(text))
        piece = text[start : start + length]
        if " " in piece[3:] and self.random.random() < 0.6:
            piece = piece[: piece.rindex(" ")]
        return piece

    def _dressed(self, text: str, share: float) -> str:
        """The text with what people add: laughter, marks, emoji, bullets, brackets."""
        if self.random.random() >= share:
            return text
        kind = self.random.random()
        if kind < 0.35:
            return text + self.random.choice("ㅋㅋㅎㅠㅜ") * math.ceil(self.random.expovariate(0.3))
        if kind < 0.55:
            return text + self.random.choice(templates.ENDINGS)
        if kind < 0.72:
            run = self.random.choice(self._emoji) * self.random.choice((1, 1, 1, 2, 3))
            return self.random.choice((text + run, f"{text} {run}", run + text, f"{run} {text}"))
        if kind < 0.86:
            return self.random.choice(templates.BULLETS) + self.random.choice(("", " ", " ")) + text
        opening, closing = self.random.choice(templates.BRACKETS)
        return opening + text[: self.random.randint(1, 14)] + closing + self.random.choice(("", " " + text[14:]))
