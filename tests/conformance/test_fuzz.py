"""What ends a property test is what is told of it, whatever hypothesis makes of that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition

from conformance.fuzz import plainly, reproducible
from fixtures.findings import Disturbed
from rigs.errors import BenchError


@pytest.mark.parametrize("error", [Disturbed("no network"), BenchError("no power", act="lab: mend it")])
def test_an_end_that_makes_the_data_look_inconsistent_is_told_as_itself(error: Exception) -> None:
    cases: list[int] = []

    @reproducible(50, shrink=False)
    @given(st.data())
    def property_test(data: st.DataObject) -> None:
        cases.append(1)
        data.draw(st.integers(0, 1))
        if len(cases) > 8:
            raise error
        data.draw(st.integers(0, 1))
        data.draw(st.integers(0, 3))

    with pytest.raises(type(error), match="no "), plainly():
        property_test()


def test_another_complaint_stays_one() -> None:
    with pytest.raises(FlakyStrategyDefinition), plainly():
        raise FlakyStrategyDefinition("inconsistent")
