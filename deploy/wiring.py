"""Which adapter stands behind which port: decided here, once.

The clients of Kafka and MongoDB are imported where they are opened: they take a second that `serve` need not spend.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.topics import all_topics
from deploy.settings import Settings, SettingsError
from storage import collections
from storage.blobs import BlobConfig, Blobs, open_blobs, open_directory
from storage.documents.sqlite import SqliteDocuments
from storage.errors import Unavailable
from storage.feed import JournalThenLog
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.port import EventLog
from storage.log.sqlite import SqliteEventLog
from storage.sources import SystemClock, Uuid7
from storage.sqlite import Database
from storage.stores import Stores

if TYPE_CHECKING:
    from storage.log.kafka import KafkaConfig

logger = logging.getLogger(__name__)

DATABASE_FILE = "tokstream.sqlite"
BLOB_FOLDER = "blobs"
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15.0


@asynccontextmanager
async def open_embedded(settings: Settings) -> AsyncIterator[Stores]:
    """One SQLite file and one directory of blobs. Raises Unavailable, InUse where another process has them."""
    clock, ids = SystemClock(), Uuid7()
    database = await Database.open(settings.data_dir / DATABASE_FILE)
    try:
        log = SqliteEventLog(database, clock)
        await log.ensure(all_topics())
        documents = SqliteDocuments(database)
        await documents.prepare(collections.ALL)
        journal = await SqliteJournal.open(database, ids)
        yield Stores(
            log=log,
            journal=journal,
            feed=SqliteFeed(journal, log),
            documents=documents,
            blobs=await _blobs(settings),
            clock=clock,
            ids=ids,
        )
    finally:
        await database.close()


async def _blobs(settings: Settings) -> Blobs:
    if not settings.blobs:
        return await open_directory(settings.data_dir / BLOB_FOLDER)
    options = {}
    if settings.blobs.startswith("s3://"):
        options["region"] = settings.blobs_region
        if settings.blobs_endpoint:
            options["endpoint"] = settings.blobs_endpoint
            options["virtual_hosted_style_request"] = "false"
        if settings.blobs_access_key:
            options["access_key_id"] = settings.blobs_access_key
            options["secret_access_key"] = settings.blobs_secret_key
    try:
        return await open_blobs(
            BlobConfig(url=settings.blobs, options=options, allow_http=settings.blobs_endpoint.startswith("http://"))
        )
    except ValueError as error:
        raise SettingsError(f"TOKSTREAM_BLOBS: {error}") from error


@asynccontextmanager
async def open_log(settings: Settings) -> AsyncIterator[EventLog]:
    """The event log alone, of whichever deployment the settings describe. Raises Unavailable, within seconds."""
    if not settings.kafka:
        async with open_embedded(settings) as stores:
            yield stores.log
        return
    from storage.log.kafka import KafkaEventLog

    log = KafkaEventLog(_kafka_config(settings))
    try:
        # Making topics is given time, because a broker may just be starting; somebody at a terminal is not waiting.
        await log.check()
        await log.ensure(all_topics())
        yield log
    finally:
        await log.close()


@dataclass(frozen=True, slots=True)
class Production:
    """The production stores. Before `prepared` is set their topics and unique indexes may be missing, and nothing
    may be written: a server that is away when a process starts is waited for, it does not end the process."""

    stores: Stores
    prepared: asyncio.Event


@asynccontextmanager
async def open_production(settings: Settings) -> AsyncIterator[Production]:
    """Kafka, MongoDB and an object store. Raises SettingsError where one of them is not named or misnamed."""
    missing = [name for name in ("kafka", "mongodb", "blobs") if not getattr(settings, name)]
    if missing:
        raise SettingsError(f"set {', '.join('TOKSTREAM_' + name.upper() for name in missing)}")
    from storage.documents.mongo import MongoDocuments
    from storage.journal.mongo import MongoJournal
    from storage.log.kafka import KafkaEventLog
    from storage.mongo import MongoConfig, MongoDatabase

    clock, ids = SystemClock(), Uuid7()
    blobs = await _blobs(settings)
    config = _kafka_config(settings)
    try:
        database = await MongoDatabase.open(MongoConfig(uri=settings.mongodb, database=settings.mongodb_database))
    except ValueError as error:
        # What the driver says may quote a piece of the password, where a character of it was not escaped.
        quotable = "@" not in settings.mongodb
        reason = str(error) if quotable else "the URI cannot be used; user and password must be percent-encoded"
        raise SettingsError(f"TOKSTREAM_MONGODB: {reason}") from (error if quotable else None)
    log = KafkaEventLog(config)
    journal = MongoJournal(database, ids)
    documents = MongoDocuments(database)
    stores = Stores(
        log=log,
        journal=journal,
        feed=JournalThenLog(journal, log),
        documents=documents,
        blobs=blobs,
        clock=clock,
        ids=ids,
    )
    production = Production(stores, asyncio.Event())

    async def prepare() -> None:
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                await log.ensure(all_topics())
                await documents.prepare(collections.ALL)
                await MongoJournal.open(database, ids)
            except Unavailable as error:
                logger.warning("not ready, again in %.0f s: %s", wait, error)
                await asyncio.sleep(wait)
                wait = min(LONGEST_WAIT_SECONDS, wait * 2)
            else:
                production.prepared.set()
                return

    try:
        # What cannot be waited for (a topic that may not be made, an index that contradicts) ends the process and says
        # why, rather than leave it waiting for ever.
        async with asyncio.TaskGroup() as tasks:
            preparing = tasks.create_task(prepare())
            try:
                yield production
            finally:
                preparing.cancel()
    finally:
        await log.close()
        await database.close()


def _kafka_config(settings: Settings) -> "KafkaConfig":
    """Raises SettingsError where it could never be used."""
    from aiokafka import codec

    from storage.log.kafka import KafkaConfig

    compression = None if settings.kafka_compression == "none" else settings.kafka_compression
    if compression is not None and not getattr(codec, f"has_{compression}")():
        raise SettingsError(f"TOKSTREAM_KAFKA_COMPRESSION={compression}: install the extra tokstream[kafka]")
    config = KafkaConfig(
        bootstrap=settings.kafka,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        sasl_username=settings.kafka_username or None,
        sasl_password=settings.kafka_password or None,
        ca_file=settings.kafka_ca_file or None,
        certificate_file=settings.kafka_certificate_file or None,
        key_file=settings.kafka_key_file or None,
        compression=compression,
        replication_factor=settings.kafka_replication_factor,
    )
    try:
        config.connection()
    except OSError as error:
        raise SettingsError(f"TOKSTREAM_KAFKA_CA_FILE, _CERTIFICATE_FILE or _KEY_FILE: {error}") from error
    return config
