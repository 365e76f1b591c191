"""An honest small talker for the chat: it greets, thanks, mirrors and says what it is; it knows nothing else, and says
so. It answers Korean, English, Japanese and Chinese in kind, other languages in English."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from contracts.conversations import ChatMessage, FinishReason, Sampling, Usage
from processors.ai.builtin.act_words import Act
from processors.ai.builtin.crisis import with_help
from processors.ai.builtin.feelings import acknowledgement
from processors.ai.builtin.korean import excerpt, with_particle
from processors.ai.builtin.politeness import is_casual
from processors.ai.builtin.situations import Situation, situation
from processors.ai.builtin.talk import pieces
from processors.ai.builtin.talk_phrases import REPLIES
from processors.ai.builtin.utterances import understand

MODEL = "tokstream-builtin"
_WIDE = re.compile(r"[ᄀ-ᇿ぀-ヿ㄰-㆏㐀-鿿가-힯]")
_KANA = re.compile(r"[぀-ヿ]")
_HAN = re.compile(r"[㐀-鿿]")
_HANGUL = re.compile(r"[ㄱ-ㅎㅏ-ㅣ가-힣]")
_WHO: dict[str, re.Pattern[str]] = {
    "ko": re.compile(
        r"(?:너|넌|당신|누구|정체|이름).{0,12}(?:누구|뭐|무엇|이름|정체|모델|인공지능|ai|봇|사람|gpt|챗)"
        r"|누구(?:야|세요|니|냐|신가)|어떤 모델",
        re.I,
    ),
    "en": re.compile(
        r"\b(?:who|what) are you\b|your name|are you (?:a|an|the|chat|gpt|human|real)|what model|which model", re.I
    ),
    "ja": re.compile(r"(?:あなた|君|きみ).{0,8}(?:誰|だれ|何|なに|名前)|自己紹介|どのモデル"),
    "zh": re.compile(r"你是(?:谁|誰|什么|什麼)|你叫什|什么模型|什麼模型"),
}
_WHAT_I_AM = {
    "ko": (
        "저는 Tokstream의 내장 엔진이에요. 언어 모델이 아니라 규칙과 작은 분류기로 움직여서, 대화를 "
        "평가하거나 간단한 말을 주고받을 수는 있지만"
        " 지식을 묻는 질문에는 답하지 못해요."
    ),
    "en": (
        "I am Tokstream's built-in engine: no language model, only rules and a small classifier. I can judge "
        "chat messages and"
        " exchange simple words, but I cannot answer questions of knowledge."
    ),
    "ja": (
        "私はTokstreamの内蔵エンジンです。言語モデルではなく、ルールと小さな分類器で動いています。"
        "簡単なやり取りはできますが、知識の質問には答えられません。"
    ),
    "zh": "我是 Tokstream "
    "的内置引擎，不是语言模型，只靠规则和一个小分类器工作。我可以简单聊聊，但回答不了知识性的问题。",
}
_KINDS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "en": (
        ("greeting", re.compile(r"^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b", re.I)),
        ("thanks", re.compile(r"\bthank|\bthx\b", re.I)),
        ("farewell", re.compile(r"\b(?:bye|goodbye|see you|good night)\b", re.I)),
        (
            "sorry",
            re.compile(r"\b(?:sad|tired|lonely|upset|sick|stressed|depressed|hurt|afraid|worried|failed|lost)\b", re.I),
        ),
        ("glad", re.compile(r"\b(?:happy|glad|great news|excited|passed|won|promoted)\b", re.I)),
    ),
    "ja": (
        ("greeting", re.compile(r"^\s*(?:こんにちは|こんばんは|おはよう|はじめまして|やあ)")),
        ("thanks", re.compile(r"ありがと|感謝")),
        ("farewell", re.compile(r"さようなら|またね|おやすみ|バイバイ")),
        ("sorry", re.compile(r"悲し|疲れ|つらい|辛い|寂し|不安|心配")),
        ("glad", re.compile(r"嬉し|うれし|合格|楽し")),
    ),
    "zh": (
        ("greeting", re.compile(r"^\s*(?:你好|您好|早上好|晚上好|嗨)")),
        ("thanks", re.compile(r"谢谢|謝謝|感谢|感謝")),
        ("farewell", re.compile(r"再见|再見|晚安|拜拜")),
        ("sorry", re.compile(r"难过|難過|累|伤心|傷心|孤独|孤獨|担心|擔心|压力|壓力")),
        ("glad", re.compile(r"开心|開心|高兴|高興|快乐|快樂|通过了|通過了")),
    ),
}
_SAID = {
    "en": {
        "greeting": "Hello! How is your day going?",
        "thanks": "You are welcome! Is there anything else on your mind?",
        "farewell": "Good-bye, and take care!",
        "sorry": "That sounds hard. Do you want to tell me more about it?",
        "glad": "That is wonderful to hear! What happened?",
        "question": "I cannot answer “{q}”: I am a rule-based engine without knowledge of the world. I can only listen "
        "and talk a little.",
        "statement": "I see: “{q}”. How do you feel about it?",
    },
    "ja": {
        "greeting": "こんにちは！今日はいかがお過ごしですか。",
        "thanks": "どういたしまして！ほかに話したいことはありますか。",
        "farewell": "さようなら、お元気で！",
        "sorry": "それは大変でしたね。もう少し聞かせてもらえますか。",
        "glad": "それは嬉しいですね！何があったのですか。",
        "question": "「{q}」には答えられません。知識を持たないルールベースのエンジンなので、簡単な会話だけができます。",
        "statement": "「{q}」ということですね。どんな気持ちですか。",
    },
    "zh": {
        "greeting": "你好！今天过得怎么样？",
        "thanks": "不客气！还想聊点什么吗？",
        "farewell": "再见，保重！",
        "sorry": "听起来很不容易。愿意多说一点吗？",
        "glad": "真为你高兴！发生了什么事？",
        "question": "“{q}”我回答不了：我是没有知识库的规则引擎，只能简单聊聊。",
        "statement": "你说“{q}”。你对此感觉如何？",
    },
}


class Answer(NamedTuple):
    pieces: tuple[str, ...]
    reason: FinishReason
    usage: Usage


def answer(messages: Sequence[ChatMessage], sampling: Sampling) -> Answer:
    """The answer to the last message, cut at `stop` and `max_tokens`. The same messages get the same answer: there is
    nothing to sample. CPU work: call it from a thread."""
    last = messages[-1].content if messages else ""
    text = _until(_said(last, len(messages)), sampling.stop)
    kept: list[str] = []
    tokens, reason = 0, FINISHED
    for piece in pieces(text):
        if sampling.max_tokens is not None and tokens + count_tokens(piece) > sampling.max_tokens:
            reason = CUT
            break
        tokens += count_tokens(piece)
        kept.append(piece)
    prompt = sum(count_tokens(message.content) for message in messages)
    return Answer(
        tuple(kept), reason, Usage(prompt_tokens=prompt, completion_tokens=tokens, total_tokens=prompt + tokens)
    )


FINISHED: FinishReason = "stop"
CUT: FinishReason = "length"


def count_tokens(text: str) -> int:
    """An estimate, as this engine has no tokens: two syllables or ideographs to one, four other characters to one."""
    wide = len(_WIDE.findall(text))
    narrow = len(text.strip()) - wide
    return math.ceil(wide / 2 + narrow / 4)


def language(text: str) -> str:
    """ko, ja, zh or en by the script that prevails."""
    if _HANGUL.search(text):
        return "ko"
    if _KANA.search(text):
        return "ja"
    return "zh" if _HAN.search(text) else "en"


def _until(text: str, stops: Sequence[str]) -> str:
    ends = [text.find(stop) for stop in stops if stop]
    return text[: min((end for end in ends if end >= 0), default=len(text))]


def _said(last: str, number: int) -> str:
    spoken = language(last)
    if _WHO[spoken].search(last):
        return _WHAT_I_AM[spoken]
    if spoken == "ko":
        return _in_korean(last, number)
    kind = next((name for name, pattern in _KINDS[spoken] if pattern.search(last)), None)
    if kind is None:
        kind = "question" if re.search(r"[?？]|(?:か|吗|嗎|呢)[。\s]*$", last) else "statement"
    if not last.strip():
        kind = "greeting"
    return _SAID[spoken][kind].format(q=excerpt(last, 40))


_UNKNOWABLE = (Situation.FACT, Situation.OPINION, Situation.YES_NO, Situation.REQUEST)


def _in_korean(last: str, number: int) -> str:
    said = understand([last])[0]
    found = situation(said)
    polite = not is_casual(said.levels)
    if found in _UNKNOWABLE and Act.GREETING not in said.acts:
        about = f"{with_particle(f'‘{said.topics[-1]}’', '은')} " if said.topics else ""
        if polite:
            return f"{about}제가 답할 수 없는 일이에요. 저는 지식이 없는 규칙 기반 엔진이라 간단한 대화만 할 수 있어요."
        return f"{about}내가 답할 수 없는 일이야. 나는 지식이 없는 규칙 기반 엔진이라 간단한 대화만 할 수 있어."
    variants = REPLIES[found]
    topic = said.topics[-1] if said.topics else None
    text = variants[(number - 1) // 2 % len(variants)].say(polite, topic, acknowledgement(said, polite))
    return with_help(text, last, polite)
