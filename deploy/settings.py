"""The one place where the service is configured: environment variables `TOKSTREAM_*`, each documented where it is
declared.

Every field of `Settings` is the variable `TOKSTREAM_<NAME IN CAPITALS>`. Empty variables count as unset.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

import msgspec

from contracts.base import Record

PREFIX = "TOKSTREAM_"
CAPABILITIES = ("ocr", "imports", "merge", "analysis", "conversation")
"""What a processor can be told to run."""


def _says(text: str, *, least: float | None = None, most: float | None = None) -> msgspec.Meta:
    """What a setting means, and the bounds of its number, both inclusive."""
    return msgspec.Meta(description=text, ge=least, le=most)


class Settings(Record, frozen=True):
    """All settings with their defaults, which are those of the embedded service on a laptop."""

    host: Annotated[str, _says("Address to listen on. Anything but loopback needs API keys.")] = "127.0.0.1"
    port: Annotated[int, _says("Port to listen on; 0 takes a free one.", least=0, most=65535)] = 8080
    data_dir: Annotated[Path, _says("Where the embedded service keeps its database and images.")] = Path("data")

    ocr: Annotated[
        Literal["auto", "tokstream", "paddle", "tesseract"],
        _says("OCR engine: auto reads Korean and Latin itself and leaves other scripts to PaddleOCR."),
    ] = "auto"
    paddle_models: Annotated[Path | None, _says("Folder with PaddleOCR models for TOKSTREAM_OCR=paddle.")] = None
    ocr_workers: Annotated[
        int, _says("Processes that read screenshots; 0 is one for each core but one, at least one.", least=0, most=256)
    ] = 0

    kafka: Annotated[str, _says("Kafka bootstrap servers, host:port separated by commas.")] = ""
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], _says("How brokers are spoken to.")
    ] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], _says("How SASL tells who we are.")
    ] = "PLAIN"
    kafka_username: Annotated[str, _says("SASL user.")] = ""
    kafka_password: Annotated[str, _says("SASL password.")] = ""
    kafka_ca_file: Annotated[str, _says("CA certificates (PEM) for SSL; empty uses those of the system.")] = ""
    kafka_certificate_file: Annotated[
        str, _says("Our certificate (PEM) where the brokers ask for one; needs TOKSTREAM_KAFKA_SECURITY_PROTOCOL=SSL.")
    ] = ""
    kafka_key_file: Annotated[str, _says("Key (PEM) of our certificate; empty where its file holds both.")] = ""
    kafka_compression: Annotated[
        Literal["none", "gzip", "lz4", "snappy", "zstd"],
        _says("How records are compressed; all but gzip need the extra `kafka`."),
    ] = "none"
    kafka_replication_factor: Annotated[int, _says("Replicas of topics that Tokstream makes.", least=1, most=100)] = 1

    mongodb: Annotated[str, _says("MongoDB URI of a replica set.")] = ""
    mongodb_database: Annotated[str, _says("Name of the database.")] = "tokstream"

    blobs: Annotated[
        str, _says("Where images lie: s3://bucket/prefix, gs://… or az://…; empty is the data directory.")
    ] = ""
    blobs_endpoint: Annotated[str, _says("Endpoint of an S3-compatible store.")] = ""
    blobs_region: Annotated[str, _says("Region of the S3 bucket.")] = "us-east-1"
    blobs_access_key: Annotated[str, _says("S3 access key; empty uses the environment's own credentials.")] = ""
    blobs_secret_key: Annotated[str, _says("S3 secret key.")] = ""

    api_keys: Annotated[
        str, _says("owner=SHA-256 of the key, separated by commas; `tokstream key OWNER` makes one.")
    ] = ""
    ticket_secret: Annotated[str, _says("Signs the tickets of browser sockets; the same on every gateway.")] = ""
    allowed_origins: Annotated[str, _says("Browser origins that may call, separated by commas.")] = ""
    allowed_hosts: Annotated[str, _says("Host names that are answered without keys, besides loopback.")] = ""
    max_upload_bytes: Annotated[int, _says("Largest image file.", least=1024)] = 20 * 1024 * 1024
    max_pixels: Annotated[int, _says("Most pixels (width times height) of an image.", least=10_000)] = 40_000_000
    default_wait: Annotated[
        float, _says("Seconds that a POST waits for its result before it answers 202.", least=0, most=3600)
    ] = 30.0

    ai: Annotated[
        Literal["builtin", "openai", "classic"],
        _says("AI engine: builtin uses no network; openai any OpenAI-compatible endpoint; classic the analysis API."),
    ] = "builtin"
    ai_url: Annotated[str, _says("Base URL of the endpoint for TOKSTREAM_AI=openai, mostly ending in /v1.")] = ""
    ai_key: Annotated[str, _says("Key of the endpoint; empty sends none.")] = ""
    ai_model: Annotated[str, _says("Model that is asked; empty takes the first that the endpoint lists.")] = ""
    ai_fallback_url: Annotated[str, _says("Base URL of a second endpoint, asked where the first fails.")] = ""
    ai_fallback_key: Annotated[str, _says("Key of the second endpoint.")] = ""
    ai_fallback_model: Annotated[str, _says("Model of the second endpoint.")] = ""
    ai_timeout: Annotated[
        float, _says("Seconds for one call of the AI engine with all its retries.", least=1, most=3600)
    ] = 120.0
    ai_connect_timeout: Annotated[float, _says("Seconds to connect to an AI service.", least=0.1, most=600)] = 10.0
    ai_first_token_timeout: Annotated[
        float, _says("Seconds from a request to the first token of its reply.", least=0.1, most=3600)
    ] = 30.0
    ai_token_timeout: Annotated[
        float, _says("Seconds from one token of a reply to the next.", least=0.1, most=3600)
    ] = 20.0
    ai_attempts: Annotated[int, _says("Attempts at one AI service where it fails in passing.", least=1, most=20)] = 3
    ai_concurrency: Annotated[int, _says("Requests to the AI service under way at a time.", least=1, most=10_000)] = 64
    ai_max_tokens: Annotated[
        int, _says("Tokens of a reply where its request does not say.", least=16, most=1_000_000)
    ] = 1024
    ai_context_tokens: Annotated[
        int, _says("Tokens of the model's window; the context of a conversation is cut to it.", least=512)
    ] = 8192
    mask_names: Annotated[bool, _says("Whether names of persons are masked before text leaves the machine.")] = False
    masked_names: Annotated[
        str, _says("Names to mask besides those of senders, separated by commas; your own for instance.")
    ] = ""
    classic_analyze_url: Annotated[str, _says("URL of analyze-messages for TOKSTREAM_AI=classic.")] = ""
    classic_suggestion_url: Annotated[str, _says("URL of suggestion-messages.")] = ""
    classic_start_url: Annotated[str, _says("URL of start-conversation.")] = ""
    classic_send_url: Annotated[str, _says("URL of send-message.")] = ""

    concurrency: Annotated[int, _says("Commands that one consumer handles at a time.", least=1, most=1000)] = 16
    conversation_concurrency: Annotated[
        int, _says("Replies that one consumer streams at a time.", least=1, most=10_000)
    ] = 256
    drain_seconds: Annotated[
        float, _says("Seconds that running work gets to finish at shutdown.", least=0, most=3600)
    ] = 20.0
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], _says("Least severe log line shown.")] = "INFO"
    log_format: Annotated[Literal["text", "json"], _says("Form of log lines.")] = "text"

    def workers(self) -> int:
        """How many processes read screenshots."""
        return self.ocr_workers or max(1, (os.cpu_count() or 2) - 1)


class SettingsError(ValueError):
    """A variable holds what it may not. The message names the variable and what it takes."""


def load(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """The settings of an environment (the process's own by default); `overrides` that are not None win.

    Raises SettingsError, also for a `TOKSTREAM_` variable that does not exist: a typing error must not pass silently.
    """
    environment = os.environ if environment is None else environment
    fields = {field.name for field in msgspec.structs.fields(Settings)}
    given: dict[str, object] = {}
    for variable, value in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or not value or name.startswith("test_") or name == "cache":
            continue
        if name not in fields:
            raise SettingsError(f"{variable} is no setting; `tokstream doctor` lists them")
        given[name] = _convert(name, value, variable)
    for name, override in overrides.items():
        if override is not None:
            given[name] = _convert(name, override, f"--{name.replace('_', '-')}")
    return Settings(**given)  # type: ignore[arg-type]


def _convert(name: str, value: object, source: str) -> object:
    annotation = get_type_hints(Settings, include_extras=True)[name]
    if get_args(annotation)[0] in (Path, Path | None):
        return Path(str(value)).expanduser()
    try:
        return msgspec.convert(value, annotation, strict=False)
    except msgspec.ValidationError as error:
        choices = get_args(get_args(annotation)[0])
        reason = f"expected one of {', '.join(choices)}" if choices else str(error)
        raise SettingsError(f"{source}={value!r}: {reason}") from error


def describe() -> list[tuple[str, str, str]]:
    """(variable, default, meaning) of every setting, in the order of declaration."""
    hints = get_type_hints(Settings, include_extras=True)
    rows = []
    for field in msgspec.structs.fields(Settings):
        meta = get_args(hints[field.name])[1]
        rows.append(
            (PREFIX + field.name.upper(), "" if field.default is None else str(field.default), meta.description)
        )
    return rows
