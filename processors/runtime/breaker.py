"""A circuit breaker: when too many commands fail in a row something outside is down, and trying on only makes a mess.

closed → open after `threshold` failures in a row; open → half-open after `cooldown` seconds, when one trial is let
through; its success closes the breaker, its failure opens it again for twice as long (up to `longest`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    monotonic: Callable[[], float]
    threshold: int = 10
    cooldown: float = 1.0
    longest: float = 30.0
    _failures: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)
    _wait: float = field(default=0.0, init=False)
    _trial: bool = field(default=False, init=False)

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def may_start(self) -> bool:
        """Whether a command may start now; in the half-open state True is said once, and that command is the trial."""
        if self._opened_at is None:
            return True
        if self._trial or self.monotonic() - self._opened_at < self._wait:
            return False
        self._trial = True
        return True

    def seconds_to_trial(self) -> float:
        """How long to wait before asking again; 0 where starting is allowed or a trial is under way."""
        if self._opened_at is None or self._trial:
            return 0.0
        return max(0.0, self._opened_at + self._wait - self.monotonic())

    def success(self) -> None:
        self._failures = 0
        self._opened_at = None
        self._wait = 0.0
        self._trial = False

    def failure(self) -> None:
        self._failures += 1
        if self._opened_at is not None:
            self._wait = min(self.longest, self._wait * 2)
            self._opened_at = self.monotonic()
            self._trial = False
        elif self._failures >= self.threshold:
            self._wait = self.cooldown
            self._opened_at = self.monotonic()
