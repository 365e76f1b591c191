"""Names out, placeholders in, and back again, within one call.

A person is 〈이름1〉; where the conversation knows further forms of the same name they are 〈이름1B〉, 〈이름1C〉 …,
so that each comes back as it was written. Models drop brackets, add spaces or choose other ones: all of that is
understood. The particle after a name is made to fit it again, since to the model the name had no sound.
"""

import re
from collections.abc import Sequence
from typing import Final

from processors.ai.masking import particles
from processors.ai.masking.names import COMPOUND_SURNAMES, EVERYDAY, MARK, Person, given_name, normal

_STEMS: Final = ("이름", "인물", "지인", "성함")
_OPEN, _CLOSE = "〈<《«‹【\\[({⟨＜", "〉>》»›】\\])}⟩＞"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HANGUL: Final = "가-힣"


class Masker:
    """`texts` are all that will be masked: what they hold decides which word placeholders can be made of."""

    def __init__(self, people: Sequence[Person], texts: Sequence[str]) -> None:
        used = "\n".join(texts)
        self._stem = next((stem for stem in _STEMS if not re.search(rf"{stem}\s?\d", used)), "가린이름")
        self._placeholders: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for number, forms in enumerate(people, 1):
            for place, form in enumerate(forms[: len(_LETTERS)]):
                label = f"{number}{_LETTERS[place] if place else ''}"
                self._names[label] = form
                self._placeholders[form.casefold()] = f"〈{self._stem}{label}〉"
        every = [form for person in people for form in person]
        self._in_text = _finding(every, marked=True)
        self._in_name = _finding(every, marked=False)
        opened, stem = rf"(?:[{_OPEN}]\s?)", self._stem
        self._found = re.compile(rf"{opened}?{stem}\s?(\d{{1,4}})([A-Z]?)(?:\s?[{_CLOSE}])?")
        beginnings = "|".join(stem[:length] for length in range(1, len(stem)))
        # The end of a text that may grow into a placeholder.
        self._growing = re.compile(rf"{opened}?(?:{beginnings}|{stem}\s?)$|{opened}$")

    def mask(self, text: str) -> str:
        """The text without the names."""
        return self._masked(self._in_text, text)

    def mask_name(self, name: str) -> str:
        """The same of a text that is the name of somebody: what is a word elsewhere is a name here."""
        return self._masked(self._in_name, name)

    def restore(self, text: str) -> str:
        """The text with the names again."""
        restored, rest = self._split(text, whole=True)
        return restored + rest

    def _masked(self, finding: re.Pattern[str] | None, text: str) -> str:
        text = normal(text)
        if finding is None:
            return text
        return finding.sub(lambda match: self._placeholders[_key(match[0])], text)

    def restoring(self) -> "Restoring":
        """For a text that comes in pieces."""
        return Restoring(self)

    def _split(self, text: str, *, whole: bool) -> tuple[str, str]:
        """What is certain of `text` by now, restored, and the rest, which later text may change."""
        done: list[str] = []
        place = 0
        for match in self._found.finditer(text):
            name = self._names.get(match[1] + match[2]) or self._names.get(match[1])
            if name is None:
                continue
            if not whole and self._open_ended(text, match.end()):
                return "".join(done) + text[place : match.start()], text[match.start() :]
            particle, length = particles.fitted(name, text[match.end() :])
            done += [text[place : match.start()], name, particle]
            place = match.end() + length
        growing = None if whole else self._growing.search(text, place)
        end = len(text) if growing is None else growing.start()
        return "".join(done) + text[place:end], text[end:]

    @staticmethod
    def _open_ended(text: str, end: int) -> bool:
        """Whether what comes could still belong to the placeholder that ends here, or to its particle."""
        following = text[end : end + particles.LONGEST + 1]
        if len(following) > particles.LONGEST:
            return False
        return re.fullmatch(rf"\s?|(?:[{_HANGUL}]|\()[{_HANGUL}()]*", following) is not None


class Restoring:
    """Restores a text that comes in pieces; what may be the beginning of a placeholder is held until it is clear."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held = ""

    def feed(self, piece: str) -> str:
        """What is certain by now, which may be nothing."""
        certain, self._held = self._masker._split(self._held + piece, whole=False)
        return certain

    def end(self) -> str:
        """The rest."""
        rest, self._held = self._held, ""
        return self._masker.restore(rest)


def _finding(forms: Sequence[str], *, marked: bool) -> re.Pattern[str] | None:
    """Finds the names. The longest first, so that 박지영 is not taken for 지영."""
    if not forms:
        return None
    patterns = [_pattern(form, marked=marked) for form in sorted(forms, key=len, reverse=True)]
    return re.compile("|".join(patterns), re.IGNORECASE)


def _pattern(form: str, *, marked: bool) -> str:
    escaped = re.escape(form)
    if form.isascii():
        return rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"
    if len(form) == 1 or form in EVERYDAY:
        # One syllable is part of countless words.
        return rf"(?<![{_HANGUL}]){escaped}{MARK}" if marked else escaped
    if given_name(form) is not None:
        surname = 2 if form[:2] in COMPOUND_SURNAMES and len(form) > 3 else 1
        return rf"{form[:surname]}\s?{form[surname:]}"
    return escaped


def _key(found: str) -> str:
    return found.casefold() if found.isascii() else re.sub(r"\s", "", found).casefold()
