"""What other rulings make of an old run: every kind of change, both ways, with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.bundle.contents import DoesNotHold
from reports.bundle.rederive import rederive
from reports.judging import Ok, WasClosed
from reports.severity import Verdict
from tests.reports.evidence import rebuild
from tests.reports.rejudge.small_run import (
    Catalogue,
    Judged,
    catalogue,
    changed,
    entry,
    informs,
    refused,
    rejudged,
    within,
    write,
)

LATE, IN_TIME = 12.0, 8.0
FIRST_CODE = Judged("ID-03", "PASS", refused("wrong-parameter"), "+CME ERROR: 708")


def level(name: str, letter: str) -> Catalogue:
    return changed(lambda today: entry(today, "requirements", name).update(level=letter))


def bound(value: float, name: str = "answer_seconds") -> Catalogue:
    return changed(lambda today: entry(today, "bounds", name).update(value=value))


def rule(name: str, codes: list[list[int]], exact: bool = True) -> Catalogue:
    return changed(lambda today: entry(today, "code_rules", name).update(codes=codes, exact=exact))


def only_run(place: Path, today: Catalogue, *judged: Judged, status: int = 1, **fields: Any) -> dict[str, Any]:
    """The one run of these judgements, judged anew."""
    told: dict[str, Any] = rejudged(place, today, write(place / "run", *judged, **fields), status=status)["runs"][0]
    return told


def cause(run: dict[str, Any], name: str, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = run["requirements"][name]["causes"][number]
    return found


def verdicts(run: dict[str, Any], name: str) -> tuple[str | None, str | None]:
    return run["requirements"][name]["then"], run["requirements"][name]["now"]


EVERY_KIND = (
    Judged("FMT-01", "PASS", within(), seconds=IN_TIME),
    Judged("FMT-03", "DEVIATION", informs(), "+ALYDEVICENAME=x"),
    Judged("ID-03", "FAIL", refused("wrong-parameter"), "+CME ERROR: 700"),
    Judged("NW-04", "DEVIATION", within(), seconds=LATE),
    Judged("FMT-04", "OBSERVED", within(), seconds=IN_TIME),
    Judged("CL-01", "FAIL"),
)


def test_the_same_catalogue_gives_the_same(tmp_path: Path) -> None:
    run = only_run(tmp_path, catalogue(), *EVERY_KIND, status=0)
    assert run["verdict"] == {"then": "FAIL", "now": "FAIL", "footer": None}
    assert run["otherwise"] is False
    assert (run["requirements"], run["declared"], run["contradictions"], run["misapplied"]) == ({}, [], [], [])
    told = {"all": 6, "again": 5, "otherwise": 0, "in_words": 1, "masked": 0, "unnamed": 0, "unknown": 0, "unsaid": []}
    told |= {"counts": 0, "counts_unnamed": 0}
    assert run["judgements"] == told


@pytest.mark.parametrize(
    ("judged", "letter", "verdict"),
    [
        (Judged("FMT-01", "FAIL", within(), seconds=LATE), "I", "DEVIATION"),
        (Judged("FMT-01", "FAIL", within(), seconds=LATE), "O", "OBSERVED"),
        (Judged("FMT-01", "PASS", within(), seconds=IN_TIME), "O", "OBSERVED"),
        (Judged("NW-04", "DEVIATION", within(), seconds=LATE), "M", "FAIL"),
        (Judged("FMT-04", "OBSERVED", within(), seconds=LATE), "M", "FAIL"),
        (Judged("FMT-04", "OBSERVED", within(), seconds=IN_TIME), "M", "PASS"),
        (Judged("FMT-01", "FAIL"), "I", "DEVIATION"),
        (Judged("FMT-01", "FAIL"), "O", "OBSERVED"),
        (Judged("FMT-01", "PASS"), "O", "OBSERVED"),
        (Judged("NW-04", "DEVIATION"), "M", "FAIL"),
        (Judged("FMT-04", "OBSERVED"), "M", "INCONCLUSIVE"),
        (Judged("FMT-01", "FAIL", within(), seconds=LATE, fields=(("derivable", False),)), "I", "DEVIATION"),
    ],
)
def test_another_level(tmp_path: Path, judged: Judged, letter: str, verdict: str) -> None:
    run = only_run(tmp_path, level(judged.requirement, letter), judged)
    assert verdicts(run, judged.requirement) == (judged.verdict, verdict)
    found = cause(run, judged.requirement)
    before = entry(catalogue(), "requirements", judged.requirement)["level"]
    assert (found["kind"], found["then"], found["now"]) == ("level", before, letter)
    assert list(run["requirements"]) == [judged.requirement]


@pytest.mark.parametrize(
    "judged",
    [
        Judged("FMT-01", "DEVIATION"),
        Judged("FMT-03", "DEVIATION", informs(), "+ALYDEVICENAME=x"),
        Judged("FMT-01", "INCONCLUSIVE"),
        Judged("FMT-01", "PASS", within(), seconds=IN_TIME),
        Judged("FMT-01", "NOT TESTED"),
        Judged("FMT-01", "OBSERVED", fields=(("observation", {"space": True}),)),
    ],
)
def test_what_a_lower_level_does_not_change(tmp_path: Path, judged: Judged) -> None:
    """A breach that a ruling made a DEVIATION is one at either level, and what was not seen is not seen."""
    run = only_run(tmp_path, level(judged.requirement, "I"), judged, status=int(judged.verdict == "INCONCLUSIVE"))
    # Implied, it leaves nothing unproven.
    outcome = run["requirements"].get(judged.requirement)
    assert (outcome is None) is (judged.verdict != "INCONCLUSIVE")
    if outcome is not None:
        assert (outcome["now"], outcome["proven_then"], outcome["proven_now"]) == ("INCONCLUSIVE", False, True)
        assert run["verdict"]["then"] == "NOT PROVEN"


def test_what_was_open_and_told_in_words_is_not_proven_once_it_is_mandated(tmp_path: Path) -> None:
    run = only_run(tmp_path, level("FMT-04", "M"), Judged("FMT-04", "OBSERVED"))
    assert run["verdict"]["now"] == "NOT PROVEN"
    assert run["requirements"]["FMT-04"]["proven_now"] is False
    assert cause(run, "FMT-04", 1)["kind"] == "not-told"


def test_steps_that_were_enough_are_kept_to_at_any_level(tmp_path: Path) -> None:
    effort = {"what": "sequences", "planned": 10, "done": 10, "minimum": 5, "cut": None}
    judged = Judged("FMT-04", "OBSERVED", fields=(("effort", effort),))
    assert verdicts(only_run(tmp_path, level("FMT-04", "M"), judged), "FMT-04") == ("OBSERVED", "PASS")


@pytest.mark.parametrize(
    ("judged", "value", "verdict"),
    [
        (Judged("FMT-01", "PASS", within(), seconds=IN_TIME), 5, "FAIL"),
        (Judged("FMT-01", "FAIL", within(), seconds=LATE), 15, "PASS"),
        (Judged("FMT-01", "FAIL", within(), seconds=10.5), 10.25, "PASS"),
    ],
)
def test_another_bound(tmp_path: Path, judged: Judged, value: float, verdict: str) -> None:
    """The line's part of the time is allowed on top, whatever the bound."""
    run = only_run(tmp_path, bound(value), judged)
    assert verdicts(run, "FMT-01") == (judged.verdict, verdict)
    assert run["verdict"]["now"] == verdict
    found = cause(run, "FMT-01")
    assert found == {
        "kind": "bound",
        "name": "answer_seconds",
        "then": "10",
        "now": f"{value:g}",
        "came": [f"{judged.seconds:.3f}"],
        "count": 1,
    }


def test_a_bound_that_moves_below_nothing_changes_nothing(tmp_path: Path) -> None:
    judged = Judged("FMT-01", "PASS", within(), seconds=IN_TIME)
    assert only_run(tmp_path, bound(9), judged, status=0)["requirements"] == {}


@pytest.mark.parametrize(
    ("judged", "codes", "verdict"),
    [
        (FIRST_CODE, [[705, 706]], "FAIL"),
        (Judged("ID-03", "FAIL", refused("wrong-parameter"), "+CME ERROR: 705"), [[705, 708]], "PASS"),
    ],
)
def test_another_code_rule(tmp_path: Path, judged: Judged, codes: list[list[int]], verdict: str) -> None:
    run = only_run(tmp_path, rule("wrong-parameter", codes), judged)
    assert verdicts(run, "ID-03") == (judged.verdict, verdict)
    found = cause(run, "ID-03")
    assert (found["kind"], found["name"], found["then"]) == ("code-rule", "wrong-parameter", "708")
    assert found["now"] == "-".join(map(str, codes[0]))
    assert found["came"] == [judged.line.rpartition(" ")[2]]


@pytest.mark.parametrize(("exact", "verdict", "said"), [(False, "PASS", "708, -"), (True, None, "")])
def test_a_rule_that_allows_an_error_without_a_code(
    tmp_path: Path, exact: bool, verdict: str | None, said: str
) -> None:
    bare = Judged("ID-03", "FAIL", refused("wrong-parameter"), "ERROR")
    codes_seen = Judged("FMT-04", "OBSERVED", refused("wrong-parameter"), "+CME ERROR: 708")
    run = only_run(
        tmp_path, rule("wrong-parameter", [[708, 708]], exact), codes_seen, bare, status=int(verdict is not None)
    )
    if verdict is not None:
        assert verdicts(run, "ID-03") == ("FAIL", verdict)
        assert (cause(run, "ID-03")["now"], cause(run, "ID-03")["came"]) == (said, ["-"])


def test_where_any_of_two_rules_may_hold_the_other_one_still_does(tmp_path: Path) -> None:
    both = Judged("ID-03", "PASS", refused("wrong-parameter", "malformed"), "+CME ERROR: 50")
    assert only_run(tmp_path, rule("wrong-parameter", [[1, 1]]), both, status=0)["requirements"] == {}
    run = only_run(tmp_path / "2", rule("malformed", [[708, 708]]), both)
    assert verdicts(run, "ID-03") == ("PASS", "FAIL")
    assert cause(run, "ID-03")["name"] == "malformed"


def test_what_breaks_a_requirement_may_be_another_judgement_than_then(tmp_path: Path) -> None:
    lines = ("+CME ERROR: 708", "+CME ERROR: 707", "+CME ERROR: 708")
    judged = [Judged("ID-03", "PASS" if "708" in line else "FAIL", FIRST_CODE.expecting, line) for line in lines]
    run = only_run(tmp_path, rule("wrong-parameter", [[707, 707]]), *judged, status=0)
    assert (run["requirements"], run["judgements"]["otherwise"]) == ({}, 3)


def test_many_judgements_of_one_cause_are_counted(tmp_path: Path) -> None:
    judged = [Judged("FMT-01", "PASS", within(), seconds=seconds) for seconds in (6.0, 7.0, 0.5, 8.0)]
    found = cause(only_run(tmp_path, bound(5), *judged), "FMT-01")
    assert (found["count"], found["came"]) == (3, ["6.000", "7.000", "8.000"])


@pytest.mark.parametrize(("breach", "verdict", "said"), [(None, "FAIL", ""), ("OBSERVED", "OBSERVED", "OBSERVED")])
def test_another_ruling_on_a_breach(tmp_path: Path, breach: str | None, verdict: str, said: str) -> None:
    judged = Judged("FMT-03", "DEVIATION", informs(), "+ALYDEVICENAME=x")
    run = only_run(tmp_path, changed(lambda today: entry(today, "ambiguities", "AMB-01").update(breach=breach)), judged)
    assert verdicts(run, "FMT-03") == ("DEVIATION", verdict)
    found = cause(run, "FMT-03")
    assert (found["kind"], found["name"], found["then"], found["now"]) == ("ruling", "AMB-01", "DEVIATION", said)


def without(name: str) -> Catalogue:
    def drop(today: Catalogue) -> None:
        today["requirements"] = [item for item in today["requirements"] if item["id"] != name]

    return changed(drop)


def test_a_requirement_that_is_gone_breaks_nothing_any_more(tmp_path: Path) -> None:
    kept = Judged("FMT-01", "PASS", within(), seconds=IN_TIME)
    run = only_run(tmp_path, without("ID-03"), kept, Judged("ID-03", "FAIL", refused("malformed"), "OK"))
    assert run["verdict"] == {"then": "FAIL", "now": "PASS", "footer": None}
    assert verdicts(run, "ID-03") == ("FAIL", None)
    assert cause(run, "ID-03")["kind"] == "gone"


def test_a_requirement_that_is_new_is_not_tested(tmp_path: Path) -> None:
    new = {**entry(catalogue(), "requirements", "FMT-01"), "id": "FMT-99"}
    judged = Judged("FMT-01", "PASS", within(), seconds=IN_TIME)
    run = only_run(tmp_path, changed(lambda today: today["requirements"].append(new)), judged)
    assert run["verdict"]["now"] == "PASS"
    assert verdicts(run, "FMT-99") == (None, "NOT TESTED")
    assert cause(run, "FMT-99")["kind"] == "new"


def test_a_requirement_of_another_name_keeps_its_judgements_and_its_waiver(tmp_path: Path) -> None:
    waiver = {"requirement": "ID-03", "firmware": "*", "reason": "known", "ticket": "T-1"}
    today = changed(lambda today: entry(today, "requirements", "ID-03").update(id="ID-30", formerly=["ID-03"]))
    broken = Judged("ID-03", "FAIL", refused("wrong-parameter"), "+CME ERROR: 700")
    waived = only_run(tmp_path, today, broken, waivers=[waiver], status=0)
    assert waived["verdict"] == {"then": "WAIVED", "now": "WAIVED", "footer": None}
    entry(today, "requirements", "ID-30")["level"] = "I"
    plain = only_run(tmp_path / "2", today, broken)
    assert verdicts(plain, "ID-30") == ("FAIL", "DEVIATION")
    assert plain["requirements"]["ID-30"]["called"] == "ID-03"


def test_a_record_that_names_nothing_is_judged_with_what_was_applied(tmp_path: Path) -> None:
    """As suites wrote them before rules, bounds and rulings had names."""
    before = catalogue()
    del before["code_rules"], before["ambiguities"][0]["breach"]

    def bare(judged: Judged) -> Judged:
        def expecting(event: int) -> Any:
            assert judged.expecting is not None
            told = judged.expecting(event)
            names = {"rules": (), "bound": None, "allowance": None, "ruling": None, "ruled": None}
            fields = {name: value for name, value in vars(told).items() if name not in names}
            return type(told)(**fields)

        return Judged(judged.requirement, judged.verdict, expecting, judged.line, judged.seconds)

    old = [bare(judged) for judged in EVERY_KIND[:5]]
    assert only_run(tmp_path, catalogue(), *old, of=before, status=0)["judgements"]["unnamed"] == 5
    run = only_run(tmp_path / "2", bound(5), *old, of=before, status=0)
    assert run["requirements"] == {}
    assert run["judgements"]["unsaid"] == [{"bound": "answer_seconds", "then": "10", "now": "5", "count": 1}]
    run = only_run(tmp_path / "3", level("ID-03", "I"), *old, of=before)
    assert verdicts(run, "ID-03") == ("FAIL", "DEVIATION")


def test_what_does_not_say_whether_it_rests_on_a_bound_is_counted(tmp_path: Path) -> None:
    judged = (
        Judged("CL-01", "FAIL"),
        Judged("CL-01", "FAIL", lambda event: WasClosed(None, event)),
        Judged("CL-01", "PASS", within(5, "close_seconds")),
        Judged("CL-01", "PASS", Ok),
        Judged("FMT-01", "PASS"),
    )
    run = only_run(tmp_path, bound(3, "close_seconds"), *judged, status=0)
    assert run["judgements"]["unsaid"] == [{"bound": "close_seconds", "then": "5", "now": "3", "count": 2}]


def test_a_rule_that_todays_catalogue_does_not_hold_stays_as_applied(tmp_path: Path) -> None:
    run = only_run(tmp_path, changed(lambda today: today["code_rules"].clear()), FIRST_CODE, status=0)
    assert run["judgements"]["unknown"] == 1


def test_strictness_is_the_runs_own(tmp_path: Path) -> None:
    late = Judged("FMT-01", "FAIL", within(), seconds=LATE)
    run = only_run(tmp_path, level("FMT-01", "I"), late, strict=True, status=0)
    assert run["verdict"] == {"then": "FAIL", "now": "FAIL", "footer": None}


def test_a_waiver_of_what_is_no_breach_any_more_is_stale(tmp_path: Path) -> None:
    waiver = {"requirement": "FMT-01", "firmware": "*", "reason": "known", "ticket": "T-1"}
    late = Judged("FMT-01", "FAIL", within(), seconds=LATE)
    run = only_run(tmp_path, bound(15), late, waivers=[waiver])
    assert verdicts(run, "FMT-01") == ("WAIVED", "PASS")
    assert run["declared"] == [{"kind": "waiver", "name": "FMT-01", "then": "applied", "now": "stale"}]
    assert run["verdict"] == {"then": "WAIVED", "now": "FAIL", "footer": None}


def test_a_claim_is_checked_by_what_was_judged_anew(tmp_path: Path) -> None:
    seen = Judged("TL-01", "FAIL", within(), seconds=LATE)
    run = only_run(tmp_path, bound(15), seen, pics={"tls": "yes"})
    assert run["declared"] == [{"kind": "claim", "name": "tls", "then": "false", "now": "true"}]
    assert run["verdict"] == {"then": "FAIL", "now": "PASS", "footer": None}


def test_a_run_that_died_stays_one(tmp_path: Path) -> None:
    late = Judged("FMT-01", "FAIL", within(), seconds=LATE)
    run = only_run(tmp_path, bound(15), late, footer=None)
    assert verdicts(run, "FMT-01") == ("FAIL", "PASS")
    assert run["verdict"] == {"then": "FAIL", "now": "BENCH ERROR", "footer": None}


def test_a_lie_is_told_and_judged_by_its_evidence(tmp_path: Path) -> None:
    run = only_run(tmp_path, catalogue(), Judged("FMT-01", "PASS", within(), seconds=LATE))
    assert verdicts(run, "FMT-01") == ("PASS", "FAIL")
    assert cause(run, "FMT-01")["kind"] == "contradiction"
    (lie,) = run["contradictions"]
    assert (lie["requirement"], lie["says"], lie["gives"]) == ("FMT-01", "PASS", "FAIL")


def test_a_lie_that_a_later_ruling_makes_true_is_told_all_the_same(tmp_path: Path) -> None:
    run = only_run(tmp_path, bound(15), Judged("FMT-01", "PASS", within(), seconds=LATE))
    assert run["requirements"] == {}
    assert len(run["contradictions"]) == 1


def test_a_number_that_is_not_the_catalogues_is_told(tmp_path: Path) -> None:
    run = only_run(tmp_path, catalogue(), Judged("FMT-01", "PASS", within(20), seconds=LATE))
    (told,) = run["misapplied"]
    assert (told["requirement"], told["names"], told["known"]) == ("FMT-01", ["answer_seconds"], True)
    assert verdicts(run, "FMT-01") == ("PASS", "FAIL")


def test_a_name_that_the_catalogue_of_the_run_does_not_hold_is_told(tmp_path: Path) -> None:
    run = only_run(tmp_path, catalogue(), Judged("FMT-01", "PASS", within(20, "no_seconds"), seconds=LATE))
    (told,) = run["misapplied"]
    assert (told["names"], told["known"]) == (["no_seconds"], False)


def test_a_last_line_that_its_findings_do_not_give_is_told(tmp_path: Path) -> None:
    run = only_run(tmp_path, catalogue(), Judged("FMT-01", "FAIL", within(), seconds=LATE), footer=Verdict.PASS)
    assert run["verdict"] == {"then": "FAIL", "now": "FAIL", "footer": "PASS"}


def test_verify_finds_a_number_that_is_not_the_catalogues(tmp_path: Path) -> None:
    honest = write(tmp_path / "honest", Judged("FMT-01", "PASS", within(), seconds=IN_TIME), firmware=None)
    rebuild(honest)
    rederive(honest)
    lying = write(tmp_path / "lying", Judged("FMT-01", "PASS", within(20), seconds=LATE), firmware=None)
    rebuild(lying)
    with pytest.raises(DoesNotHold, match="judges FMT-01 by answer_seconds, which its catalogue has otherwise"):
        rederive(lying)
