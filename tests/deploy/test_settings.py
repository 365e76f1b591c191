"""Settings from the environment."""

import socket
from pathlib import Path

import pytest

from deploy.gateways import gateway_config
from deploy.http import bind
from deploy.settings import Settings, SettingsError, describe, load


def test_defaults_are_those_of_the_laptop() -> None:
    settings = load({})
    assert settings == Settings()
    assert settings.host == "127.0.0.1"
    assert settings.ocr == "auto"
    assert settings.workers() >= 1


def test_variables_are_converted_and_options_win() -> None:
    environment = {"TOKSTREAM_PORT": "9000", "TOKSTREAM_DATA_DIR": "/srv/x", "TOKSTREAM_OCR": "", "HOME": "/"}
    settings = load(environment, port=9001, host=None)
    assert settings.port == 9001
    assert settings.data_dir == Path("/srv/x")
    assert settings.ocr == "auto"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TOKSTREAM_PORT": "many"}, "TOKSTREAM_PORT='many'"),
        ({"TOKSTREAM_OCR": "magic"}, "TOKSTREAM_OCR='magic'"),
        ({"TOKSTREAM_OCR": "magic"}, "one of auto, tokstream, paddle, tesseract"),
        ({"TOKSTREAM_PORT": "99999"}, "TOKSTREAM_PORT='99999'"),
        ({"TOKSTREAM_CONCURRENCY": "0"}, "TOKSTREAM_CONCURRENCY='0'"),
        ({"TOKSTREAM_OCR_WORKERS": "-1"}, "TOKSTREAM_OCR_WORKERS='-1'"),
        ({"TOKSTREAM_DRAIN_SECONDS": "nan"}, "TOKSTREAM_DRAIN_SECONDS='nan'"),
        ({"TOKSTREAM_DEFAULT_WAIT": "inf"}, "TOKSTREAM_DEFAULT_WAIT='inf'"),
        ({"TOKSTREAM_KAFKA_SECURITY_PROTOCOL": "TLS"}, "one of PLAINTEXT, SSL"),
        ({"TOKSTREAM_PROT": "1"}, "TOKSTREAM_PROT is no setting"),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(environment)


def test_every_setting_is_described() -> None:
    rows = describe()
    assert len(rows) == len(Settings.__struct_fields__)
    assert all(meaning.endswith(".") for _, _, meaning in rows)


def test_listening_for_others_needs_keys() -> None:
    with pytest.raises(SettingsError, match="TOKSTREAM_API_KEYS"):
        bind(Settings(host="0.0.0.0", port=0))
    with bind(Settings(host="0.0.0.0", port=0, api_keys=f"me={'0' * 64}")) as listener:
        assert listener.getsockname()[1] > 0


def test_a_port_that_is_taken_is_told() -> None:
    with bind(Settings(port=0)) as taken, pytest.raises(SettingsError, match="choose another"):
        bind(Settings(port=taken.getsockname()[1]))


@pytest.mark.parametrize("keys", ["me", "me=abc", f"={'0' * 64}", f"me={'0' * 64},you=1"])
def test_malformed_keys_are_refused(keys: str) -> None:
    with pytest.raises(SettingsError, match="tokstream key OWNER"):
        gateway_config(Settings(api_keys=keys), only_gateway=True)


def test_several_gateways_with_keys_need_a_common_ticket_secret() -> None:
    settings = Settings(api_keys=f"me={'0' * 64}")
    with pytest.raises(SettingsError, match="TOKSTREAM_TICKET_SECRET"):
        gateway_config(settings, only_gateway=False)
    assert gateway_config(settings, only_gateway=True).keys[0].owner == "me"


def test_accepted_connections_send_small_pushes_at_once() -> None:
    with bind(Settings(port=0)) as listener, socket.create_connection(listener.getsockname()) as _:
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
