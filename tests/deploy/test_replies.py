"""How a reply is folded from its events, and shown while it grows."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import encode
from contracts.events import Event, MessageCompleted, MessageCreated, MessageDelta
from contracts.realtime import StreamEvent
from deploy.replies import Reply, Typewriter
from deploy.terminal import clean

words = st.text(alphabet="가나👍a ", max_size=12)


def happened(event: Event) -> StreamEvent:
    data = msgspec.Raw(encode(event))
    return StreamEvent(stream="conversation:c", epoch="e", seq=1, type=event.TYPE, time="", data=data)


def delta(offset: int, text: str, task_id: str = "t") -> StreamEvent:
    return happened(MessageDelta(task_id=task_id, message_id="m", offset=offset, text=text))


def test_deltas_fold_and_those_of_other_turns_are_passed_over() -> None:
    reply = Reply("t")
    reply.take(happened(MessageCreated(task_id="t", message_id="u", role="user", content="안녕")))
    reply.take(happened(MessageCreated(task_id="t", message_id="m", role="assistant", content="")))
    for event in (delta(0, "안"), delta(0, "다른 말", "other"), delta(1, "녕👍"), delta(2, "!")):
        reply.take(event)
    assert (reply.text, reply.end) == ("안녕!", None)
    reply.take(happened(MessageCompleted(task_id="other", message_id="x", content="다른 말")))
    assert reply.end is None
    reply.take(happened(MessageCompleted(task_id="t", message_id="m", content="안녕!")))
    assert isinstance(reply.end, MessageCompleted)


@given(st.lists(words), words)
def test_the_last_line_that_is_shown_is_the_reply_however_it_came_about(stages: list[str], last: str) -> None:
    written: list[str] = []
    typewriter = Typewriter(written.append)
    for text in stages:
        typewriter.show(text)
    typewriter.finish(last)
    shown = "".join(written)
    assert shown.removesuffix("\n").rpartition("\n")[2] == last


@given(st.lists(words))
def test_a_reply_that_only_grows_is_written_once(pieces: list[str]) -> None:
    written: list[str] = []
    typewriter = Typewriter(written.append)
    text = ""
    for piece in pieces:
        text += piece
        typewriter.show(text)
    # Begun again after a crash, it stands there until it has caught up.
    for end in range(len(text)):
        typewriter.show(text[:end])
    typewriter.finish(text)
    assert "".join(written) == (f"{text}\n" if text else "")


def test_text_of_others_cannot_steer_a_terminal() -> None:
    assert clean("안녕\n\t👍\x1b[31m\x9b0m\x07\r\u202e") == "안녕\n\t👍[31m0m"
