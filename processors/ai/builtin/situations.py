"""What a message calls for, by its acts and its question: the kind of reply that fits."""

import re
from enum import StrEnum

from processors.ai.builtin.act_words import Act
from processors.ai.builtin.questions import Question
from processors.ai.builtin.utterances import Utterance


class Situation(StrEnum):
    HOSTILE = "hostile"
    BLAME = "blame"
    APOLOGY = "apology"
    DISTRESS = "distress"
    BUSY = "busy"
    DELAY = "delay"
    ARRANGING = "arranging"
    JOY = "joy"
    AFFECTION = "affection"
    THANKS = "thanks"
    PROPOSAL = "proposal"
    REQUEST = "request"
    REFUSAL = "refusal"
    GREETING = "greeting"
    FAREWELL = "farewell"
    WELL_BEING = "well-being"
    OPINION = "opinion"
    FACT = "fact"
    YES_NO = "yes or no"
    PROMISE = "promise"
    BRIEF = "brief"
    STATEMENT = "statement"


_BUSY = re.compile(r"바빠|바쁘|바쁜|정신 ?없|일이 (?:너무 |좀 )?많")
_PARTING = re.compile(r"헤어지자(?!고)|헤어졌으면|그만 ?만나|이혼하자(?!고)")
"""Neither a proposal nor a sorrow to be consoled by the one who is left."""
_LATE = re.compile(r"늦(?:을|어|겠|는)|차가? (?:너무 )?막혀")
_FACTS = (Question.WHEN, Question.WHERE, Question.WHO, Question.WHAT, Question.WHY, Question.AMOUNT, Question.CHOICE)


def situation(said: Utterance) -> Situation:
    """The weightiest thing that a message does; a feeling comes before a question, a quarrel before all."""
    acts = said.acts
    if acts.keys() & {Act.PROFANITY, Act.INSULT, Act.SARCASM}:
        return Situation.HOSTILE
    if acts.keys() & {Act.BLAME, Act.COMPLAINT, Act.DISMISSAL, Act.URGING} or _PARTING.search(said.text):
        return Situation.BLAME
    for act, found in (
        (Act.APOLOGY, Situation.REFUSAL if Act.REFUSAL in acts else Situation.APOLOGY),
        (Act.JOY, Situation.JOY),
    ):
        if act in acts:
            return found
    if _BUSY.search(said.text) and not said.question:
        return Situation.BUSY
    if Act.DISTRESS in acts:
        return Situation.DISTRESS
    if said.asks_after and said.question is not Question.HOW:
        return Situation.WELL_BEING
    if _LATE.search(said.text) and not said.question:
        return Situation.DELAY
    if said.question in (Question.WHEN, Question.WHERE, Question.WHAT) and Act.PROPOSAL in acts:
        return Situation.ARRANGING
    if said.question is Question.REQUEST or Act.REQUEST in acts or Act.COMMAND in acts:
        return Situation.REQUEST
    if Act.PROPOSAL in acts or said.question is Question.PROPOSAL:
        return Situation.PROPOSAL
    if said.question in _FACTS:
        return Situation.FACT
    if said.question is Question.HOW:
        return Situation.OPINION
    if said.question is Question.YES_NO:
        return Situation.YES_NO
    for act, found in (
        (Act.THANKS, Situation.THANKS),
        (Act.AFFECTION, Situation.AFFECTION),
        (Act.REFUSAL, Situation.REFUSAL),
        (Act.FAREWELL, Situation.FAREWELL),
        (Act.GREETING, Situation.GREETING),
        (Act.PROMISE, Situation.PROMISE),
    ):
        if act in acts:
            return found
    return Situation.BRIEF if said.brief else Situation.STATEMENT
