"""A process to be killed: five writers of one stream of the journal in MongoDB, in batches, each telling on standard
output what was acknowledged to it.

    python -m tests.contract.mongo_writer URI DATABASE NAME
"""

import asyncio
import sys

from storage.journal.mongo import MongoJournal
from storage.journal.port import NewEvent
from storage.mongo import MongoConfig, MongoDatabase
from storage.sources import Uuid7
from tests.contract.embedded_writer import SHARED, Acknowledged, tell

WRITERS = 5
BATCH = 20


def batch(name: str, writer: int, number: int) -> list[NewEvent]:
    """The events of one append: the same however often it is made."""
    return [
        NewEvent(f"{name}/{writer}/{number}/{place}", "bubble.read", b"{}", "2026-11-23T09:00:00.000000+00:00")
        for place in range(BATCH)
    ]


async def main(uri: str, database_name: str, name: str) -> None:
    database = await MongoDatabase.open(MongoConfig(uri=uri, database=database_name, operation_seconds=30.0))
    journal = await MongoJournal.open(database, Uuid7())

    async def write(writer: int) -> None:
        number = 0
        while True:
            number += 1
            stored = await journal.append(SHARED, batch(name, writer, number))
            tell(*(Acknowledged(stream=SHARED, epoch=each.epoch, seq=each.seq, id=each.id) for each in stored))

    async with asyncio.TaskGroup() as tasks:
        for writer in range(WRITERS):
            tasks.create_task(write(writer))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
