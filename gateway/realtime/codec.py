"""The two encodings of the websocket: frames to client messages, server messages to frames."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from contracts.errors import MALFORMED_MESSAGE, UNKNOWN_MESSAGE, TokstreamError
from contracts.realtime import (
    MAX_MESSAGE_BYTES,
    NO_DATA,
    SUBPROTOCOL_JSON,
    SUBPROTOCOL_MSGPACK,
    ClientMessage,
    CommandMessage,
    ServerMessage,
    Subscribed,
)
from gateway.realtime.publication import Publication, json_encoder, packer

Frame = str | bytes
"""Text frames are str, binary frames bytes."""

INCOMING = ClientMessage | list[ClientMessage]
UNREADABLE = (msgspec.DecodeError, ValueError, TypeError, RecursionError, OverflowError)
"""What msgspec raises for bytes that are not what they should be; bad UTF-8 is a ValueError."""
TAGS = frozenset({"connect", "subscribe", "unsubscribe", "command", "cancel", "ping", "pong"})


class Malformed(TokstreamError):
    """A frame that is not of the protocol. `id` is that of the message, where at least that much could be read."""

    id: str | None = None


class Header(msgspec.Struct):
    """As much of a bad message as an answer needs."""

    id: str | None = None
    type: str | None = None


class Codec(Protocol):
    @property
    def subprotocol(self) -> str: ...

    def decode(self, frame: Frame) -> list[ClientMessage]:
        """The messages of a frame, at least one; `data` of commands is JSON. Raises Malformed, and nothing else."""
        ...

    def encode(self, message: ServerMessage) -> Frame:
        """One message. The `data` of events in it is given as JSON."""
        ...

    def push(self, publication: Publication) -> Frame:
        """The push of an event; encoded once, whoever asks."""
        ...

    def join(self, parts: Sequence[Frame]) -> Frame:
        """One frame of at least one encoded message: the message, or an array of them."""
        ...


class JsonCodec:
    subprotocol = SUBPROTOCOL_JSON

    def __init__(self) -> None:
        self.decoder = msgspec.json.Decoder(INCOMING)
        self.headers = msgspec.json.Decoder(Header)

    def decode(self, frame: Frame) -> list[ClientMessage]:
        check_length(frame)
        if not isinstance(frame, str):
            raise Malformed(MALFORMED_MESSAGE, f"{SUBPROTOCOL_JSON} uses text frames")
        try:
            decoded = self.decoder.decode(frame)
        except UNREADABLE as error:
            raise explained(error, lambda: self.headers.decode(frame)) from None
        return messages_of(decoded)

    def encode(self, message: ServerMessage) -> Frame:
        return json_encoder.encode(message).decode()

    def push(self, publication: Publication) -> Frame:
        return publication.json

    def join(self, parts: Sequence[Frame]) -> Frame:
        texts = [part for part in parts if isinstance(part, str)]
        return texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"


class MsgpackCodec:
    subprotocol = SUBPROTOCOL_MSGPACK

    def __init__(self) -> None:
        self.decoder = msgspec.msgpack.Decoder(INCOMING)
        self.headers = msgspec.msgpack.Decoder(Header)

    def decode(self, frame: Frame) -> list[ClientMessage]:
        check_length(frame)
        if isinstance(frame, str):
            raise Malformed(MALFORMED_MESSAGE, f"{SUBPROTOCOL_MSGPACK} uses binary frames")
        try:
            decoded = self.decoder.decode(frame)
        except UNREADABLE as error:
            raise explained(error, lambda: self.headers.decode(frame)) from None
        return [self.with_json(message) for message in messages_of(decoded)]

    def with_json(self, message: ClientMessage) -> ClientMessage:
        """Commands are run with JSON whatever their client speaks."""
        if not isinstance(message, CommandMessage) or message.data == NO_DATA:
            return message  # the default is JSON already; as MessagePack it would be two values
        try:
            data = json_encoder.encode(msgspec.msgpack.decode(message.data))
        except UNREADABLE as error:
            malformed = Malformed(MALFORMED_MESSAGE, f"data cannot be said in JSON: {error}", field="data")
            malformed.id = message.id
            raise malformed from None
        return msgspec.structs.replace(message, data=msgspec.Raw(data))

    def encode(self, message: ServerMessage) -> Frame:
        if isinstance(message, Subscribed):
            events = tuple(Publication(event).packed_event for event in message.events)
            message = msgspec.structs.replace(message, events=events)
        return packer.encode(message)

    def push(self, publication: Publication) -> Frame:
        return publication.packed

    def join(self, parts: Sequence[Frame]) -> Frame:
        packed = [part for part in parts if isinstance(part, bytes)]
        return packed[0] if len(packed) == 1 else array_header(len(packed)) + b"".join(packed)


def codec_for(subprotocol: str | None) -> Codec:
    return MsgpackCodec() if subprotocol == SUBPROTOCOL_MSGPACK else JsonCodec()


def array_header(length: int) -> bytes:
    """The start of a MessagePack array: fixarray, array 16 or array 32.
    https://github.com/msgpack/msgpack/blob/master/spec.md#array-format-family"""
    if length < 16:
        return bytes([0x90 | length])
    return b"\xdc" + length.to_bytes(2, "big") if length < 65536 else b"\xdd" + length.to_bytes(4, "big")


def check_length(frame: Frame) -> None:
    if len(frame) > MAX_MESSAGE_BYTES:
        raise Malformed(MALFORMED_MESSAGE, f"a frame may have {MAX_MESSAGE_BYTES} bytes, not {len(frame)}")


def messages_of(decoded: ClientMessage | list[ClientMessage]) -> list[ClientMessage]:
    if not isinstance(decoded, list):
        return [decoded]
    if not decoded:
        raise Malformed(MALFORMED_MESSAGE, "the frame holds no message")
    return decoded


class ReadHeader(Protocol):
    def __call__(self) -> Header: ...


def explained(error: Exception, read_header: ReadHeader) -> Malformed:
    """What to tell the client about a frame that could not be decoded."""
    try:
        header = read_header()
    except UNREADABLE:
        header = Header()
    if header.type is not None and header.type not in TAGS:
        known = ", ".join(sorted(TAGS))
        malformed = Malformed(UNKNOWN_MESSAGE, f"{header.type[:64]!r} is no message type; there are {known}")
    elif isinstance(error, msgspec.ValidationError):
        malformed = Malformed(MALFORMED_MESSAGE, str(error)[:300])
    else:
        malformed = Malformed(MALFORMED_MESSAGE, "the frame cannot be decoded")
    if header.id is not None and len(header.id) <= 128:
        malformed.id = header.id
    return malformed
