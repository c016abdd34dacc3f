"""What counts as another answer to the same judgement, and what does not."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.compare import compare
from reports.compare.answer_words import PAGE, answers_as_json
from reports.compare.answers import Compared, Part, WhyNot, compare_answers
from reports.compare.judgements import NUMBERS, read_judgements
from reports.judging import Expectation
from reports.runs import load_run
from tests.reports.stored_runs import latency, store, summary

TEST = "conformance/test_section.py::test_it"
SETTINGS = "AT+ALYCONNECTCFG=0,1883,0"
QUERY = "AT+ALYCONNECTCFG?"
DEVICE = "AT+ALYDEVICENAME?"


class Story:
    """The record of a run, told exchange by exchange."""

    def __init__(self, schema: int = 2) -> None:
        self.lines: list[str] = []
        self.event("run", schema=schema)
        forms = ["query", "set", "test"]
        commands = [{"name": name, "forms": forms} for name in ("+ALYCONNECTCFG", "+ALYDEVICENAME", "+ALYDEVICESECRET")]
        self.event("catalogue", commands=[*commands, {"name": "+ALYMQTTPUB", "forms": ["set"]}])

    def event(self, kind: str, **data: Any) -> int:
        seq = len(self.lines)
        head = {"seq": seq, "t": seq / 100, "wall": "2026-11-20T08:00:00.000000Z", "kind": kind, "test": TEST}
        self.lines.append(json.dumps(head | data))
        return seq

    def exchange(self, command: str, *lines: str, seconds: float = 0.01, **more: Any) -> int:
        return self.event(
            "exchange", **{"command": command, "lines": lines, "silent": not lines, "seconds": seconds, **more}
        )

    def judged(self, check: str, verdict: str = "PASS", requirement: str = "CC-05", **parameters: Any) -> Story:
        self.event(
            "finding",
            requirement=requirement,
            verdict=verdict,
            evidence=[],
            expectation={"check": check, **parameters},
        )
        return self

    def answered(self, command: str, *lines: str, **more: Any) -> Story:
        return self.judged("answered", exchange=self.exchange(command, *lines, **more), seconds=None)

    def store(self, directory: Path, **fields: Any) -> Path:
        store(directory, summary(**fields))
        (directory / "record.jsonl").write_text("".join(f"{line}\n" for line in self.lines), "utf-8")
        return directory


def compared(tmp_path: Path, old: Story, new: Story, **fields: Any) -> Compared:
    runs = [load_run(story.store(tmp_path / name)) for name, story in (("old", old), ("new", new))]
    return compare_answers(*runs, **fields)


def parts(found: Compared) -> list[dict[str, tuple[str | None, str | None]]]:
    alike = [alike for group in found.groups for alike in group.alike]
    return [{differs.part.value: (differs.old, differs.new) for differs in each.differs} for each in alike]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["+CME ERROR: 700"], ["+CME ERROR: 705"], {"result": ("ERROR 700", "ERROR 705")}),
        (["OK"], ["+CME ERROR: 705"], {"result": ("OK", "ERROR 705")}),
        (["OK"], [], {"result": ("OK", "silence")}),
        (["+CME ERROR: 705"], ["ERROR"], {"result": ("ERROR 705", "ERROR")}),
        (["+CME ERROR: 705"], ["+CME ERROR:705"], {"form": ("+CME ERROR: n", "+CME ERROR:n")}),
        (["+CME ERROR: 705"], ["+CME ERROR: 0705"], {"form": ("+CME ERROR: n", "+CME ERROR: 0n")}),
        (
            ["+CME ERROR: 705"],
            ["+ALYCONNECTCFG: err,705", "ERROR"],
            {"form": ("+CME ERROR: n", "+ALYCONNECTCFG: err,n / ERROR")},
        ),
        (["+ALYCONNECTCFG:0,1883,0", "OK"], ["+ALYCONNECTCFG:0,443,0", "OK"], {"information": ("0,1883,0", "0,443,0")}),
        (["+ALYCONNECTCFG:0,1883,0", "OK"], ["OK"], {"information": ("0,1883,0", "")}),
        (["+ALYCONNECTCFG:0,1,0", "OK"], ["+ALYCONNECTCFG=0,1,0", "OK"], {"form": (":n,n,n / OK", "=n,n,n / OK")}),
        (["+ALYCONNECTCFG:0,1,0", "OK"], ["+ALYCONNECTCFG: 0, 1,0", "OK"], {"form": (":n,n,n / OK", ": n, n,n / OK")}),
        (["+ALYCONNECTCFG:abc", "OK"], ['+ALYCONNECTCFG:"abc"', "OK"], {"form": (":... / OK", ':"..." / OK')}),
        (["+ALYCONNECTCFG:0,1,0", "OK"], ["+CTZV: 8", "+ALYCONNECTCFG:0,1,0", "OK"], None),
    ],
)
def test_what_of_an_answer_changed(tmp_path: Path, old: list[str], new: list[str], expected: Any) -> None:
    found = compared(tmp_path, Story().answered(QUERY, *old), Story().answered(QUERY, *new))
    assert (found.why_not, found.count, found.parted) == (None, 1, ())
    assert parts(found) == ([] if expected is None else [expected])


def test_changed_answers_are_grouped_by_command_and_requirement(tmp_path: Path) -> None:
    old, new = Story(), Story()
    for story, code in ((old, 50), (new, 3)):
        for _ in range(3):
            story.answered(QUERY, f"+CME ERROR: {code}")
        story.answered("AT+ALYCONNECTCFG=x", f"+CME ERROR: {code}")
        story.answered("AT+NOSUCH", f"+CME ERROR: {code}")
    found = compared(tmp_path, old, new)
    assert [(group.command, group.requirement, group.count) for group in found.groups] == [
        ("AT+ALYCONNECTCFG?", "CC-05", 3),
        ("AT+ALYCONNECTCFG=", "CC-05", 1),
        ("other", "CC-05", 1),
    ]
    assert (found.changed, found.with_part(Part.RESULT), found.with_part(Part.FORM)) == (5, 5, 0)


def test_what_other_commands_tell_is_no_matter_of_the_manual(tmp_path: Path) -> None:
    old = Story().answered("AT+CSQ", "+CSQ: 23,99", "OK").answered("AT+CGMR", "V1", "OK")
    new = Story().answered("AT+CSQ", "+CSQ:17,99", "OK").answered("AT+CGMR", "V2", "OK")
    assert not compared(tmp_path, old, new).groups


def test_a_verdict_that_changed_is_shown_with_what_was_observed(tmp_path: Path) -> None:
    old, new = (Story().judged("came-online", verdict, connection=3, last=1) for verdict in ("PASS", "FAIL"))
    found = compared(tmp_path, old, new)
    assert parts(found) == [{"verdict": ("PASS", "FAIL")}]
    assert found.groups[0].command is None


# What belongs to the run


def _with_a_device(product_key: str, name: str, port: int, labels: int) -> Story:
    story = Story()
    story.event("cloud", event="listening", connection=None, address=f"127.0.0.1:{port}", tls=False)
    story.answered(f'AT+ALYDEVICENAME="{name}"', "OK")
    secret = {"masked": {"/command": [[20, 52]]}, "labels": {"/command": [f"{labels}:32"]}}
    story.answered(f'AT+ALYDEVICESECRET="{"*" * 32}"', "OK", **secret)
    told = {"masked": {"/lines/0": [[17, 49]]}, "labels": {"/lines/0": [f"{labels}:32"]}}
    exchange = story.exchange("AT+ALYDEVICESECRET?", f"+ALYDEVICESECRET:{'*' * 32}", "OK", **told)
    story.judged("answers", exchange=exchange, values=[f"\u3010{labels}:32\u3011"])
    story.answered(f"AT+ALYCONNECTCFG=0,{port + 1},0", "OK")
    exchange = story.exchange(QUERY, f"+ALYCONNECTCFG:0,{port + 1},0", "OK")
    story.judged("answers", exchange=exchange, values=[0, port + 1, 0])
    story.event("cloud", event="login", accepted=True, product_key=product_key, device_name=name, connection=1)
    story.answered(DEVICE, f"+ALYDEVICENAME:{name}", "OK")
    topic = f"/{product_key}/{name}/user/t{labels}"
    story.answered(f'AT+ALYMQTTPUB="{topic}",0,"x"', "OK")
    story.judged("published", topic=topic, payloads=["x"], last=1)
    return story.judged("came-online", connection=labels, last=2)


def test_values_that_the_bench_draws_are_no_change(tmp_path: Path) -> None:
    old = _with_a_device("a1D1JdOAhiP", "bench-lyq47Ksz", 40001, 3)
    new = _with_a_device("a19ZkDgN081", "bench-aWJhcbmb", 50123, 11)
    found = compared(tmp_path, old, new)
    assert (found.count, found.changed, found.parted) == (9, 0, ())


def test_a_number_of_a_test_that_one_run_drew_as_a_port_is_no_change(tmp_path: Path) -> None:
    old, new = Story(), Story()
    for story, port in ((old, 42871), (new, 39001)):
        story.event("cloud", event="listening", connection=None, address=f"127.0.0.1:{port}", tls=False)
        story.answered("AT+ALYCONNECTCFG=0,42871,0", "OK")
        exchange = story.exchange(QUERY, "+ALYCONNECTCFG:0,42871,0", "OK")
        story.judged("answers", exchange=exchange, values=[0, 42871, 0])
    found = compared(tmp_path, old, new)
    assert (found.count, found.changed, found.parted) == (2, 0, ())


def test_another_secret_than_the_one_that_was_set_is_a_change(tmp_path: Path) -> None:
    old, new = Story(), Story()
    for story, answer in ((old, 3), (new, 2)):
        secret = {"masked": {"/command": [[20, 52]]}, "labels": {"/command": ["3:32"]}}
        story.answered(f'AT+ALYDEVICESECRET="{"*" * 32}"', "OK", **secret)
        told = {"masked": {"/lines/0": [[17, 49]]}, "labels": {"/lines/0": [f"{answer}:32"]}}
        story.answered("AT+ALYDEVICESECRET?", f"+ALYDEVICESECRET:{'*' * 32}", "OK", **told)
    assert parts(compared(tmp_path, old, new)) == [{"information": ("<as set>", "<secret ?: 32 bytes>")}]


def test_what_was_set_before_is_no_change(tmp_path: Path) -> None:
    old, new = Story(), Story()
    for story, name in ((old, "first"), (new, "second")):
        story.exchange(f'AT+ALYDEVICENAME="{name}"', "OK")
        story.exchange('AT+ALYDEVICENAME="refused"', "+CME ERROR: 708")
        story.answered(DEVICE, f"+ALYDEVICENAME:{name}", "OK")
    assert not compared(tmp_path, old, new).groups
    new.answered(DEVICE, "+ALYDEVICENAME:first", "OK")
    old.answered(DEVICE, "+ALYDEVICENAME:first", "OK")
    assert parts(compared(tmp_path / "stale", old, new)) == [{"information": ("<as set>", "first")}]


def test_which_of_several_right_values_came_is_no_change(tmp_path: Path) -> None:
    old, new = Story(), Story()
    for story, name in ((old, "before"), (new, "behind")):
        exchange = story.exchange(DEVICE, f"+ALYDEVICENAME:{name}", "OK")
        story.judged("answers-one-of", exchange=exchange, values=["before", "behind"])
    assert not compared(tmp_path, old, new).groups


@pytest.mark.parametrize(("by", "changed"), [("gateway", 0), ("module", 1)])
def test_the_code_on_a_session_that_the_cloud_has_just_ended_is_a_matter_of_chance(
    tmp_path: Path, by: str, changed: int
) -> None:
    old, new = Story(), Story()
    for story, code in ((old, 700), (new, 705)):
        story.event("cloud", event="closed", connection=1, by=by)
        story.answered('AT+ALYMQTTPUB="t",0,"x"', f"+CME ERROR: {code}")
    assert compared(tmp_path, old, new).changed == changed
    new.answered(QUERY, "OK")
    old.answered(QUERY, "+CME ERROR: 705")
    assert compared(tmp_path / "error", old, new).changed == changed + 1, "OK instead of an error is none"


# Which judgements are the same


def test_behind_the_first_other_judgement_of_a_test_nothing_is_compared(tmp_path: Path) -> None:
    old = Story().answered(QUERY, "OK").answered(SETTINGS, "OK").answered(QUERY, "+CME ERROR: 705")
    new = Story().answered(QUERY, "OK").answered("AT+ALYCONNECTCFG=1,1883,0", "OK").answered(QUERY, "OK")
    found = compared(tmp_path, old, new)
    assert (found.count, found.changed) == (1, 0)
    (parted,) = found.parted
    assert (parted.test, parted.old_count, parted.new_count) == (TEST, 2, 2)
    assert (parted.old, parted.new) == (5, 5)


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        ("refused", {"codes": [[708, 708]], "exact": True}, {"codes": [[708, 708]], "exact": False}),
        ("refused", {"codes": [[708, 708]], "exact": True}, {"codes": [[701, 701]], "exact": True}),
        ("answers", {"values": ["1"]}, {"values": ["2"]}),
        ("informs", {"separator": None}, {"separator": ":"}),
    ],
)
def test_other_parameters_make_another_judgement(tmp_path: Path, check: str, old: Any, new: Any) -> None:
    stories = [Story(), Story()]
    for story, parameters in zip(stories, (old, new), strict=True):
        story.judged(check, exchange=story.exchange(QUERY, "OK"), **parameters)
    assert compared(tmp_path, *stories).count == 0


def test_event_numbers_and_words_make_no_other_judgement(tmp_path: Path) -> None:
    old, new = Story(), Story()
    new.event("incident", text="x", act="lab: x", recovered=True)
    for story in (old, new):
        story.answered(QUERY, "OK", title="any words")
    assert compared(tmp_path, old, new).count == 1


def test_every_number_of_an_expectation_is_of_the_run_or_of_what_is_expected() -> None:
    expected = {"qos", "least", "most", "allowance", "secure_mode"}
    numbers = {"int", "int | None", "tuple[int, ...]"}
    named = {item.name for kind in Expectation.kinds.values() for item in fields(kind) if str(item.type) in numbers}
    assert named - expected == NUMBERS, "say of a new one whether two runs may differ in it"


def test_an_event_that_names_no_test_is_of_the_test_before(tmp_path: Path) -> None:
    story = Story()
    for test in ("a.py::test_one", 'a.py::test_two["\\]'):
        story.event("serial", test=test, dir="rx", data='"test": "none"')
        story.answered(QUERY, "OK")
        story.answered(QUERY, "OK")
        for number in range(-4, 0):
            event = json.loads(story.lines[number])
            del event["test"], event["wall"]
            story.lines[number] = json.dumps(event)
    found = read_judgements(story.store(tmp_path / "run"))
    assert {test: len(made) for test, made in found.by_test.items()} == {"a.py::test_one": 2, 'a.py::test_two["\\]': 2}


# Time


@pytest.mark.parametrize(
    ("old", "new", "drifted", "changed"),
    [(0.3, 1.2, set(), 0), (0.3, 2.3, set(), 1), (20.0, 24.0, set(), 0), (0.3, 2.3, {QUERY}, 0)],
)
def test_the_time_of_a_single_answer(tmp_path: Path, old: float, new: float, drifted: set[str], changed: int) -> None:
    stories = [Story().answered(QUERY, "OK", seconds=seconds) for seconds in (old, new)]
    found = compared(tmp_path, *stories, drifted=drifted)
    assert found.with_part(Part.TIME) == found.changed == changed


# Where answers are not compared


def test_records_without_expectations_are_compared_as_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = Story(schema=1).store(tmp_path / "old"), Story().store(tmp_path / "new")
    assert main(["compare", str(old), str(new), "--json", str(tmp_path / "c.json")]) == 0
    printed = capsys.readouterr().out.splitlines()
    line = "Answers are not compared: the record of OLD is of schema 1, without expectations as data."
    assert printed.count(line) == 1
    assert json.loads((tmp_path / "c.json").read_text("utf-8"))["answers"] == {
        "compared": False,
        "why_not": "schema",
        "run": "old",
        "detail": "1",
    }


def test_runs_of_other_catalogues_are_compared_as_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = Story().store(tmp_path / "old"), Story().store(tmp_path / "new", catalogue="cd" * 32)
    assert main(["compare", str(old), str(new), "--lang", "zh"]) == 0
    assert "未对比应答：两次运行的要求目录不同。" in capsys.readouterr().out


@pytest.mark.parametrize(
    "spoil",
    [
        lambda story: story.judged("no-such-kind", exchange=1),
        lambda story: story.judged("ok", exchange=1),
        lambda story: story.lines.append("{"),
        lambda story: story.lines.append("[" * 100_000),
        lambda story: story.lines.append('{"kind": "finding"}'),
        lambda story: story.lines.clear(),
    ],
)
def test_a_record_that_cannot_be_used_is_no_reason_to_compare_nothing(
    tmp_path: Path, spoil: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Story()
    spoil(bad)
    old, new = Story().store(tmp_path / "old"), bad.store(tmp_path / "new")
    assert compare_answers(load_run(old), load_run(new)).why_not in (WhyNot.UNREADABLE, WhyNot.SCHEMA)
    assert main(["compare", str(old), str(new)]) == 0
    assert "Answers are not compared: the record of NEW" in capsys.readouterr().out


def test_a_record_is_read_up_to_where_it_was_cut_off(tmp_path: Path) -> None:
    path = Story().answered(QUERY, "OK").answered(QUERY, "OK").store(tmp_path / "run")
    whole = (path / "record.jsonl").read_bytes()
    for spoilt in (whole[:-20], whole[: whole.rindex(b"{", 0, -400)] + b"\0" * 300 + b"\n" + whole):
        (path / "record.jsonl").write_bytes(spoilt)
        assert [len(made) for made in read_judgements(path).by_test.values()] == [1]


def test_bundles_hold_answers_too(tmp_path: Path) -> None:
    run = Story().answered(QUERY, "+CME ERROR: 705").store(tmp_path / "run")
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as made:
        for name in ("summary.json", "record.jsonl"):
            made.write(Story().answered(QUERY, "OK").store(tmp_path / name) / name, name)
    found = compare_answers(load_run(run), load_run(tmp_path / "new.zip"))
    assert parts(found) == [{"result": ("ERROR 705", "OK")}]


# How it is shown


def test_a_sick_module_makes_no_endless_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = Story(), Story()
    count = 40 * PAGE.groups
    for number in range(count):
        for story, said in ((old, "1"), (new, f"<b>\x1b\u202e{number}" + "\xff" * 3000)):
            exchange = story.exchange(QUERY, f"+ALYCONNECTCFG:{said}", "OK")
            story.judged("answered", requirement=f"XX-{number % (2 * PAGE.groups)}", exchange=exchange, seconds=None)
    runs = [str(story.store(tmp_path / name)) for name, story in (("old", old), ("new", new))]
    page, data = tmp_path / "c.html", tmp_path / "c.json"
    assert main(["compare", *runs, "--html", str(page), "--json", str(data)]) == 0
    printed = capsys.readouterr().out
    assert len(printed) < 20_000
    assert max(map(len, printed.splitlines())) <= 100
    assert "\x1b" not in printed
    assert page.stat().st_size < 1_000_000
    shown = page.read_text("utf-8")
    assert "应答的变化" in shown
    assert "Answers that changed" in shown
    assert "<b>\\" not in shown
    told = json.loads(data.read_text("utf-8"))["answers"]
    assert (told["judgements"], told["changed"], told["parts"]["information"]) == (count, count, count)
    assert sum(len(change["answers"]) for group in told["groups"] for change in group["changes"]) == count


def test_the_json_of_a_changed_answer_leads_to_both_records(tmp_path: Path) -> None:
    old, new = Story().answered(QUERY, "+CME ERROR: 700"), Story().answered(QUERY, "+CME ERROR: 705")
    runs = [load_run(story.store(tmp_path / name)) for name, story in (("old", old), ("new", new))]
    told = answers_as_json(compare(*runs).answers)
    (group,) = told["groups"]
    (change,) = group["changes"]
    assert (group["command"], group["requirement"], group["count"]) == (QUERY, "CC-05", 1)
    assert change["differs"] == {"result": {"old": "ERROR 700", "new": "ERROR 705"}}
    (answer,) = change["answers"]
    assert (answer["test"], answer["check"]) == (TEST, "answered")
    assert answer["new"] == {
        "finding": 3,
        "verdict": "PASS",
        "exchange": 2,
        "command": QUERY,
        "lines": ["+CME ERROR: 705"],
        "silent": False,
        "seconds": 0.01,
    }


def test_a_command_that_drifted_as_a_whole_is_not_told_twice(tmp_path: Path) -> None:
    old = Story().answered('AT+ALYMQTTPUB="t",0,"x"', "OK", seconds=0.01).store(tmp_path / "old")
    new = Story().answered('AT+ALYMQTTPUB="t",0,"x"', "OK", seconds=5.0)
    comparison = compare(load_run(old), load_run(new.store(tmp_path / "new", latency=latency(400))))
    assert [drift.command for drift in comparison.drifts] == ["AT+ALYMQTTPUB="]
    assert comparison.answers.changed == 0
