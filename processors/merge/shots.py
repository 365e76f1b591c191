"""What merging starts from."""

from contracts.base import Record
from contracts.resources import Extraction
from processors.merge.images import RowSignature


class Shot(Record, frozen=True):
    """One screenshot as read, with the signature of its rows where the image could be had."""

    extraction: Extraction
    signature: RowSignature | None = None
