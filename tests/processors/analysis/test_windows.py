"""Windows hold what is to be judged once each, nothing else of the user, and what is needed to judge it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.resources import Message
from processors.analysis.windows import AFTER, CHARACTERS, CONTEXT, LONGEST_RUN, OWN_MESSAGES, cut, is_own
from tests.processors.analysis.chats import chat, message


def owned(messages: list[Message]) -> set[int]:
    return {place for place, one in enumerate(messages) if is_own(one)}


conversations = st.lists(
    st.tuples(st.sampled_from(["user", "interlocutor"]), st.sampled_from([1, 1, 1, 3000])), max_size=150
).map(lambda drawn: [message(n, "x" * size, speaker=speaker) for n, (speaker, size) in enumerate(drawn)])


@settings(deadline=None)
@given(conversations, st.data())
def test_every_due_message_is_in_one_window_and_no_other_of_the_user_in_any(
    messages: list[Message], data: st.DataObject
) -> None:
    own = owned(messages)
    due = data.draw(st.sets(st.sampled_from(sorted(own)))) if own else set()
    windows = list(cut(messages, due))
    assert [place for window in windows for place in window.due] == sorted(due)
    for window in windows:
        assert own.intersection(window.messages) == set(window.due)
        assert window.context.stop == window.messages.start == window.due[0]
        assert len(window.due) <= LONGEST_RUN
        for part in (window.context, window.messages):
            size = sum(len(messages[place].text) for place in part)
            # What comes after the last own message is shown in any case, it is at most AFTER messages.
            tail = sum(len(messages[place].text) for place in part if place > window.due[-1])
            assert size - tail <= CHARACTERS or len(window.due) == 1


def test_a_conversation_in_turns_is_cut_by_its_number_of_own_messages_with_context_before() -> None:
    messages = chat(4 * OWN_MESSAGES)
    first, second = cut(messages, owned(messages))
    assert len(first.due) == len(second.due) == OWN_MESSAGES
    assert len(first.context) == 1
    assert len(second.context) == CONTEXT
    assert first.messages.stop == second.messages.start == 2 * OWN_MESSAGES + 1


def test_a_run_of_own_messages_is_not_cut_if_it_is_not_too_long() -> None:
    messages = [message(n, "ㅋ", speaker="user") for n in range(LONGEST_RUN - 5)]
    (window,) = cut(messages, owned(messages))
    assert len(window.due) == LONGEST_RUN - 5
    messages = [message(n, "ㅋ", speaker="user") for n in range(LONGEST_RUN + 5)]
    assert [len(window.due) for window in cut(messages, owned(messages))] == [LONGEST_RUN, 5]


def test_what_is_far_from_everything_due_is_shown_to_nobody() -> None:
    messages = [message(n, "x", speaker="user" if n in (0, 200) else "interlocutor") for n in range(300)]
    first, second = cut(messages, {0, 200})
    assert (first.context, first.messages) == (range(0), range(1 + AFTER))
    assert (second.context, second.messages) == (range(200 - CONTEXT, 200), range(200, 201 + AFTER))


def test_what_the_messenger_says_and_what_was_taken_back_is_nobodys_own() -> None:
    assert not is_own(message(1, "B님이 나갔습니다", kind="system"))
    assert not is_own(message(1, "삭제된 메시지입니다", kind="deleted"))
    assert is_own(message(1, "", kind="photo"))
