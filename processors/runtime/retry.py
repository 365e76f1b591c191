"""How often and how long: the policy of retries, and the headers that carry an attempt through the retry topic."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.topics import retry_topic
from storage.log.port import LogRecord, NewRecord

ATTEMPT = "ts_attempt"
NOT_BEFORE = "ts_not_before"
ERROR = "ts_error"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015), in seconds.

    A command is tried `in_place` times where it stands, because that keeps the order of its key; then it goes
    through the retry topic, so that it no longer holds up its partition; after `attempts` in all it is given up.
    """

    in_place: int = 3
    attempts: int = 8
    first: float = 0.2
    longest: float = 60.0

    @property
    def longest_wait(self) -> float:
        """Seconds after which a record of the retry topic is tried whatever its header says: clocks differ."""
        return max(self.longest * 2, 600.0)

    def delay(self, attempt: int, least: float | None = None) -> float:
        """Seconds to wait after the given failed attempt, counted from 1."""
        bound = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return max(bound * (0.5 + random.random() / 2), least or 0.0)


def attempt_of(headers: Mapping[str, str]) -> int:
    """How many attempts have failed before this record came. 0 for a malformed header: one attempt too many does
    no harm."""
    value = headers.get(ATTEMPT, "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def due_at(headers: Mapping[str, str]) -> float:
    """Seconds since 1970 before which the record is not to be tried; 0 where it says nothing."""
    try:
        moment = float(headers.get(NOT_BEFORE, "0"))
    except ValueError:
        return 0.0
    return moment if math.isfinite(moment) else 0.0


def retry_record(record: LogRecord, attempt: int, not_before: float, error: str) -> NewRecord:
    """The record for the retry topic."""
    topic = record.topic if record.topic.endswith(".retry") else retry_topic(record.topic)
    headers = {**record.headers, ATTEMPT: str(attempt), NOT_BEFORE: f"{not_before:.3f}", ERROR: error[:500]}
    return NewRecord(topic, record.key, record.value, headers)
