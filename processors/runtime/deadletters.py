"""Dead letters: records that nobody could handle, kept with the reason, to be looked at and sent again."""

import traceback
from collections.abc import Sequence

from contracts.base import Record
from contracts.topics import PARTITIONS, dead_letter_topic
from processors.runtime.retry import ATTEMPT, NOT_BEFORE
from storage.log.port import EventLog, LogRecord, NewRecord

TOPIC = "ts_dead_topic"
PARTITION = "ts_dead_partition"
OFFSET = "ts_dead_offset"
ERROR = "ts_dead_error"
TRACEBACK = "ts_dead_traceback"
REASONS = (TOPIC, PARTITION, OFFSET, ERROR, TRACEBACK)
_TRACEBACK_CHARACTERS = 8000


class DeadLetter(Record, frozen=True):
    """A record of a dead-letter topic. `id` is `<partition>:<offset>` there; `topic`, `source_partition` and
    `source_offset` say where the record had failed."""

    id: str
    topic: str
    source_partition: str
    source_offset: str
    key: str
    error: str
    traceback: str
    type: str
    time: float
    headers: dict[str, str]
    value: bytes


def dead_record(record: LogRecord, error: BaseException | str) -> NewRecord:
    """The record for the dead-letter topic of the topic that `record` came from."""
    trace = "" if isinstance(error, str) else "".join(traceback.format_exception(error))
    headers = {**record.headers, **_reasons(record, error), TRACEBACK: _plain(trace)[-_TRACEBACK_CHARACTERS:]}
    return NewRecord(dead_letter_topic(_origin(record)), record.key, record.value, headers)


def dead_stub(record: LogRecord, error: BaseException | str) -> NewRecord:
    """As `dead_record`, for a record that does not fit among the dead letters: only the reasons and where it lies."""
    return NewRecord(dead_letter_topic(_origin(record)), record.key[:200], b"", _reasons(record, error))


def _origin(record: LogRecord) -> str:
    return record.topic.removesuffix(".retry")


def _reasons(record: LogRecord, error: BaseException | str) -> dict[str, str]:
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return {
        TOPIC: _origin(record),
        PARTITION: str(record.partition),
        OFFSET: str(record.offset),
        ERROR: _plain(text)[:2000],
    }


def _plain(text: str) -> str:
    """The text as it can be stored: messages of errors may hold lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode()


def _letter(record: LogRecord) -> DeadLetter:
    headers = dict(record.headers)
    return DeadLetter(
        id=f"{record.partition}:{record.offset}",
        topic=headers.get(TOPIC, ""),
        source_partition=headers.get(PARTITION, ""),
        source_offset=headers.get(OFFSET, ""),
        key=record.key,
        error=headers.get(ERROR, ""),
        traceback=headers.get(TRACEBACK, ""),
        type=headers.get("ce_type", ""),
        time=record.timestamp,
        headers={name: value for name, value in headers.items() if name not in REASONS},
        value=record.value,
    )


async def list_letters(log: EventLog, topic: str, limit: int = 1000) -> Sequence[DeadLetter]:
    """The dead letters of a command topic, oldest first. Raises Unavailable."""
    letters: list[DeadLetter] = []
    for partition in range(PARTITIONS):
        start = 0
        while len(letters) < limit:
            records = await log.read(dead_letter_topic(topic), partition, start, 100)
            if not records:
                break
            letters += [_letter(record) for record in records]
            start = records[-1].offset + 1
    return sorted(letters, key=lambda letter: letter.time)[:limit]


async def find_letter(log: EventLog, topic: str, letter_id: str) -> DeadLetter | None:
    """One dead letter by its id, None where there is none. Raises ValueError where the id is malformed."""
    partition, colon, offset = letter_id.partition(":")
    if not colon or not partition.isdigit() or not offset.isdigit() or int(partition) >= PARTITIONS:
        raise ValueError(f"{letter_id!r} is no dead letter id: expected <partition>:<offset>, for example 2:17")
    records = await log.read(dead_letter_topic(topic), int(partition), int(offset), 1)
    return _letter(records[0]) if records and records[0].offset == int(offset) else None


async def replay(log: EventLog, letter: DeadLetter) -> None:
    """Publishes the record once more on the topic where it had failed, as if it had never been tried."""
    headers = {name: value for name, value in letter.headers.items() if name not in (ATTEMPT, NOT_BEFORE)}
    await log.publish(NewRecord(letter.topic, letter.key, letter.value, headers))
