"""The bench waits at least as long as any verdict allows: its patience decides none."""

from __future__ import annotations

import pytest

from conformance.catalogue import BOUNDS
from rigs.deadlines import Deadlines


@pytest.mark.parametrize("deadlines", [Deadlines(), Deadlines().for_simulator()], ids=["hardware", "simulator"])
def test_patience_is_never_less_than_what_a_verdict_allows(deadlines: Deadlines) -> None:
    assert deadlines.command >= BOUNDS.answer_seconds
    assert deadlines.network >= BOUNDS.request_seconds
    assert deadlines.open >= BOUNDS.open_seconds
    assert min(deadlines.cloud, deadlines.downlink) >= BOUNDS.delivery_seconds
