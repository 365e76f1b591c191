"""Whether a consumer makes progress, as `/readyz` says it."""

import pytest

from deploy.processing import judge
from processors.runtime.consumer import ConsumerStatus


@pytest.mark.parametrize(
    ("name", "oldest", "fine"),
    [("ocr", 100.0, True), ("ocr", 300.0, False), ("analysis", 300.0, True), ("analysis", 1000.0, False)],
)
def test_an_analysis_may_run_longer_than_the_reading_of_a_screenshot(name: str, oldest: float, fine: bool) -> None:
    status = ConsumerStatus(
        name=name, joined=True, polled=1.0, running=1, queued=0, oldest=oldest, stopped_by_breaker=False
    )
    assert judge(status).ok == fine
