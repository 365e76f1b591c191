"""How fast the built-in engine judges, and what its language data costs: `python -m tests.bench.judging`.

Prints one line of JSON: seconds and megabytes that the first message costs, and messages a second after it. The
messages are those of the golden exchanges, over and over in one conversation.
"""

import asyncio
import itertools
import json
import resource
import time

from processors.ai.builtin.engine import BuiltinEngine
from processors.ai.port import Relationship
from tests.processors.ai.exchanges import load, transcript

MESSAGES = 2_000


def peak() -> int:
    """The most memory that the process has held, in kilobytes (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def main() -> None:
    chat = [said for half in ("tuning", "held_out") for exchange in load(half) for said in exchange.chat]
    messages = transcript(tuple(itertools.islice(itertools.cycle(chat), MESSAGES)))
    engine, friend = BuiltinEngine(), Relationship(relationship="FRIEND")
    before, started = peak(), time.perf_counter()
    await engine.analyse((), messages[:2], friend)
    first = time.perf_counter() - started
    grown = peak() - before
    started = time.perf_counter()
    judged = await engine.analyse((), messages, friend)
    seconds = time.perf_counter() - started
    figures = {
        "first_seconds": round(first, 2),
        "language_data_mb": round(grown / 1e3),
        "messages": len(messages),
        "judged": len(judged),
        "messages_per_second": round(len(messages) / seconds),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
