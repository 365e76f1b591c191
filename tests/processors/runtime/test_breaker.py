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
    for _ in range(3):
        breaker.failure()
    return breaker, hands


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(Hands(), threshold=3)
    for _ in range(5):
        breaker.failure()
        breaker.failure()
        breaker.success()
    assert not breaker.is_open
    assert breaker.may_start()


def test_open_lets_nothing_start_until_the_cooldown_and_then_one_trial() -> None:
    breaker, hands = opened()
    assert breaker.is_open
    assert not breaker.may_start()
    assert breaker.seconds_to_trial() == 2.0
    hands.time += 2.0
    assert breaker.may_start()
    assert not breaker.may_start()


def test_a_trial_that_succeeds_closes_it() -> None:
    breaker, hands = opened()
    hands.time += 2.0
    assert breaker.may_start()
    breaker.success()
    assert not breaker.is_open
    assert breaker.may_start()


def test_trials_that_fail_wait_longer_up_to_the_bound() -> None:
    breaker, hands = opened()
    waits = []
    for _ in range(3):
        hands.time += breaker.seconds_to_trial()
        assert breaker.may_start()
        breaker.failure()
        waits.append(breaker.seconds_to_trial())
    assert waits == [4.0, 5.0, 5.0]
