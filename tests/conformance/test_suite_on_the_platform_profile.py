"""What meets the cloud, under the platform's rules: the faultless module conforms there as well."""

from __future__ import annotations

import pytest

from tests.fixtures.runs import Outcome, rig_file, run
from tests.reports.unpacking import readable

# The run is shared, so the tests have to stay in one process.
pytestmark = pytest.mark.xdist_group("platform-profile")

FILES = ("example", "malformed_cloud", "mqtt_settings", "network", "publish", "receive", "session", "subscribe", "tls")
RIG = """
    schema = 1
    name = "platform"
    [serial]
    url = "simulator://"
    [power]
    off_seconds = 0.0
    [cloud]
    listen = "127.0.0.1:0"
    listen_tls = "127.0.0.1:0"
    profile = "platform"
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("platform")
    files = (f"conformance/test_{name}.py" for name in FILES)
    return run(folder / "run", rig_file(folder / "rig.toml", RIG), *files)


def test_the_faultless_module_conforms(outcome: Outcome) -> None:
    assert outcome.exit_status == 0, outcome.output
    wrong = {name: verdict for name, verdict in outcome.verdicts.items() if verdict not in ("PASS", "OBSERVED")}
    assert not wrong
    assert outcome.record.rig["cloud"]["profile"] == "platform"


def test_the_suite_itself_keeps_to_the_platforms_rules(outcome: Outcome) -> None:
    breaches = [event for event in outcome.record.events if event.data.get("event") == "profile-breach"]
    assert [(event.data["rule"], event.data["packet"]) for event in breaches] == [("no QoS 2", "SUBSCRIBE")]
    assert breaches[0].test == "conformance/test_subscribe.py::test_how_qos_2_is_treated"


def test_a_breach_is_shown_in_the_report_with_its_bytes(outcome: Outcome) -> None:
    (breach,) = [event.data for event in outcome.record.events if event.data.get("event") == "profile-breach"]
    report = readable((outcome.run_dir / "report.html").read_text("utf-8"))
    assert f"profile-breach connection={breach['connection']} rule=no QoS 2 reason={breach['reason']}" in report
    assert breach["hex"] in report
