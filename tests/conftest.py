"""The real servers that tests run against: each is started once a process, when a test first needs it."""

import os
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

import pytest

from tests.servers.cache import NotProvisioned, skip_or_fail
from tests.servers.kafka import KafkaServer
from tests.servers.mongo import MongoServer
from tests.servers.process import ServerProcess
from tests.servers.s3 import S3Server

S = TypeVar("S", bound=ServerProcess)


def provisioned(make: Callable[[], S]) -> S:
    """A server that is installed but not started; skips the test, saying how to install it, where it is not."""
    try:
        return make()
    except NotProvisioned as error:
        skip_or_fail(error)


def _running(make: Callable[[], S]) -> Iterator[S]:
    server = provisioned(make)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Reports travel between processes as UTF-8; what a test logs may be no Unicode, on purpose."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """An Apache Kafka broker. Tests share it: name topics and groups anew in each, and restart it where you kill it."""
    yield from _running(lambda: KafkaServer(tmp_path_factory.mktemp("kafka")))


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """A server of the MongoDB wire protocol, to kill and restart. Tests share it: name databases anew in each."""
    yield from _running(lambda: MongoServer(tmp_path_factory.mktemp("mongo")))


@pytest.fixture(scope="session")
def mongo_uri(request: pytest.FixtureRequest) -> str:
    """Where MongoDB is: $TOKSTREAM_TEST_MONGODB_URI (a real one), else the server of the fixture `mongo`."""
    uri = os.environ.get("TOKSTREAM_TEST_MONGODB_URI")
    if uri:
        return uri
    server: MongoServer = request.getfixturevalue("mongo")
    return server.uri


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 server. Tests share it: make a bucket of your own in each."""
    yield from _running(lambda: S3Server(tmp_path_factory.mktemp("s3")))
