"""A process that polls ten records of a topic on Kafka, commits four, says so, and then waits to be killed."""

import asyncio
import sys

from contracts.topics import TopicSpec
from storage.log.kafka import KafkaConfig, KafkaEventLog
from storage.log.port import LogRecord, TopicPartition


async def main(bootstrap: str, topic: str) -> None:
    log = KafkaEventLog(KafkaConfig(bootstrap=bootstrap, session_timeout=6.0, revocation_timeout=1.0))
    await log.ensure([TopicSpec(name=topic, partitions=1)])
    async with log.consume([topic], "readers") as subscription:
        records: list[LogRecord] = []
        while len(records) < 10:
            records += await subscription.poll(10 - len(records), 1.0)
        await subscription.commit({TopicPartition(topic, 0): 4})
        print(f"polled {len(records)}, committed 4", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
