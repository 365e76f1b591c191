"""The golden exchanges: at least 85 of 100 of each half come out as a person would expect."""

import pytest

from processors.ai.builtin.engine import BuiltinEngine
from tests.processors.ai.exchanges import failures, load

MET = 0.85


@pytest.mark.parametrize("half", ["tuning", "held_out"])
async def test_exchanges_are_judged_as_expected(half: str) -> None:
    exchanges = load(half)
    wrong = {exchange.about: said for exchange in exchanges if (said := await failures(BuiltinEngine(), exchange))}
    for about, said in wrong.items():
        print(f"{half}: {about}: {'; '.join(said)}")
    assert len(exchanges) >= 40
    assert len(exchanges) - len(wrong) >= MET * len(exchanges), wrong
