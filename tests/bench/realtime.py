"""From the journal to the client: `python -m tests.bench.realtime`.

Two questions, on the embedded stores and the real server, each beside a bare echo over websockets in the same run, so
that what the machine costs is not blamed on the code:

- How long after `append` was called does one client have the event? Events are 20 ms apart, as bubbles are when they
are read. `append` includes the fsync of the journal; what is left after it returns is shown as well.
- How long until the last of N clients has it, and how many pushes a second is that?

Clients, server and stores share one process and its event loop: the figures are the upper bound of what the server
takes.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from contracts.realtime import Push
from tests.gateway.realtime.service import Client, Stores, connected_client, open_stores, running_gateway

GAP_SECONDS = 0.020
EVENT_BYTES = 900
"""About what a bubble with its lines takes."""


def percentile(seconds: list[float], share: float) -> str:
    """In milliseconds."""
    ordered = sorted(seconds)
    return f"{1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.2f}"


async def echo_latency(count: int) -> list[float]:
    """Seconds from send to receipt of the echo, on a bare websockets server."""

    async def echo(connection: ServerConnection) -> None:
        async for frame in connection:
            await connection.send(frame)

    found = []
    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", compression=None) as client:
            for _ in range(count):
                started = perf_counter()
                await client.send("x" * EVENT_BYTES)
                await client.recv()
                found.append(perf_counter() - started)
                await asyncio.sleep(GAP_SECONDS)
    return found


async def push_latency(stores: Stores, client: Client, count: int) -> tuple[list[float], list[float]]:
    """Seconds from the call of `append`, and from its return, to the receipt of the push."""
    called, returned = [], []
    for number in range(count):
        receiving = asyncio.ensure_future(received_at(client))
        started = perf_counter()
        await stores.append(number, size=EVENT_BYTES)
        appended = perf_counter()
        arrived = await receiving
        called.append(arrived - started)
        returned.append(max(0.0, arrived - appended))
        await asyncio.sleep(GAP_SECONDS)
    return called, returned


async def received_at(client: Client) -> float:
    await client.expect(Push)
    return perf_counter()


async def fan_out(stores: Stores, stream: str, clients: list[Client], rounds: int) -> tuple[list[float], float]:
    """Seconds from `append` to the last client's receipt, a round; and pushes a second when rounds follow at once."""
    last = []
    for number in range(rounds):
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            arrivals = [group.create_task(received_at(client)) for client in clients]
            await stores.append(number, stream, EVENT_BYTES)
        last.append(max(task.result() for task in arrivals) - started)
        await asyncio.sleep(GAP_SECONDS)  # pushes that follow within 10 ms wait for each other on purpose
    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(receive(client, rounds))
        for number in range(rounds):
            await stores.append(number, stream, EVENT_BYTES)
    return last, rounds * len(clients) / (perf_counter() - started)


async def receive(client: Client, count: int) -> None:
    for _ in range(count):
        await client.expect(Push)


async def echo_fan_out(clients_wanted: int, rounds: int) -> tuple[list[float], float]:
    """The same with nothing but websockets: one message to all connections of a bare server, received by all."""
    connections: set[ServerConnection] = set()

    async def collect(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serve(collect, "127.0.0.1", 0, compression=None))
        port = next(iter(server.sockets)).getsockname()[1]
        clients = [
            await stack.enter_async_context(connect(f"ws://127.0.0.1:{port}", compression=None))
            for _ in range(clients_wanted)
        ]

        async def send_to_all() -> None:
            for connection in connections:
                await connection.send("x" * EVENT_BYTES)

        last = []
        for _ in range(rounds):
            started = perf_counter()
            async with asyncio.TaskGroup() as group:
                arrivals = [group.create_task(arrival(client.recv)) for client in clients]
                await send_to_all()
            last.append(max(task.result() for task in arrivals) - started)
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(repeat(client.recv, rounds))
            for _ in range(rounds):
                await send_to_all()
        return last, rounds * clients_wanted / (perf_counter() - started)


async def arrival(take: Callable[[], Awaitable[object]]) -> float:
    await take()
    return perf_counter()


async def repeat(take: Callable[[], Awaitable[object]], count: int) -> None:
    for _ in range(count):
        await take()


async def measure(events: int, crowds: list[int], rounds: int, console: Console) -> None:
    latency = Table("from … to the client", "p50 ms", "p99 ms", title=f"one client, {events} events, 20 ms apart")
    crowd_table = Table("clients", "last has it, p50 ms", "pushes/s", "bare: last, p50 ms", "bare: messages/s")
    with tempfile.TemporaryDirectory() as folder:
        async with open_stores(Path(folder)) as stores, running_gateway(stores) as gateway:
            async with connected_client(gateway) as client:
                await client.subscribe()
                await push_latency(stores, client, 20)
                called, returned = await push_latency(stores, client, events)
            echoed = await echo_latency(events)
            latency.add_row("append called", percentile(called, 0.5), percentile(called, 0.99))
            latency.add_row("append returned", percentile(returned, 0.5), percentile(returned, 0.99))
            latency.add_row("bare echo, there and back", percentile(echoed, 0.5), percentile(echoed, 0.99))
            console.print(latency)
            for count in crowds:
                stream = f"session:crowd-{count}"
                async with AsyncExitStack() as stack:
                    clients = [await stack.enter_async_context(connected_client(gateway)) for _ in range(count)]
                    for one in clients:
                        await one.subscribe(stream)
                    last, rate = await fan_out(stores, stream, clients, rounds)
                bare, bare_rate = await echo_fan_out(count, rounds)
                crowd_table.add_row(
                    str(count), percentile(last, 0.5), f"{rate:.0f}", percentile(bare, 0.5), f"{bare_rate:.0f}"
                )
    console.print(crowd_table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500, help="events for the latency (default 500)")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 10, 100, 1000], help="sizes of the crowd")
    parser.add_argument("--rounds", type=int, default=20, help="events for each crowd (default 20)")
    options = parser.parse_args()
    asyncio.run(measure(options.events, options.clients, options.rounds, Console()))


if __name__ == "__main__":
    main()
