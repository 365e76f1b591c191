"""The AsyncAPI document: valid by the parser of the AsyncAPI initiative, and complete."""

import os
from typing import Any, get_args

import msgspec
import pytest
from jsonschema import Draft202012Validator

from contracts.base import encode
from contracts.cloudevents import Envelope, to_headers
from contracts.commands import COMMANDS
from contracts.events import EVENTS
from contracts.realtime import ClientMessage, Connect, Goodbye, ServerMessage, Subscribe
from contracts.streams import Cursor
from contracts.topics import all_topics
from gateway.documents.asyncapi import asyncapi_document
from tests.servers.cache import NotProvisioned
from tests.servers.node import validate_asyncapi

ERROR, WARNING = 0, 1


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi_document("1.2.3")


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    try:
        found = validate_asyncapi(msgspec.json.encode(document))
        broken = validate_asyncapi(msgspec.json.encode({**document, "operations": {"x": {"action": "dance"}}}))
    except NotProvisioned as error:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert [one for one in found if one.severity in (ERROR, WARNING)] == []
    assert [one for one in broken if one.severity == ERROR] != []


def test_every_message_command_event_and_topic_is_described(document: dict[str, Any]) -> None:
    channels = document["channels"]
    assert {topic.name for topic in all_topics()} <= channels.keys()
    websocket = {kind.__name__ for kind in (*get_args(ClientMessage), *get_args(ServerMessage))}
    assert channels["websocket"]["messages"].keys() == websocket
    assert {event.__name__ for event in EVENTS} <= channels["tokstream.events"]["messages"].keys()
    for command in COMMANDS:
        for topic in (command.TOPIC, f"{command.TOPIC}.retry", f"{command.TOPIC}.dead"):
            assert command.__name__ in channels[topic]["messages"]
    asked = {name for operation in document["operations"].values() for name in names(operation, "messages")}
    assert websocket <= asked | {name for o in document["operations"].values() for name in names(o.get("reply", {}))}


def names(operation: dict[str, Any], field: str = "messages") -> set[str]:
    return {reference["$ref"].rpartition("/")[2] for reference in operation.get(field, [])}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    found = references(document)
    assert len(found) > 100
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Connect", Connect(id="1", token="t")),
        ("Subscribe", Subscribe(id="1", stream="session:a", since=Cursor(epoch="e", seq=4))),
        ("Goodbye", Goodbye(code=4001, reason="r", reconnect=True, resume={"session:a": Cursor(epoch="e", seq=1)})),
    ],
)
def test_what_is_sent_matches_its_schema(document: dict[str, Any], name: str, message: msgspec.Struct) -> None:
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})
    assert list(validator.iter_errors(msgspec.json.decode(encode(message)))) == []
    assert list(validator.iter_errors({"type": "something else"})) != []


def test_the_headers_of_records_match_their_schema(document: dict[str, Any]) -> None:
    validator = Draft202012Validator(document["components"]["schemas"]["CloudEventHeaders"])
    headers = to_headers(Envelope(id="1", type="t", source="/s", time="2026-11-23T00:00:00Z", subject="x", seq=3))
    assert list(validator.iter_errors(headers)) == []
    assert list(validator.iter_errors({"ce_id": "1"})) != []
