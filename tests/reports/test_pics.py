"""PICS: every claim against what was seen, both ways; what was not seen is never true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reports.pics import CLAIMS, ClaimKind, ClaimVerdict, check_claims
from reports.record import RecordWriter
from reports.statements import failures
from reports.verdicts import Verdict, conclude
from tests.fixtures.runs import ROOT
from tests.reports.declared import made_up, observe

Write = Callable[[RecordWriter], object]
TRUE, FALSE, NOT_CHECKED, NOT_CLAIMED = ClaimVerdict


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The requirements that claims are checked with, in place of the made-up ones."""
    names = dict.fromkeys([*(claim.requirement for claim in CLAIMS), "ID-04-DN", "ID-04-PK", "ID-01"])
    entries = [{"id": name, "section": "2.3", "table": "t", "level": "M", "en": name, "zh": name} for name in names]
    monkeypatch.setattr("tests.reports.synthetic.requirements", lambda: entries)
    for name in ("ambiguities", "bounds"):
        monkeypatch.setattr(f"tests.reports.synthetic.{name}", list)


def _verdict(tmp_path: Path, name: str, claimed: object, *write: Write) -> ClaimVerdict:
    def extra(record: RecordWriter) -> None:
        for each in write:
            each(record)

    count = len(list(tmp_path.iterdir()))
    record = made_up(tmp_path / f"{count}.jsonl", {}, claims={name: claimed}, extra=extra)
    (found,) = (claim for claim in check_claims(record) if claim.name == name)
    return found.verdict


def _saw(requirement: str, verdict: Verdict = Verdict.OBSERVED, **facts: object) -> Write:
    return lambda record: observe(record, requirement, verdict, **facts)


@pytest.mark.parametrize(
    ("name", "does", "does_not"),
    [
        ("tls", _saw("TL-01", Verdict.PASS), _saw("TL-01", Verdict.FAIL)),
        (
            "regions.3",
            _saw("CC-02", region=3, accepted=True, returned=True),
            _saw("CC-02", region=3, accepted=True, returned=False),
        ),
        (
            "dynamic_registration",
            _saw("OP-03", registers=True, code=None),
            _saw("OP-03", registers=False, code=704),
        ),
        ("lower_case_commands", _saw("FMT-06", understood=True), _saw("FMT-06", understood=False)),
        (
            "unquoted_strings",
            _saw("FMT-09", accepted=True, returned=True),
            _saw("FMT-09", accepted=True, returned=False),
        ),
        (
            "non_ascii_identity",
            _saw("ID-04-DN", accepted=True, returned_unchanged=True),
            _saw("ID-04-DN", accepted=False, returned_unchanged=False),
        ),
        (
            "empty_identity",
            _saw("ID-08", accepted=True, old_value_kept=False, code=None),
            _saw("ID-08", accepted=True, old_value_kept=True, code=None),
        ),
        ("port_0", _saw("CC-05", port_0_accepted=True), _saw("CC-05", port_0_accepted=False)),
        ("empty_payload", _saw("PU-04", accepted=True, arrived=[""]), _saw("PU-04", accepted=True, arrived=[])),
        ("qos_2_subscribe", _saw("SU-02", qos_2_accepted=True), _saw("SU-02", qos_2_accepted=False)),
        ("wildcard_subscribe", _saw("SU-06", accepted=True, copies=2), _saw("SU-06", accepted=True, copies=0)),
        ("waits_for_puback", _saw("PU-05", ok_without_puback=False), _saw("PU-05", ok_without_puback=True)),
        ("republishes_with_dup", _saw("PU-05", repeated_with_dup=True), _saw("PU-05", repeated_with_dup=False)),
        ("automatic_reconnect", _saw("NW-02", reconnects_by_itself=True), _saw("NW-02", reconnects_by_itself=False)),
        ("connects_at_power_up", _saw("PC-07", connects_by_itself=True), _saw("PC-07", connects_by_itself=False)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_claim_is_checked_both_ways(tmp_path: Path, name: str, does: Write, does_not: Write) -> None:
    assert _verdict(tmp_path, name, "yes", does) is TRUE
    assert _verdict(tmp_path, name, "yes", does_not) is FALSE
    assert _verdict(tmp_path, name, "no", does_not) is TRUE
    assert _verdict(tmp_path, name, "no", does) is FALSE
    assert _verdict(tmp_path, name, "yes", does, does_not) is FALSE, "what comes and goes cannot be relied on"
    assert _verdict(tmp_path, name, "unknown", does) is NOT_CLAIMED


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_what_was_not_seen_is_never_true(tmp_path: Path, claim: object) -> None:
    named = next(each for each in CLAIMS if each is claim)
    if named.requirement == "FMT-10":
        pytest.skip("the made-up module has shown its dialect")
    value = {ClaimKind.YES_NO: "no", ClaimKind.SIZE: 512, ClaimKind.CHOICE: "TLSv1.2"}[named.kind]
    seen_of_another = _saw("ID-01", accepted=True, region=9)
    assert _verdict(tmp_path, named.name, value, seen_of_another) is NOT_CHECKED
    unrelated = _saw(named.requirement, Verdict.INCONCLUSIVE, something="else")
    assert _verdict(tmp_path, named.name, value, unrelated) is NOT_CHECKED


def test_a_session_over_tls_that_could_not_be_judged_tells_nothing(tmp_path: Path) -> None:
    kept, hidden = _saw("TL-01", Verdict.PASS), _saw("TL-01", Verdict.INCONCLUSIVE)
    assert _verdict(tmp_path, "tls", "yes", kept, hidden) is NOT_CHECKED


def test_a_refused_certificate_tells_something_only_where_the_right_one_is_taken(tmp_path: Path) -> None:
    refused = _saw("TL-02", certificate="expired", accepted=False)
    taken = _saw("TL-02", certificate="wrong name", accepted=True)
    tls = _saw("TL-01", Verdict.PASS)
    assert _verdict(tmp_path, "verifies_certificates", "yes", refused) is NOT_CHECKED
    assert _verdict(tmp_path, "verifies_certificates", "yes", refused, tls) is TRUE
    assert _verdict(tmp_path, "verifies_certificates", "yes", refused, taken, tls) is FALSE


def test_an_error_that_may_be_the_networks_tells_nothing_of_registration(tmp_path: Path) -> None:
    failed = _saw("OP-03", registers=False, code=700)
    assert _verdict(tmp_path, "dynamic_registration", "yes", failed) is NOT_CHECKED


@pytest.mark.parametrize(
    ("claimed", "verdict"), [(938, FALSE), (939, TRUE), (940, FALSE), (0, FALSE)], ids=["less", "same", "more", "none"]
)
def test_a_size_is_neither_less_nor_more(tmp_path: Path, claimed: int, verdict: ClaimVerdict) -> None:
    seen = _saw("PU-06", largest_payload_accepted=939, smallest_refused_beyond=940)
    assert _verdict(tmp_path, "largest_publish_payload", claimed, seen) is verdict


def test_a_size_beyond_what_the_suite_sends_is_not_checked(tmp_path: Path) -> None:
    seen = _saw("PU-06", largest_payload_accepted=2048, smallest_refused_beyond=None)
    assert _verdict(tmp_path, "largest_publish_payload", 2047, seen) is FALSE
    assert _verdict(tmp_path, "largest_publish_payload", 4096, seen) is NOT_CHECKED


@pytest.mark.parametrize(("claimed", "verdict"), [(599, FALSE), (600, TRUE), (767, TRUE), (768, FALSE)], ids=str)
def test_a_downlink_limit_lies_between_two_sizes_that_were_sent(
    tmp_path: Path, claimed: int, verdict: ClaimVerdict
) -> None:
    sizes = [_saw("RV-07", size=size, bytes_shown=[min(size, 700)]) for size in (513, 600, 768, 1024)]
    assert _verdict(tmp_path, "largest_downlink_payload", claimed, *sizes) is verdict


def test_a_dialect_is_that_of_every_error(tmp_path: Path) -> None:
    one, two = _saw("FMT-10", dialects=["ERROR"]), _saw("FMT-10", dialects=["+CME ERROR: n", "ERROR"])
    assert _verdict(tmp_path, "dialect", "ERROR", one) is TRUE
    assert _verdict(tmp_path, "dialect", "+CME ERROR: n", one) is FALSE
    assert _verdict(tmp_path, "dialect", "ERROR", two) is FALSE


def test_a_region_is_judged_by_its_own_observations(tmp_path: Path) -> None:
    three, four = (_saw("CC-02", region=number, accepted=True, returned=number == 3) for number in (3, 4))
    assert _verdict(tmp_path, "regions.3", "yes", three, four) is TRUE
    assert _verdict(tmp_path, "regions.4", "yes", three, four) is FALSE
    assert _verdict(tmp_path, "regions.5", "yes", three, four) is NOT_CHECKED


def test_a_pics_of_another_module_is_false(tmp_path: Path) -> None:
    about = {"vendor": "v", "module": "ML3*", "firmware": "ML302_V9"}
    found = {claim.name: claim for claim in check_claims(made_up(tmp_path / "r.jsonl", {}, claims={}, about=about))}
    assert (found["module"].verdict, found["firmware"].verdict) == (TRUE, FALSE)
    assert found["tls"].verdict is NOT_CLAIMED


def test_a_false_claim_makes_the_run_fail_and_a_ci_server_see_why(tmp_path: Path) -> None:
    record = made_up(
        tmp_path / "r.jsonl",
        {"ID-01": Verdict.PASS},
        claims={"port_0": "yes"},
        extra=_saw("CC-05", port_0_accepted=False),
    )
    conclusion = conclude(record, False)
    assert (conclusion.verdict, conclusion.exit_status) == (Verdict.FAIL, 1)
    (claim,) = conclusion.false_claims
    assert record.events[claim.evidence[0]].data["observation"] == {"port_0_accepted": False}
    ((name, (line,)),) = failures(record, conclusion).items()
    assert (name, line) == ("pics", "PICS port_0: false: claimed yes, seen no (CC-05: takes port 0)")


def test_without_a_pics_there_are_no_claims(tmp_path: Path) -> None:
    assert check_claims(made_up(tmp_path / "r.jsonl", {})) == ()


@pytest.mark.parametrize("language", ["", ".zh-CN"])
def test_every_claim_is_documented(language: str) -> None:
    page = (ROOT / "docs" / f"pics{language}.md").read_text("utf-8")
    assert not [claim.text for claim in CLAIMS if f"`{claim.text}`" not in page]
