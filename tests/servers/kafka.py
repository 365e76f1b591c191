"""Apache Kafka: a real broker in KRaft mode, one process that is broker and controller."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.servers.cache import NotProvisioned, cache_folder
from tests.servers.process import HOST, ServerProcess, free_ports

VERSION = "4.2.0"
_FORMAT_TIMEOUT_S = 60.0
# The serial collector and the first compiler tier halve the start of a broker that lives for minutes.
_JAVA_OPTIONS = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

# A broker that was killed is let in again only when its former session has ended: 9 s unless told otherwise.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENTS://{host}:{port}
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENTS:{protocol},CONTROLLER:PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""

_SECURITY = """\
listener.name.clients.sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.clients.plain.sasl.jaas.config={login} required username="{username}" password="{password}" \
    user_{username}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={certificate}
"""
_LOGIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


class Security(NamedTuple):
    """What clients need where the broker wants TLS and a password: its self-signed certificate is its own authority."""

    certificate: Path
    keystore: Path
    username: str = "tokstream"
    password: str = "a-password-for-tests"

    @classmethod
    def made(cls, folder: Path) -> "Security":
        """Makes a certificate for 127.0.0.1 with openssl, valid for a day. Raises NotProvisioned."""
        if shutil.which("openssl") is None:
            raise NotProvisioned("openssl")
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        subject = ["-subj", "/CN=tokstream-test", "-addext", f"subjectAltName=IP:{HOST}"]
        _output([*request, *subject, "-keyout", str(key), "-out", str(certificate)])
        keystore = folder / "keystore.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        return cls(certificate, keystore)


def libraries() -> Path:
    """The folder of Kafka's jars. Raises NotProvisioned."""
    folder = cache_folder() / f"kafka-{VERSION}"
    if not folder.is_dir() or shutil.which("java") is None:
        raise NotProvisioned(f"Apache Kafka {VERSION}")
    return folder


class KafkaServer(ServerProcess):
    """One broker. `bootstrap` is what clients connect to, in plain text or, with `security`, as SASL_SSL."""

    def __init__(self, folder: Path, security: Security | None = None) -> None:
        jars = libraries()
        folder.mkdir(parents=True, exist_ok=True)
        port, controller_port = free_ports(2)
        self.bootstrap = f"{HOST}:{port}"
        properties = folder / "server.properties"
        protocol = "PLAINTEXT" if security is None else "SASL_SSL"
        text = _PROPERTIES.format(
            host=HOST, port=port, controller_port=controller_port, data=folder / "data", protocol=protocol
        )
        if security is not None:
            text += _SECURITY.format(login=_LOGIN_MODULE, **security._asdict())
        properties.write_text(text)
        # Java expands the asterisk itself.
        java = ["java", *_JAVA_OPTIONS, "-Dlog4j2.level=WARN", "-cp", f"{jars}/*"]
        storage_tool = [*java, "kafka.tools.StorageTool"]
        cluster = _output([*storage_tool, "random-uuid"]).split()[-1]
        _output([*storage_tool, "format", "-t", cluster, "-c", str(properties)])
        super().__init__("Kafka", [*java, "kafka.Kafka", str(properties)], port, folder / "kafka.log")


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_FORMAT_TIMEOUT_S)
    if done.returncode != 0:
        raise RuntimeError(f"{command[-1]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
