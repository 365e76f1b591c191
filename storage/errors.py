"""What storage raises.

StorageError
├── Unavailable        the server cannot be reached or the disk cannot be written now: try again later
├── RecordTooLarge     the record can never be stored
├── DuplicateKey       a document with this key exists
├── VersionConflict    the document changed since it was read
└── NotFound           no such document or blob
"""


class StorageError(Exception):
    """The root of what storage raises."""


class Unavailable(StorageError):
    """The store cannot be reached, or cannot write now (disk full, no primary). Retrying later may succeed."""


class InUse(Unavailable):
    """Another process has the data directory open. It says which."""


class RecordTooLarge(StorageError):
    """A record is over the limit of its topic. Retrying never helps."""


class DuplicateKey(StorageError):
    """A unique index holds this key already. `index` names its fields."""

    def __init__(self, message: str, index: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.index = index


class VersionConflict(StorageError):
    """The document was changed or deleted since it was read."""


class NotFound(StorageError):
    """No such document or blob."""
