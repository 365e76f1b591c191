"""The websocket against uvicorn on a real port, with the `websockets` client."""

from contracts.base import decode
from contracts.realtime import Push
from tests.gateway.realtime.service import STREAM, Gateway, Stores, connected_client


async def test_events_arrive_live_after_the_snapshot(gateway: Gateway, stores: Stores) -> None:
    for number in (1, 2):
        await stores.append(number)
    async with connected_client(gateway) as client:
        subscribed = await client.subscribe()
        assert [event.seq for event in subscribed.events] == [1, 2]
        assert subscribed.recovered
        assert subscribed.position.seq == 2
        await stores.append(3)
        push = await client.expect(Push)
        assert (push.stream, push.seq, push.type_) == (STREAM, 3, "bubble.read")
        assert decode(bytes(push.data), dict[str, object])["number"] == 3
