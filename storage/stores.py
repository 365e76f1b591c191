"""The stores a part of the service is given: chosen once by deploy/wiring, used through the ports everywhere else."""

from dataclasses import dataclass

from storage.blobs import Blobs
from storage.documents.port import Documents
from storage.feed import EventFeed
from storage.journal.port import Journal
from storage.log.port import EventLog
from storage.sources import Clock, IdSource


@dataclass(frozen=True, slots=True)
class Stores:
    log: EventLog
    journal: Journal
    feed: EventFeed
    documents: Documents
    blobs: Blobs
    clock: Clock
    ids: IdSource
