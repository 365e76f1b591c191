"""The AsyncAPI 3 document, generated from contracts: the websocket, the event streams over HTTP, and the Kafka topics.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Iterable
from inspect import getdoc
from typing import get_args

import msgspec

from contracts.cloudevents import JSON as CONTENT_TYPE
from contracts.cloudevents import SPEC_VERSION, Envelope
from contracts.commands import COMMANDS, Command
from contracts.events import EVENTS, STREAM_DELETED, Event
from contracts.realtime import (
    CONNECT_SECONDS,
    MAX_MESSAGE_BYTES,
    SUBPROTOCOL_JSON,
    SUBPROTOCOL_MSGPACK,
    ClientMessage,
    EventPage,
    ServerMessage,
    StreamEvent,
    Unsubscribed,
)
from contracts.schema import Json, schemas
from contracts.topics import EVENTS as EVENTS_TOPIC
from contracts.topics import PARTITIONS, all_topics, dead_letter_topic, retry_topic

ASYNCAPI = "3.0.0"
HEADERS = "CloudEventHeaders"
REPLIES: dict[str, tuple[str, ...]] = {
    "Connect": ("Connected", "ErrorReply"),
    "Subscribe": ("Subscribed", "ErrorReply"),
    "Unsubscribe": ("Unsubscribed", "ErrorReply"),
    "CommandMessage": ("CommandAccepted", "ErrorReply"),
    "Cancel": ("Cancelled", "ErrorReply"),
    "Ping": ("Pong",),
}
UNASKED = ("Push", "Unsubscribed", "ServerPing", "Goodbye", "ErrorReply")
"""What the server sends without being asked; an error without an id answers a message that could not be read."""


def asyncapi_document(version: str) -> Json:
    """The document as JSON."""
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Tokstream, live",
            "version": version,
            "description": "Every step of reading and merging a conversation, as it happens. A stream is a dense "
            "sequence of events 1, 2, 3 … and an epoch; the cursor `<epoch>.<seq>` resumes it on the websocket, as "
            "server-sent events and by long poll alike. The OpenAPI document at `/openapi.json` describes REST.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": servers(),
        "channels": {"websocket": websocket_channel(), "streamEvents": stream_channel(), **topic_channels()},
        "operations": {**websocket_operations(), **stream_operations(), **topic_operations()},
        "components": {
            "schemas": component_schemas(),
            "messages": {message["title"]: message for message in messages()},
            "securitySchemes": {
                "apiKey": {"type": "httpApiKey", "in": "header", "name": "x-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def servers() -> Json:
    host = {"host": {"default": "localhost:8000", "description": "Host and port of the gateway."}}
    security = [reference("securitySchemes", "apiKey"), reference("securitySchemes", "bearer")]
    return {
        "websocket": {
            "host": "{host}",
            "protocol": "ws",
            "description": f"Subprotocols: `{SUBPROTOCOL_JSON}`, text frames; `{SUBPROTOCOL_MSGPACK}`, binary frames.",
            "variables": host,
            "security": security,
        },
        "http": {"host": "{host}", "protocol": "http", "variables": host, "security": security},
        "kafka": {
            "host": "{bootstrap}",
            "protocol": "kafka",
            "description": "Between the parts of the service. The embedded service has the same topics in SQLite.",
            "variables": {"bootstrap": {"default": "localhost:9092", "description": "A broker."}},
        },
    }


# ── Messages and schemas ──────────────────────────────────────────────────────────────────────────────────────────────


def client_structs() -> tuple[type[msgspec.Struct], ...]:
    return get_args(ClientMessage)


def server_structs() -> tuple[type[msgspec.Struct], ...]:
    return get_args(ServerMessage)


def messages() -> list[Json]:
    """Every message, with the name of its Struct as title."""
    plain: list[type[msgspec.Struct]] = [*client_structs(), *server_structs(), StreamEvent, EventPage]
    return [
        *(message(kind, wire_name(kind)) for kind in plain),
        *(record_message(kind) for kind in EVENTS),
        *(record_message(kind) for kind in COMMANDS),
        {
            "title": "StreamDeleted",
            "name": STREAM_DELETED,
            "summary": "The stream and all its events were deleted. It has no place in the sequence and no body.",
            "contentType": CONTENT_TYPE,
            "headers": reference("schemas", HEADERS),
            "payload": {"type": "object"},
        },
    ]


def wire_name(kind: type[msgspec.Struct]) -> str:
    tag = kind.__struct_config__.tag
    return tag if isinstance(tag, str) else kind.__name__


def message(kind: type[msgspec.Struct], name: str) -> Json:
    text = documentation(kind)
    return {
        "title": kind.__name__,
        "name": name,
        **({"summary": text} if text else {}),
        "contentType": CONTENT_TYPE,
        "payload": reference("schemas", kind.__name__),
    }


def record_message(kind: type[Event] | type[Command]) -> Json:
    """A record of a topic. An event of a stream is the `data` of what clients receive, and `name` its type."""
    return {**message(kind, kind.TYPE), "headers": reference("schemas", HEADERS)}


def documentation(kind: type[msgspec.Struct]) -> str:
    """The class's own docstring on one line, where it has one."""
    return " ".join((getdoc(kind) or "").split()) if kind.__doc__ else ""


def component_schemas() -> Json:
    kinds = (*client_structs(), *server_structs(), StreamEvent, EventPage, *EVENTS, *COMMANDS)
    return {**schemas(kinds).components, HEADERS: cloud_event_headers()}


def cloud_event_headers() -> Json:
    """The headers of every record, from the Struct that they are made from (Kafka protocol binding of CloudEvents
    1.0)."""
    properties: Json = {
        "content-type": {"const": CONTENT_TYPE},
        "ce_specversion": {"const": SPEC_VERSION},
    }
    required = list(properties)
    for field in msgspec.structs.fields(Envelope):
        properties[f"ce_{field.name}"] = {"type": "string"}
        if field.required:
            required.append(f"ce_{field.name}")
    return {
        "type": "object",
        "description": "CloudEvents 1.0 attributes, binary mode of the Kafka protocol binding; all values are UTF-8.",
        "properties": properties,
        "required": required,
    }


# ── The websocket ─────────────────────────────────────────────────────────────────────────────────────────────────────


def websocket_channel() -> Json:
    return {
        "address": "/ws",
        "title": "Websocket",
        "summary": "One socket, many streams.",
        "description": f"`Connect` comes first, within {CONNECT_SECONDS:g} s. A frame of a client has at most "
        f"{MAX_MESSAGE_BYTES} bytes. A frame holds one message, or an array of messages where several were waiting.",
        "servers": [{"$ref": "#/servers/websocket"}],
        "messages": referenced((*client_structs(), *server_structs())),
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def websocket_operations() -> Json:
    """One operation for each message of the client, with its answers, and one for what the server sends by itself."""
    operations: Json = {}
    for kind in client_structs():
        answers = REPLIES.get(kind.__name__)
        operations[f"receive{kind.__name__}"] = {
            "action": "receive",
            "channel": {"$ref": "#/channels/websocket"},
            "summary": documentation(kind) or f"The client sends {wire_name(kind)}.",
            "messages": [of_channel("websocket", kind.__name__)],
            **({"reply": reply("websocket", answers)} if answers else {}),
        }
    operations["push"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/websocket"},
        "summary": "What the server sends without being asked.",
        "messages": [of_channel("websocket", name) for name in UNASKED],
    }
    return operations


def reply(channel: str, names: Iterable[str]) -> Json:
    return {
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [of_channel(channel, name) for name in names],
    }


# ── Server-sent events and the long poll ──────────────────────────────────────────────────────────────────────────────


def stream_channel() -> Json:
    return {
        "address": "/streams/{stream}/events",
        "title": "Events of one stream",
        "summary": "Server-sent events, or a page of JSON.",
        "description": "With `Accept: text/event-stream` each event has the id `<epoch>.<seq>`, its type, and a "
        "`StreamEvent` as data; `Last-Event-ID` or `?after=` resumes; an event `unsubscribed` says that the stream was "
        "deleted. With `Accept: application/json` the answer is an `EventPage`: `?after=`, `?limit=`, and "
        "`Prefer: wait=N` to wait for the first event.",
        "servers": [{"$ref": "#/servers/http"}],
        "parameters": {"stream": {"description": "`session:<id>`, `conversation:<id>` or `task:<id>`."}},
        "messages": referenced((StreamEvent, Unsubscribed, EventPage)),
    }


def stream_operations() -> Json:
    return {
        "streamEvents": {
            "action": "send",
            "channel": {"$ref": "#/channels/streamEvents"},
            "summary": "The events after a cursor, as they happen.",
            "messages": [of_channel("streamEvents", name) for name in ("StreamEvent", "Unsubscribed")],
            "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
        },
        "pollEvents": {
            "action": "send",
            "channel": {"$ref": "#/channels/streamEvents"},
            "summary": "A page of events after a cursor.",
            "messages": [of_channel("streamEvents", "EventPage")],
            "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
        },
    }


# ── The topics ────────────────────────────────────────────────────────────────────────────────────────────────────────


def topic_channels() -> Json:
    """One channel for each topic that a deployment has."""
    kinds = topic_structs()
    channels: Json = {}
    for topic in all_topics():
        carried = referenced(kinds[topic.name])
        if topic.name == EVENTS_TOPIC:
            carried["StreamDeleted"] = reference("messages", "StreamDeleted")
        channels[topic.name] = {
            "address": topic.name,
            "title": topic.name,
            "summary": summary_of(topic.name),
            "servers": [{"$ref": "#/servers/kafka"}],
            "messages": carried,
            "bindings": {"kafka": {"topic": topic.name, "partitions": PARTITIONS, "bindingVersion": "0.5.0"}},
        }
    return channels


def topic_structs() -> dict[str, tuple[type[msgspec.Struct], ...]]:
    found: dict[str, tuple[type[msgspec.Struct], ...]] = {EVENTS_TOPIC: EVENTS}
    for topic in {command.TOPIC for command in COMMANDS}:
        commands = tuple(command for command in COMMANDS if topic == command.TOPIC)
        for name in (topic, retry_topic(topic), dead_letter_topic(topic)):
            found[name] = commands
    return found


def summary_of(topic: str) -> str:
    if topic == EVENTS_TOPIC:
        return "The live copy of the journal: the events of all streams, keyed by stream."
    if topic.endswith(".retry"):
        return "Commands that failed for a while, to be handled again later."
    if topic.endswith(".dead"):
        return "Commands that could not be handled, with the reason in their headers."
    return "Commands; those that share a key are handled in order."


def topic_operations() -> Json:
    """The service both sends and receives on its topics: gateway and processors meet there."""
    operations: Json = {}
    for topic in topic_channels():
        channel = {"$ref": f"#/channels/{topic}"}
        operations[f"send.{topic}"] = {"action": "send", "channel": channel, "summary": f"Publishes to {topic}."}
        operations[f"receive.{topic}"] = {"action": "receive", "channel": channel, "summary": f"Reads {topic}."}
    return operations


def reference(section: str, name: str) -> Json:
    return {"$ref": f"#/components/{section}/{name}"}


def referenced(kinds: Iterable[type[msgspec.Struct]]) -> Json:
    return {kind.__name__: reference("messages", kind.__name__) for kind in kinds}


def of_channel(channel: str, name: str) -> Json:
    return {"$ref": f"#/channels/{channel}/messages/{name}"}
