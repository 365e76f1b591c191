"""Which adapter stands behind which port: decided here, once."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.topics import all_topics
from deploy.settings import Settings, SettingsError
from storage import collections
from storage.blobs import BlobConfig, Blobs, open_blobs, open_directory
from storage.documents.sqlite import SqliteDocuments
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.sources import SystemClock, Uuid7
from storage.sqlite import Database
from storage.stores import Stores

logger = logging.getLogger(__name__)

DATABASE_FILE = "tokstream.sqlite"
BLOB_FOLDER = "blobs"


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
