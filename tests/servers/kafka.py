"""Apache Kafka: a real broker in KRaft mode, one process that is broker and controller."""

import shutil
import subprocess
from pathlib import Path

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
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
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


def libraries() -> Path:
    """The folder of Kafka's jars. Raises NotProvisioned."""
    folder = cache_folder() / f"kafka-{VERSION}"
    if not folder.is_dir() or shutil.which("java") is None:
        raise NotProvisioned(f"Apache Kafka {VERSION}")
    return folder


class KafkaServer(ServerProcess):
    """One broker. `bootstrap` is what clients connect to."""

    def __init__(self, folder: Path) -> None:
        jars = libraries()
        folder.mkdir(parents=True, exist_ok=True)
        port, controller_port = free_ports(2)
        self.bootstrap = f"{HOST}:{port}"
        properties = folder / "server.properties"
        properties.write_text(
            _PROPERTIES.format(host=HOST, port=port, controller_port=controller_port, data=folder / "data")
        )
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
