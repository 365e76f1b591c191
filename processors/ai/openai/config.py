"""Where the endpoints are and how patient we are with them."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from processors.ai.attempts import Retries, is_url

_CHAT_PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint: `url` is its base, mostly ending in `/v1`. Without `key` no Authorization is
    sent; without `model` the first of its list is used. Raises ValueError for what is no http(s) URL."""

    url: str
    key: str = field(default="", repr=False)
    model: str = ""

    def __post_init__(self) -> None:
        if not is_url(self.url):
            raise ValueError("expected an http or https URL without a user, such as https://api.openai.com/v1")
        if not self.key.isascii() or any(character.isspace() for character in self.key):
            raise ValueError("the key may hold neither spaces nor characters beyond ASCII")

    def at(self, path: str) -> str:
        """The URL of `path` below the base, also where the base was given as that of the chat itself."""
        return self.url.rstrip("/").removesuffix(_CHAT_PATH) + path

    @property
    def host(self) -> str:
        """For log lines."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect; from the request to the first token; from one token to the next. The whole call with its
    retries is bounded by `Retries.seconds`."""

    connect: float = 10.0
    first_token: float = 30.0
    between_tokens: float = 20.0


@dataclass(frozen=True, slots=True)
class OpenAiConfig:
    """`endpoints` are asked in order: the next where the one before is used up. `concurrency` bounds the requests under
    way, `max_tokens` a reply where its sampling does not say."""

    endpoints: tuple[Endpoint, ...]
    timeouts: Timeouts = field(default_factory=Timeouts)
    retries: Retries = field(default_factory=Retries)
    concurrency: int = 64
    max_tokens: int = 1024
    models_seconds: float = 300.0
    """How long a list of models is believed."""
