"""What a gateway is told when it is built. Where the values come from is the business of deploy."""

from contracts.base import Record
from contracts.resources import ServiceLimits

MEBIBYTE = 1024 * 1024


class ApiKey(Record, frozen=True):
    """`digest` is the SHA-256 of the key in lowercase hexadecimal, `owner` the name that documents made with it
    carry."""

    digest: str
    owner: str


class GatewayConfig(Record, frozen=True):
    """Sizes are bytes, times seconds.

    Without `keys` everybody is the owner "local" and only loopback host names are answered (plus `allowed_hosts`), so
    that no web page can reach the service through a name of its own. `allowed_origins` are the browser origins that may
    call (`https://chat.example`), besides the service's own.

    `ticket_secret` signs tickets; every gateway of a deployment needs the same. Empty: a random one, good for one
    process.

    `idempotency_lease` is how long a request with an Idempotency-Key may stay unanswered before a repetition takes it
    over; 0 where this process is the only gateway on its stores, since an unanswered request is then a dead one.
    """

    version: str
    keys: tuple[ApiKey, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    ticket_secret: str = ""
    ticket_seconds: int = 60
    max_upload_bytes: int = 20 * MEBIBYTE
    max_pixels: int = 40_000_000
    max_files: int = 20
    max_request_bytes: int = 100 * MEBIBYTE
    body_timeout: float = 120.0
    default_wait: float = 30.0
    max_wait: float = 120.0
    stalled_task: float = 900.0
    idempotency_retention: float = 24 * 3600.0
    idempotency_lease: float = 180.0
    check_timeout: float = 3.0

    @property
    def limits(self) -> ServiceLimits:
        """The part that `/info` shows."""
        return ServiceLimits(
            max_upload_bytes=self.max_upload_bytes,
            max_pixels=self.max_pixels,
            max_files=self.max_files,
            max_request_bytes=self.max_request_bytes,
            default_wait=self.default_wait,
            max_wait=self.max_wait,
        )
