"""What self-tests of several folders share because it takes long."""

from __future__ import annotations

import pytest

from tests.fixtures.runs import Outcome, run


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The run of the whole suite on the faultless simulator; what asks for it is in the xdist group "whole-suite"."""
    return run(tmp_path_factory.mktemp("whole") / "run")
