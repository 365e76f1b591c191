"""Every record of the event log is a CloudEvents 1.0 message in the binary mode of the Kafka protocol binding.

Attributes are headers `ce_<name>` with UTF-8 values, the content type is the header `content-type`, the body is
the data.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Mapping

from contracts.base import Record

SPEC_VERSION = "1.0"
JSON = "application/json"
_REQUIRED = ("ce_specversion", "ce_id", "ce_type", "ce_source")


class Envelope(Record, frozen=True):
    """The attributes of one event. `subject` is the stream or session concerned, `time` RFC 3339. `seq` and `epoch` are
    extension attributes: the place in its stream that an event of the journal has."""

    id: str
    type: str
    source: str
    time: str
    subject: str | None = None
    traceparent: str | None = None
    epoch: str | None = None
    seq: int | None = None
    owner: str | None = None


def to_headers(envelope: Envelope) -> dict[str, str]:
    """The headers that say the same."""
    headers = {
        "content-type": JSON,
        "ce_specversion": SPEC_VERSION,
        "ce_id": envelope.id,
        "ce_type": envelope.type,
        "ce_source": envelope.source,
        "ce_time": envelope.time,
    }
    for name in ("subject", "traceparent", "epoch", "seq", "owner"):
        value = getattr(envelope, name)
        if value is not None:
            headers[f"ce_{name}"] = str(value)
    return headers


def from_headers(headers: Mapping[str, str]) -> Envelope:
    """The inverse of `to_headers`. Raises ValueError naming the attribute that is missing or malformed."""
    for name in _REQUIRED:
        if not headers.get(name):
            raise ValueError(f"the record is no CloudEvents message: header {name} is missing")
    if headers["ce_specversion"] != SPEC_VERSION:
        raise ValueError(f"CloudEvents version {headers['ce_specversion']!r} is not supported, only {SPEC_VERSION}")
    seq = headers.get("ce_seq")
    if seq is not None and not (seq.isascii() and seq.isdigit()):
        raise ValueError(f"header ce_seq is {seq!r}, not a sequence number")
    return Envelope(
        id=headers["ce_id"],
        type=headers["ce_type"],
        source=headers["ce_source"],
        time=headers.get("ce_time", ""),
        subject=headers.get("ce_subject"),
        traceparent=headers.get("ce_traceparent"),
        epoch=headers.get("ce_epoch"),
        seq=None if seq is None else int(seq),
        owner=headers.get("ce_owner"),
    )
