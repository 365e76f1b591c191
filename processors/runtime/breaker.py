"""A circuit breaker: when too many commands fail in a row something outside is down, and trying on only makes a mess.

closed → open after `threshold` different commands have failed and none has succeeded in between; open → half-open
after `cooldown` seconds, when one trial is let through; its success closes the breaker, its failure opens it again for
twice as long (up to `longest`). One command that fails again and again is its own problem: it does not open the
breaker.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    """`command` is always the id of a command: the same one for all of its attempts."""

    monotonic: Callable[[], float]
    threshold: int = 10
    cooldown: float = 1.0
    longest: float = 30.0
    _failing: set[str] = field(default_factory=set, init=False)
    _opened_at: float | None = field(default=None, init=False)
    _wait: float = field(default=0.0, init=False)
    _trial: str | None = field(default=None, init=False)

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def may_start(self, command: str) -> bool:
        """Whether the command may start now; in the half-open state True is said once, and that command is the
        trial until it succeeds, fails or is abandoned."""
        if self._opened_at is None:
            return True
        if self._trial is not None or self.monotonic() - self._opened_at < self._wait:
            return False
        self._trial = command
        return True

    def seconds_to_trial(self) -> float:
        """How long to wait before asking again; 0 where starting is allowed or a trial is under way."""
        if self._opened_at is None or self._trial is not None:
            return 0.0
        return max(0.0, self._opened_at + self._wait - self.monotonic())

    def success(self) -> None:
        self._failing.clear()
        self._opened_at = None
        self._wait = 0.0
        self._trial = None

    def failure(self, command: str) -> None:
        if self._opened_at is None:
            self._failing.add(command)
            if len(self._failing) >= self.threshold:
                self._wait = self.cooldown
                self._opened_at = self.monotonic()
        elif command == self._trial:
            # Others that fail now had started before it opened, and say nothing new.
            self._wait = min(self.longest, self._wait * 2)
            self._opened_at = self.monotonic()
            self._trial = None

    def abandon(self, command: str) -> None:
        """The command was cut off before its outcome was known: if it was the trial, another may be."""
        if command == self._trial:
            self._trial = None
