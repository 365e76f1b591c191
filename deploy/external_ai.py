"""AI engines far away, as the settings name them."""

from collections.abc import Callable

from deploy.settings import PREFIX, Settings, SettingsError
from processors.ai.attempts import Retries, is_url
from processors.ai.classic.engine import ClassicEngine
from processors.ai.classic.service import ClassicConfig
from processors.ai.masking.engine import MaskingEngine
from processors.ai.openai.config import Endpoint, OpenAiConfig, Timeouts
from processors.ai.openai.engine import OpenAiEngine
from processors.ai.port import AiEngine

_CLASSIC_URLS = ("classic_analyze_url", "classic_suggestion_url", "classic_start_url", "classic_send_url")


def external_engine(settings: Settings, builtin: Callable[[], AiEngine]) -> AiEngine:
    """The engine far away that the settings name; `builtin` makes what stands in for the chat that the classic API has
    not. Raises SettingsError."""
    if settings.ai == "openai":
        return _masked(OpenAiEngine(_openai_config(settings)), settings)
    classic = _classic_config(settings)
    # The classic API has no free chat: an endpoint that is set takes it over, or the built-in engine does.
    chat = OpenAiEngine(_openai_config(settings)) if settings.ai_url else builtin()
    return _masked(ClassicEngine(classic, chat), settings)


def _masked(engine: AiEngine, settings: Settings) -> AiEngine:
    if not settings.mask_names:
        return engine
    names = [name.strip() for name in settings.masked_names.split(",") if name.strip()]
    return MaskingEngine(engine, names)


def _openai_config(settings: Settings) -> OpenAiConfig:
    if not settings.ai_url:
        raise SettingsError(
            f"{PREFIX}AI=openai: set {PREFIX}AI_URL to the base URL of an OpenAI-compatible endpoint, "
            "for example http://127.0.0.1:11434/v1"
        )
    endpoints = [_endpoint("AI", settings.ai_url, settings.ai_key, settings.ai_model)]
    if settings.ai_fallback_url:
        endpoints.append(
            _endpoint("AI_FALLBACK", settings.ai_fallback_url, settings.ai_fallback_key, settings.ai_fallback_model)
        )
    elif settings.ai_fallback_key or settings.ai_fallback_model:
        raise SettingsError(f"{PREFIX}AI_FALLBACK_KEY and _MODEL: set {PREFIX}AI_FALLBACK_URL too")
    return OpenAiConfig(
        endpoints=tuple(endpoints),
        timeouts=Timeouts(
            connect=settings.ai_connect_timeout,
            first_token=settings.ai_first_token_timeout,
            between_tokens=settings.ai_token_timeout,
        ),
        retries=_retries(settings),
        concurrency=settings.ai_concurrency,
        max_tokens=settings.ai_max_tokens,
    )


def _endpoint(prefix: str, url: str, key: str, model: str) -> Endpoint:
    try:
        return Endpoint(url, key, model)
    except ValueError as error:
        # What is wrong is told without the URL, which may hold a password.
        raise SettingsError(f"{PREFIX}{prefix}_URL, _KEY: {error}") from None


def _classic_config(settings: Settings) -> ClassicConfig:
    missing = [name for name in _CLASSIC_URLS if not getattr(settings, name)]
    if missing:
        names = ", ".join(PREFIX + name.upper() for name in missing)
        raise SettingsError(f"{PREFIX}AI=classic: set {names}")
    for name in _CLASSIC_URLS:
        if not is_url(getattr(settings, name)):
            raise SettingsError(f"{PREFIX}{name.upper()}: expected an http or https URL")
    return ClassicConfig(
        analyze_url=settings.classic_analyze_url,
        suggestion_url=settings.classic_suggestion_url,
        start_url=settings.classic_start_url,
        send_url=settings.classic_send_url,
        connect=settings.ai_connect_timeout,
        retries=_retries(settings),
        concurrency=settings.ai_concurrency,
    )


def _retries(settings: Settings) -> Retries:
    return Retries(attempts=settings.ai_attempts, seconds=settings.ai_timeout)
