"""The breaker, with its clock in the test's hand."""

from processors.runtime.breaker import Breaker


class Hands:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def opened() -> tuple[Breaker, Hands]:
    hands = Hands()
    breaker = Breaker(hands, threshold=3, cooldown=2.0, longest=5.0)
    for command in "abc":
        breaker.failure(command)
    return breaker, hands


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(Hands(), threshold=3)
    for _ in range(5):
        breaker.failure("a")
        breaker.failure("b")
        breaker.success()
    assert not breaker.is_open
    assert breaker.may_start("c")


def test_one_command_that_fails_for_ever_does_not_stop_the_others() -> None:
    breaker = Breaker(Hands(), threshold=3)
    for _ in range(100):
        breaker.failure("a")
    assert not breaker.is_open


def test_open_lets_nothing_start_until_the_cooldown_and_then_one_trial() -> None:
    breaker, hands = opened()
    assert breaker.is_open
    assert not breaker.may_start("d")
    assert breaker.seconds_to_trial() == 2.0
    hands.time += 2.0
    assert breaker.may_start("d")
    assert not breaker.may_start("e")


def test_a_trial_that_succeeds_closes_it() -> None:
    breaker, hands = opened()
    hands.time += 2.0
    assert breaker.may_start("d")
    breaker.success()
    assert not breaker.is_open
    assert breaker.may_start("e")


def test_trials_that_fail_wait_longer_up_to_the_bound() -> None:
    breaker, hands = opened()
    waits = []
    for _ in range(3):
        hands.time += breaker.seconds_to_trial()
        assert breaker.may_start("d")
        breaker.failure("d")
        waits.append(breaker.seconds_to_trial())
    assert waits == [4.0, 5.0, 5.0]


def test_commands_that_were_running_when_it_opened_do_not_prolong_it() -> None:
    breaker, _ = opened()
    for command in "defgh":
        breaker.failure(command)
    assert breaker.seconds_to_trial() == 2.0


def test_a_trial_that_is_cut_off_leaves_its_place_to_another() -> None:
    breaker, hands = opened()
    hands.time += 2.0
    assert breaker.may_start("d")
    breaker.abandon("e")
    assert not breaker.may_start("e")
    breaker.abandon("d")
    assert breaker.may_start("e")
