"""What an engine is told of a conversation: the turns before, cut to the window of the model.

The rule: the newest message always goes; before it as many whole messages, newest first, as the budget holds. The
budget is the model's window less what is kept for the reply. Tokens are estimated at one for three bytes of UTF-8 (a
Hangul syllable, four Latin letters or so) and four for the frame of a message: more than tokenizers of current models
need for Korean, so the estimate errs on the side that fits.
"""

from collections.abc import Sequence

from contracts.conversations import ChatMessage
from contracts.resources import Task

BYTES_A_TOKEN = 3
FRAME_TOKENS = 4
REPLY_SHARE = 4
"""A quarter of the window is kept for the reply."""
LEAST_BUDGET = 64


def estimate_tokens(text: str) -> int:
    """How many tokens a message of this text takes at most, its frame included."""
    return -(-len(text.encode(errors="replace")) // BYTES_A_TOKEN) + FRAME_TOKENS


def fit(messages: Sequence[ChatMessage], window: int) -> tuple[ChatMessage, ...]:
    """The end of `messages` that a model with a window of so many tokens can take, by the rule above."""
    budget = max(LEAST_BUDGET, window - window // REPLY_SHARE)
    kept: list[ChatMessage] = []
    for message in reversed(messages):
        budget -= estimate_tokens(message.content)
        if budget < 0 and kept:
            break
        kept.append(message)
    return tuple(reversed(kept))


def said(turns: Sequence[Task]) -> list[ChatMessage]:
    """The messages of turns that have ended, in order; of one that failed or was cancelled what there is."""
    found: list[ChatMessage] = []
    for task in turns:
        if task.turn is None:
            continue
        if task.turn.input is not None:
            found.append(ChatMessage(role="user", content=task.turn.input))
        if task.turn.reply:
            found.append(ChatMessage(role="assistant", content=task.turn.reply))
    return found
