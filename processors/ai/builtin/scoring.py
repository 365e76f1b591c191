"""Signals of a message and what each is worth: the score starts at BASE and the table is added up.

A score of BASE is a message that neither helps nor harms. Impact starts at 0 and is rounded to halves.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

BASE = 70.0
LOWEST, HIGHEST = 0.0, 98.0
IMPACT = 3.0


class Signal(StrEnum):
    EMPATHY = "empathy"
    SOFT_REFUSAL = "soft refusal"
    APOLOGY = "apology"
    THANKS = "thanks"
    AFFECTION = "affection"
    ENCOURAGEMENT = "encouragement"
    CONGRATULATION = "congratulation"
    PRAISE = "praise"
    CARE = "care"
    MODESTY = "modesty"
    ANSWER = "answer"
    PROMISE = "promise"
    INTEREST = "interest"
    PROPOSAL = "proposal"
    POLITE_REQUEST = "polite request"
    AGREEMENT = "agreement"
    GREETING = "greeting"
    GOOD_LEVEL = "good level"
    SHARING = "sharing"
    WARM_TONE = "warm tone"
    COLD_TONE = "cold tone"
    QUICK = "quick"
    PROFANITY = "profanity"
    INSULT = "insult"
    SARCASM = "sarcasm"
    BLAME = "blame"
    COMPLAINT = "complaint"
    DISMISSAL = "dismissal"
    COMMAND = "command"
    BARE_REFUSAL = "bare refusal"
    UNANSWERED = "unanswered"
    BRIEF = "brief"
    BRIEF_TO_FEELING = "brief to feeling"
    UNFEELING = "unfeeling"
    TERSE = "terse"
    LAUGHED_AT_PAIN = "laughed at pain"
    CASUAL_TO_RANK = "casual to rank"
    CASUAL = "casual"
    MIXED = "mixed"
    SUDDENLY_POLITE = "suddenly polite"
    SUDDENLY_CASUAL = "suddenly casual"
    URGING = "urging"
    CROWDING = "crowding"
    LATE = "late"
    VERY_LATE = "very late"


class Worth(NamedTuple):
    score: float
    impact: float


TABLE: dict[Signal, Worth] = {
    Signal.EMPATHY: Worth(16, 1.5),
    Signal.SOFT_REFUSAL: Worth(6, 0.5),
    Signal.APOLOGY: Worth(10, 1.0),
    Signal.THANKS: Worth(13, 1.5),
    Signal.AFFECTION: Worth(14, 1.5),
    Signal.ENCOURAGEMENT: Worth(14, 1.5),
    Signal.CONGRATULATION: Worth(16, 1.5),
    Signal.PRAISE: Worth(13, 1.5),
    Signal.CARE: Worth(9, 1.0),
    Signal.MODESTY: Worth(8, 1.0),
    Signal.ANSWER: Worth(4, 0.0),
    Signal.PROMISE: Worth(7, 0.5),
    Signal.INTEREST: Worth(8, 1.0),
    Signal.PROPOSAL: Worth(8, 0.5),
    Signal.POLITE_REQUEST: Worth(3, 0.0),
    Signal.AGREEMENT: Worth(6, 0.5),
    Signal.GREETING: Worth(4, 0.5),
    Signal.GOOD_LEVEL: Worth(3, 0.0),
    Signal.SHARING: Worth(4, 0.5),
    Signal.WARM_TONE: Worth(5, 0.5),
    Signal.COLD_TONE: Worth(-5, -0.5),
    Signal.QUICK: Worth(2, 0.0),
    Signal.PROFANITY: Worth(-40, -2.0),
    Signal.INSULT: Worth(-38, -2.0),
    Signal.SARCASM: Worth(-28, -1.5),
    Signal.BLAME: Worth(-31, -1.5),
    Signal.COMPLAINT: Worth(-22, -1.0),
    Signal.DISMISSAL: Worth(-30, -1.5),
    Signal.COMMAND: Worth(-18, -1.0),
    Signal.BARE_REFUSAL: Worth(-20, -1.0),
    Signal.UNANSWERED: Worth(-16, -0.5),
    Signal.BRIEF: Worth(-12, -0.5),
    Signal.BRIEF_TO_FEELING: Worth(-30, -1.5),
    Signal.UNFEELING: Worth(-8, -0.5),
    Signal.TERSE: Worth(-9, 0.0),
    Signal.LAUGHED_AT_PAIN: Worth(-12, -1.0),
    Signal.CASUAL_TO_RANK: Worth(-31, -1.5),
    Signal.CASUAL: Worth(-20, -1.0),
    Signal.MIXED: Worth(-15, -0.5),
    Signal.SUDDENLY_POLITE: Worth(-5, -0.5),
    Signal.SUDDENLY_CASUAL: Worth(-8, -0.5),
    Signal.URGING: Worth(-12, -0.5),
    Signal.CROWDING: Worth(-8, -0.5),
    Signal.LATE: Worth(-5, -0.5),
    Signal.VERY_LATE: Worth(-10, -1.0),
}
_CROWD = 0.5
"""Each further good signal counts this much of the one before: thanking in five ways is not five times as good."""


def total(signals: Iterable[Signal]) -> Worth:
    """Score 0–98 and impact −3…3 of a message with these signals. Good ones pale beside each other, the greatest
    first; bad ones add up."""
    worths = [TABLE[signal] for signal in signals]
    good = sorted((w for w in worths if w.score > 0), reverse=True)
    bad = [w for w in worths if w.score < 0]
    score = BASE + sum(w.score * _CROWD**place for place, w in enumerate(good)) + sum(w.score for w in bad)
    impact = sum(w.impact * _CROWD**place for place, w in enumerate(good)) + sum(w.impact for w in bad)
    if any(w.score <= -15 for w in bad):
        impact = min(impact, -0.5)
    return Worth(round(min(HIGHEST, max(LOWEST, score)), 1), round(2 * min(IMPACT, max(-IMPACT, impact))) / 2 + 0.0)
