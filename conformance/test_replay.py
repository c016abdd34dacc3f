"""A reproducer of an earlier run, played again: ``pytest --replay FILE``."""

from __future__ import annotations

import pytest

from conformance.plugin import played_key
from conformance.search import Search
from fixtures.module import Module
from fixtures.requirements import requirement, smoke
from fixtures.run import Run
from fixtures.verify import Verifier


@smoke
@requirement("FZ-01", "FMT-11")
def test_the_lines_of_a_reproducer_do_no_harm(
    module: Module, verify: Verifier, run: Run, pytestconfig: pytest.Config
) -> None:
    search = Search(module, verify, run)
    search.try_case(pytestconfig.stash[played_key])
    search.conclude()
