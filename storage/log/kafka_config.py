"""How to reach Kafka, and how long to wait for it."""

import logging
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from contracts.base import Record
from contracts.topics import EVENTS
from storage.errors import RecordTooLarge, Unavailable
from storage.log.port import MAX_RECORD_BYTES
from storage.log.records import MAX_ENVELOPE_BYTES

MAX_BATCH_BYTES = MAX_RECORD_BYTES + MAX_ENVELOPE_BYTES + 64 * 1024
"""A record batch of one largest record, with what the format adds to it."""

_LOGGER = "aiokafka"


class KafkaConfig(Record, frozen=True):
    """`bootstrap` is host:port of one or more brokers, separated by commas. `security_protocol` is PLAINTEXT, SSL,
    SASL_PLAINTEXT or SASL_SSL; `sasl_mechanism` PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. Files are in PEM format:
    `ca_file` where the system's authorities do not sign the brokers, `certificate_file` and `key_file` where the
    brokers ask for one. `compression` is None, gzip, or (with the extra `kafka`) lz4, snappy, zstd. Times are in
    seconds.
    """

    bootstrap: str
    client_id: str = "tokstream"
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    sasl_username: str | None = None
    sasl_password: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    replication_factor: int = 1
    compression: str | None = None
    live_topics: tuple[str, ...] = (EVENTS,)
    live_seconds: float = 24 * 3_600.0
    """How long the live topics keep records, when we make them: the journal is the truth."""
    request_timeout: float = 10.0
    """How long the broker may take to answer one question, a commit among them."""
    publish_timeout: float = 30.0
    """How long a publication may take before it is given up as Unavailable. It may still be stored afterwards."""
    revocation_timeout: float = 30.0
    """How long a member may take to finish and commit before its partitions go to another."""
    session_timeout: float = 10.0
    """How long the broker waits for a member that no longer answers."""

    def __repr__(self) -> str:
        return f"KafkaConfig(bootstrap={self.bootstrap!r}, security_protocol={self.security_protocol!r})"

    def servers(self) -> Sequence[str]:
        return [server.strip() for server in self.bootstrap.split(",") if server.strip()]

    def connection(self) -> dict[str, Any]:
        """The arguments that every client of aiokafka takes. Raises OSError for files that are no good."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.servers(),
            "client_id": self.client_id,
            "security_protocol": self.security_protocol,
            "request_timeout_ms": int(self.request_timeout * 1000),
            "retry_backoff_ms": 100,
            "metadata_max_age_ms": 30_000,
        }
        if self.security_protocol.endswith("SSL"):
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.certificate_file is not None:
                context.load_cert_chain(self.certificate_file, self.key_file)
            arguments["ssl_context"] = context
        if self.security_protocol.startswith("SASL"):
            arguments["sasl_mechanism"] = self.sasl_mechanism
            arguments["sasl_plain_username"] = self.sasl_username
            arguments["sasl_plain_password"] = self.sasl_password
        return arguments

    def topic_settings(self, topic: str) -> dict[str, str]:
        """The settings of a topic that we make."""
        settings = {"max.message.bytes": str(MAX_BATCH_BYTES)}
        if topic in self.live_topics:
            settings["retention.ms"] = str(int(self.live_seconds * 1000))
        elif topic.endswith(".dead"):
            settings["retention.ms"] = "-1"
        if self.replication_factor >= 3:
            settings["min.insync.replicas"] = "2"
        return settings


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raises what aiokafka and the network raise as what storage raises; `doing` begins the message."""
    try:
        yield
    except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
        raise RecordTooLarge(f"{doing}: {error or 'the broker refuses a record of this size'}") from error
    except TimeoutError as error:
        raise Unavailable(f"{doing}: Kafka did not answer in time") from error
    except (KafkaError, OSError) as error:
        raise Unavailable(f"{doing}: {error}") from error


class RepeatFilter(logging.Filter):
    """Lets the same message of the same place through once in `interval` seconds: a broker that is away for a minute is
    one line in the log, not one a reconnect."""

    def __init__(self, interval: float = 30.0) -> None:
        super().__init__()
        self._interval = interval
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        place = (record.name, str(record.msg))
        now = time.monotonic()
        if record.levelno < logging.WARNING or now - self._last.get(place, float("-inf")) >= self._interval:
            self._last[place] = now
            return True
        return False


_repeat_filter = RepeatFilter()


def tame_logging() -> None:
    """Installs the filter on every logger of aiokafka that there is. Safe to repeat."""
    # A filter of a logger does not see what is logged to its children: each needs it.
    for name in list(logging.Logger.manager.loggerDict):
        if name == _LOGGER or name.startswith(_LOGGER + "."):
            logging.getLogger(name).addFilter(_repeat_filter)
