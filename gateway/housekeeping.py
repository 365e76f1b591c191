"""What a gateway does now and then beside its requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from storage.errors import Unavailable

logger = logging.getLogger("tokstream.gateway")


async def repeat(sweep: Callable[[], Awaitable[object]], seconds: float, what: str) -> None:
    """Sweeps now and every so many seconds, until cancelled. `what` is swept, for the log."""
    while True:
        try:
            await sweep()
        except Unavailable as error:
            logger.warning("%s could not be swept: %s", what, error)
        except Exception:
            # A supervisor: housekeeping that fails must not take the gateway down with it.
            logger.exception("sweeping %s failed", what)
        await asyncio.sleep(seconds)
