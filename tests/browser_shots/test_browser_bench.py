"""The benchmark on browser screenshots runs end to end on one of them."""

import argparse
import pathlib

from processors.ocr.engines.select import open_reader
from processors.ocr.reader import ScreenshotReader
from tests.bench.browser import measure
from tests.e2e.browser import CHROMIUM
from tests.servers.cache import NotProvisioned, skip_or_fail


async def test_a_screenshot_is_drawn_read_scored_and_kept(tmp_path: pathlib.Path) -> None:
    if not CHROMIUM.exists():
        skip_or_fail(NotProvisioned("Chromium"))
    options = argparse.Namespace(templates=["kakao"], shots=1, seed=1, keep=tmp_path)
    (row,) = await measure(options, ScreenshotReader(open_reader("tokstream")))
    assert row.look == "kakao"
    assert row.shots.found == row.shots.required > 0
    assert row.seconds[0] > row.layouts[0] > 0
    assert [file.name for file in tmp_path.iterdir()] == ["kakao-1000.png"]
