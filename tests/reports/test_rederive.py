"""A record against itself: whatever contradicts is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.__main__ import main
from reports.bundle.contents import DoesNotHold
from reports.bundle.make import pack
from reports.bundle.rederive import Rederived, rederive
from reports.record import RunRecord
from reports.verdicts import conclude
from tests.reports.evidence import ANSWERED, change_record, of_kind, rebuild


def _set(kind: str, index: int = -1, **fields: Any) -> Any:
    return lambda events: of_kind(events, kind)[index].update(fields)


def _new_schema(change: Any) -> Any:
    """The change, in a record of schema 2."""

    def changed(events: list[dict[str, Any]]) -> None:
        events[0]["schema"] = 2
        change(events)

    return changed


def _answered_before(events: list[dict[str, Any]]) -> None:
    """A final result code of earlier, and none behind the command."""
    sent, _, got = of_kind(events, "serial")[:3]
    sent["data"], got["data"] = "\r\n+ALYDEVICENAME: ab\r\n\r\nOK\r\n", "AT+ALYDEVICENAME?\r"
    sent["dir"], got["dir"] = "rx", "tx"
    for event in events[events.index(got) :]:
        event["t"] += 1
    of_kind(events, "serial")[1]["data"] = "\r\n"


def _overlapping(events: list[dict[str, Any]]) -> None:
    """The second exchange begins within the first."""
    first, second = of_kind(events, "exchange")[:2]
    second["from"] = first["to"]


def _going_on(events: list[dict[str, Any]]) -> None:
    of_kind(events, "serial")[2]["data"] += "\r\nOK\r\n"
    of_kind(events, "exchange")[0]["lines"].append("OK")


def _borrowed(events: list[dict[str, Any]]) -> None:
    """The first exchange takes up the events of the second, which is not told."""
    first, second = of_kind(events, "exchange")[:2]
    second.update({**first, "seq": second["seq"], "to": second["to"]})
    first.update(kind="cloud", connection=None, event="x")


def _answered_again(events: list[dict[str, Any]]) -> None:
    first, second = of_kind(events, "exchange")[:2]
    second.update({**first, "seq": second["seq"]})


LIES = {
    "footer verdict": (_set("end", verdict="PASS"), "the record's footer says PASS"),
    "footer status": (_set("end", exit_status=1), "with exit status 1"),
    "test verdict": (_set("test-end", verdict="PASS"), "its findings give DEVIATION"),
    "finding verdict": (_set("finding", verdict="PASS"), "says DEVIATION; its findings give PASS"),
    "another's finding": (_set("finding", test=ANSWERED), "its findings give"),
    "later evidence": (_set("finding", evidence=[3, 10**6]), "cites evidence that does not precede it"),
    "too little": (
        _set("finding", effort={"what": "sequences", "planned": 10, "done": 1, "minimum": 5, "cut": "slow answers"}),
        "judges by less than the least",
    ),
    "half a stretch": (_set("finding", evidence=[3]), "cites evidence that does not precede it"),
    "evidence backwards": (_set("finding", evidence=[5, 3]), "cites evidence that does not precede it"),
    "another command": (_set("exchange", 0, command="AT+ALYPRODUCTKEY?"), "the command it claims was not sent"),
    "another line": (_set("exchange", 0, lines=["+ALYDEVICENAME: xy", "OK"]), "a line it claims did not come"),
    "lines swapped": (_set("exchange", 0, lines=["OK", "+ALYDEVICENAME: ab"]), "a line it claims did not come"),
    "a part of a line": (_set("exchange", 0, lines=["ab", "OK"]), "a line it claims did not come"),
    "another code": (_set("exchange", 1, code=707), "no line of it is the final result it claims"),
    "OK for an error": (_set("exchange", 1, final="OK", code=None), "no line of it is the final result it claims"),
    "error for OK": (_set("exchange", 0, final="ERROR"), "no line of it is the final result it claims"),
    "silence for OK": (_set("exchange", 0, silent=True, seconds=60), "it claims silence, but"),
    "code for silence": (_set("exchange", 2, code=5), "it claims silence, and a code"),
    "any words for an error": (_set("exchange", 1, final="ERROR"), "no line of it is the final result it claims"),
    "a long line": (_set("exchange", 0, lines=["x" * 65_536, "OK"]), "a line it claims did not come"),
    "a part of the command": (_set("exchange", 0, command="ALYDEVICENAME"), "the command it claims was not sent"),
    "the command's beginning": (_set("exchange", 0, command="AT+ALYDEVICE"), "more was sent than the command"),
    "another's answer": (_borrowed, "more was sent than the command it claims"),
    "an answer before": (_answered_before, "its final result came before the command was sent"),
    "events of two": (_overlapping, "its events are those of another exchange, too"),
    "beyond the end": (_going_on, "it goes on behind its final result"),
    "number goes back": (_set("exchange", 2, exchange=-5), "its number comes after 1"),
    "number of another": (_set("exchange", 1, exchange=0), "its number is that of another exchange"),
    "told again, though answered": (_answered_again, "its number is that of another exchange"),
    "backwards": (_set("exchange", 0, **{"from": 5, "to": 3}), "points at events 5 to 3"),
    "beyond": (_set("exchange", 0, to=10**9), "points at events"),
    "other bytes received": (_set("serial", 2, data="x\r\n\r\nOK\r\n"), "a line it claims did not come"),
    "other bytes sent": (_set("serial", 0, data="AT+ALYDEVICENAME=1\r"), "the command it claims was not sent"),
    "packet type": (_set("mqtt", packet="CONNECT"), "its bytes are of another type"),
    "packet that no gateway sends": (
        _set("mqtt", packet="PINGREQ", dir="down", hex="c000", fields={}),
        "a PINGREQ packet where none can be",
    ),
    "packet of no connection": (_set("mqtt", connection=None), "a PUBLISH packet where none can be"),
    "masked and shown": (_set("exchange", 1, masked={"/command": [[0, 4]]}), "what it calls masked can be read"),
    "label of another": (
        _set("exchange", 1, masked={"/command": [[19, 24]]}, labels={"/command": ["1:64"]}),
        "a label is not as long as what it stands for",
    ),
    "rules of before": (_new_schema(lambda events: events[0].pop("rules")), "says that it is judged by rules 1"),
    "expectation of before": (
        _set("finding", expectation={"check": "ok", "exchange": 7}),
        "has an expectation, in a record of schema 1",
    ),
    "observation that judges": (
        _new_schema(_set("finding", 0, observation={"x": 1})),
        "only records something and says PASS",
    ),
    "effort that judges": (
        _new_schema(
            _set("finding", 0, effort={"what": "steps", "planned": 1, "done": 1, "minimum": 1, "cut": None}),
        ),
        "judges something else than the effort that it counts",
    ),
    "topic": (_set("mqtt", fields={"topic": "/xy", "qos": 0}), "a PUBLISH packet whose bytes say something else"),
    "QoS": (_set("mqtt", fields={"topic": "/ab", "qos": 1}), "a PUBLISH packet whose bytes say something else"),
    "no end of a test": (
        lambda events: of_kind(events, "test-end")[-1].update(kind="cloud", connection=None, event="x"),
        "never ended",
    ),
}


def test_a_code_that_was_masked_with_its_line_may_be_any(run_dir: Path) -> None:
    def change(events: list[dict[str, Any]]) -> None:
        of_kind(events, "serial")[4]["data"] = "\r\n+ALYDEVICESECRET=*******\r\nERROR\r\n"
        of_kind(events, "exchange")[1].update(lines=["+ALYDEVICESECRET=*******", "ERROR"], final="+<CMD>=err,n + ERROR")

    change_record(run_dir, change)
    rebuild(run_dir)
    rederive(run_dir)


@pytest.mark.parametrize(
    ("came", "lines", "final"),
    [
        (
            "+ALYDEVICESECRET: err,7\r\n+URC: 1\r\nERROR\r\n",
            ["+ALYDEVICESECRET: err,7", "+URC: 1", "ERROR"],
            "+<CMD>: err,n + ERROR",
        ),
        ("+CMT: 1\r\nOK\r\n+CME ERROR: 7\r\n", ["+CMT: 1", "+CME ERROR: 7"], "+CME ERROR: n"),
        ("+CMT: 1\r\nhi\r\nERROR\r\nERROR: 7\r\n", ["+CMT: 1", "ERROR", "ERROR: 7"], "ERROR: n"),
    ],
    ids=["closed by ERROR", "a message that says OK", "the last one behind a message"],
)
def test_an_answer_goes_on_where_the_dialogue_waits_for_more(
    run_dir: Path, came: str, lines: list[str], final: str
) -> None:
    def change(events: list[dict[str, Any]]) -> None:
        of_kind(events, "serial")[4]["data"] = f"\r\n{came}"
        of_kind(events, "exchange")[1].update(lines=lines, code=7, final=f"{final} (code 7)")

    change_record(run_dir, change)
    rebuild(run_dir)
    rederive(run_dir)


def test_an_answer_that_comes_late_is_told_again(run_dir: Path) -> None:
    """With the bench's own lines behind the command's, up to the answer."""

    def change(events: list[dict[str, Any]]) -> None:
        silent = of_kind(events, "exchange")[2]
        position = events.index(silent)
        last = {"t": silent["t"], "test": silent["test"], "kind": "serial"}
        again = {**silent, "silent": False, "lines": ["OK"], "final": "OK", "to": position + 2}
        events[position + 1 : position + 1] = [
            {**last, "dir": "tx", "data": "AT\r"},
            {**last, "dir": "rx", "data": "\r\nOK\r\n\r\nOK\r\n"},
            again,
        ]
        for number, event in enumerate(events):
            event["seq"] = number

    change_record(run_dir, change)
    rebuild(run_dir)
    rederive(run_dir)


def _came_within_silence(events: list[dict[str, Any]], data: str) -> None:
    """While the third exchange waited in vain."""
    silent = of_kind(events, "exchange")[2]
    position = events.index(silent)
    sent = events[position - 1]
    events.insert(position, {**sent, "dir": "rx", "data": data})
    silent["to"] = position
    for number, event in enumerate(events):
        event["seq"] = number


def _broken_off(events: list[dict[str, Any]]) -> None:
    """The time limit of the run passed while the first answer came."""
    of_kind(events, "exchange")[0].update(silent=True, lines=[], final="no final result within 0.0 s", seconds=0.001)


def _never_sent(events: list[dict[str, Any]]) -> None:
    """The port was lost before."""
    silent = of_kind(events, "exchange")[2]
    sent = events[events.index(silent) - 1]
    sent.update(kind="cloud", connection=None, event="x")
    silent.update(**{"from": silent["seq"], "to": silent["seq"] - 1})


@pytest.mark.parametrize(
    "change",
    [lambda events: _came_within_silence(events, "\r\n+CMT: 1\r\nOK\r\n"), _broken_off, _never_sent],
    ids=["a message that says OK", "broken off", "never sent"],
)
def test_silence_is_no_lie_where(run_dir: Path, change: Any) -> None:
    change_record(run_dir, change)
    rebuild(run_dir)
    rederive(run_dir)


def test_a_result_that_crosses_the_command_is_taken_for_its_answer(run_dir: Path) -> None:
    """Of a module that gives two to the one before."""

    def change(events: list[dict[str, Any]]) -> None:
        _answered_before(events)
        sent, _, got = of_kind(events, "serial")[:3]
        got["t"] = sent["t"] + 0.01

    change_record(run_dir, change)
    rebuild(run_dir)
    rederive(run_dir)


def test_silence_is_a_lie_where_the_answer_came_though_a_message_came_before(run_dir: Path) -> None:
    change_record(run_dir, lambda events: _came_within_silence(events, "\r\n+CMT: 1\r\nOK\r\nOK\r\n"))
    with pytest.raises(DoesNotHold, match="it claims silence, but"):
        rederive(run_dir)


def test_an_exchange_that_was_broken_off_is_not_judged(run_dir: Path) -> None:
    def judged(events: list[dict[str, Any]]) -> None:
        _broken_off(events)
        number = of_kind(events, "exchange")[0]["seq"]
        events[0]["schema"] = 2
        of_kind(events, "finding")[0].update(expectation={"check": "answered", "exchange": number, "seconds": None})

    change_record(run_dir, judged)
    with pytest.raises(DoesNotHold, match="it claims silence, but"):
        rederive(run_dir)


@pytest.mark.parametrize("lie", LIES)
def test_a_record_that_contradicts_itself_does_not_hold(run_dir: Path, lie: str) -> None:
    change, complaint = LIES[lie]
    change_record(run_dir, change)
    with pytest.raises(DoesNotHold, match=f"(?s).*{complaint.replace('(', '.')}"):
        rederive(run_dir)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda events: events.pop(), "no footer"),
        (lambda events: events.pop(5), "carries sequence number 6, not 5"),
        (lambda events: events.append({**events[-1], "seq": events[-1]["seq"] + 1}), "1 lines come after it"),
        (_set("finding", evidence=["3", "4"]), "no list of sequence numbers"),
        (_set("run", schema=99), "record schema 99; this suite reads up to schema 2"),
        (_set("run", rig=["none"]), "not as a run writes it"),
        (_set("mqtt", hex="no hex"), "not as a run writes it"),
    ],
)
def test_a_record_that_cannot_be_read_is_one_line_and_exit_4(
    run_dir: Path, tmp_path: Path, change: Any, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """However well the bundle is made around it."""
    record = RunRecord.load(run_dir / "record.jsonl")
    honest = Rederived(record, conclude(record, False), None)
    change_record(run_dir, change)
    path = tmp_path / "b.zip"
    path.write_bytes(pack(honest, run_dir, Ed25519PrivateKey.generate()))
    capsys.readouterr()
    assert main(["verify", str(path)]) == 4
    printed = capsys.readouterr()
    assert printed.err.startswith(f"{path}: record.jsonl: ")
    assert complaint in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_a_forged_record_does_not_hold_under_a_good_signature(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_record(run_dir, _set("exchange", 1, final="OK", code=None))
    rebuild(run_dir)
    record = RunRecord.load(run_dir / "record.jsonl")
    path = tmp_path / "b.zip"
    path.write_bytes(pack(Rederived(record, conclude(record, False), None), run_dir, Ed25519PrivateKey.generate()))
    capsys.readouterr()
    assert main(["verify", str(path)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("does not hold: exchange 1 (event ")
    assert printed.out.count("\n") == 1
    assert printed.err == ""
