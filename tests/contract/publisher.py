"""A process that publishes to an SQLite log until it is killed. Prints each acknowledged record: `key number`."""

import asyncio
import sys
from pathlib import Path

from contracts.topics import TopicSpec
from storage.log.port import EventLog, NewRecord
from storage.log.sqlite import SqliteEventLog
from storage.sqlite import Database

WRITERS = 10
TOPIC = TopicSpec(name="test.killed", partitions=3)


async def write(log: EventLog, writer: str) -> None:
    number = 0
    while True:
        await log.publish(NewRecord(TOPIC.name, writer, f"{writer} {number}".encode(), {}))
        # One write(2) a line: a line that was read was complete when its record was acknowledged.
        sys.stdout.write(f"{writer} {number}\n")
        sys.stdout.flush()
        number += 1


async def main(path: Path, run: str) -> None:
    log = SqliteEventLog(await Database.open(path))
    await log.ensure([TOPIC])
    async with asyncio.TaskGroup() as writers:
        for writer in range(WRITERS):
            writers.create_task(write(log, f"{run}-{writer}"))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
