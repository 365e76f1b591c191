"""Changing a document that others change too."""

from collections.abc import Callable

from storage.documents.port import Collection, D, Documents
from storage.errors import Unavailable, VersionConflict

ATTEMPTS = 20


async def update(
    documents: Documents, collection: Collection[D], key: str, change: Callable[[D], D | None]
) -> D | None:
    """Reads, changes and replaces a document, again from the start where somebody else was faster.

    `change` gets the document and returns the new one, or None to leave it as it is; it may run several times.
    Returns the
    document as it is afterwards, None where there is none. Raises Unavailable where it loses the race too often.
    """
    for _ in range(ATTEMPTS):
        found = await documents.get(collection, key)
        if found is None:
            return None
        changed = change(found.document)
        if changed is None:
            return found.document
        try:
            await documents.replace(collection, changed, found.version)
        except VersionConflict:
            continue
        return changed
    raise Unavailable(f"{collection.name} {key} is changed by too many at once")
