"""A bare websocket server that sends `N R`: N messages of a delta's size, R a second.

python -m tests.bench.streaming_peer PORT CORE
"""

import asyncio
import os
import sys

from websockets.asyncio.server import ServerConnection, serve

DELTA = "x" * 330
"""About what a pushed delta takes."""


async def send(connection: ServerConnection) -> None:
    count, rate = str(await connection.recv()).split()
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in range(int(count)):
        await asyncio.sleep(max(0.0, start + number / float(rate) - loop.time()))
        await connection.send(DELTA)
    await connection.wait_closed()


async def main(port: int) -> None:
    async with serve(send, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(main(int(sys.argv[1])))
