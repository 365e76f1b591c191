"""What every implementation of the event log does alike: the partition of a key, the largest record."""

from functools import lru_cache

from aiokafka.partitioner import murmur2

from storage.errors import RecordTooLarge
from storage.log.port import MAX_RECORD_BYTES, NewRecord

MAX_ENVELOPE_BYTES = 64 * 1024
"""Largest key and headers of a record, together."""


@lru_cache(maxsize=16_384)
def partition_for(key: str, partitions: int) -> int:
    """The partition of a key as Kafka's own default partitioner chooses it, so that any client agrees with us."""
    hashed: int = murmur2(key.encode())
    return (hashed & 0x7FFFFFFF) % partitions


def refuse_oversize(record: NewRecord) -> None:
    """Raises RecordTooLarge where a record can never be stored."""
    if len(record.value) > MAX_RECORD_BYTES:
        raise RecordTooLarge(
            f"a record for {record.topic} has {len(record.value)} bytes, {MAX_RECORD_BYTES} are the most there can be"
        )
    # A character is at most four bytes of UTF-8: only what may be too large is worth encoding.
    characters = len(record.key) + sum(len(name) + len(value) for name, value in record.headers.items())
    if characters * 4 > MAX_ENVELOPE_BYTES:
        texts = (record.key, *record.headers, *record.headers.values())
        size = sum(len(text.encode()) for text in texts)
        if size > MAX_ENVELOPE_BYTES:
            raise RecordTooLarge(
                f"key and headers of a record for {record.topic} have {size} bytes, "
                f"{MAX_ENVELOPE_BYTES} are the most there can be"
            )
