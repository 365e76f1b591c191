"""Sentences with blanks: `{t}` is the topic, `{t|을}` the topic with its particle, `{f}` what the other feels; a part
in brackets is left out where its blank has nothing to fill it."""

import re
from typing import NamedTuple

from processors.ai.builtin.korean import with_particle

_BLANK = re.compile(r"\{(?P<name>[tf])(?:\|(?P<particle>[가-힣]+))?\}")
_OPTIONAL = re.compile(r"\[([^\]]*)\]")


class Phrase(NamedTuple):
    """The same in 반말 and in 존댓말."""

    casual: str
    polite: str

    def say(self, polite: bool, topic: str | None = None, feeling: str | None = None) -> str:
        filled = {"t": topic, "f": feeling}

        def part(match: re.Match[str]) -> str:
            needed = [blank["name"] for blank in _BLANK.finditer(match[1])]
            return match[1] if all(filled[name] for name in needed) else ""

        def word(match: re.Match[str]) -> str:
            value = filled[match["name"]] or ""
            return with_particle(value, match["particle"]) if match["particle"] and value else value

        sentence = _BLANK.sub(word, _OPTIONAL.sub(part, self.polite if polite else self.casual))
        return re.sub(r"\s+", " ", sentence).strip()
