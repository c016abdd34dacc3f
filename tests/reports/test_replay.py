"""The lines that lead to a finding on a module that was just switched on, with nothing real in place of a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.__main__ import main
from reports.html.details import MAX_LINES, Details
from reports.html.tree import to_html
from reports.i18n import Lang, text
from reports.record import RecordWriter, RunRecord
from reports.replay import Replays
from tests.reports.synthetic import nodeid, write_head
from tests.reports.unpacking import Page

EARLIER, TEST = nodeid("ID-01"), nodeid("ID-02")


class _Run:
    """Writes a run: lines that are sent and answered, power cuts, findings."""

    def __init__(self, path: Path) -> None:
        self.path = path / "record.jsonl"
        self._record = RecordWriter(self.path)
        write_head(self._record)
        self._test = EARLIER
        self._count = 0

    def begin(self, test: str) -> None:
        self._test = test
        self._record.write("test-start", test=test, requirements=["ID-01"])

    def end(self) -> None:
        self._record.write("test-end", test=self._test, verdict="FAIL", seconds=0.1)

    def send(self, command: str, label: str = "", *, final: str = "OK") -> int:
        """A command whose stars are a secret of that label."""
        first, last = command.find("*"), command.rfind("*") + 1
        masked: dict[str, Any] = {"masked": {"/data": [[first, last]]}} if label else {}
        sent = self._record.write("serial", test=self._test, dir="tx", data=f"{command}\r", **masked)
        self._count += 1
        told = {"masked": {"/command": [[first, last]]}, "labels": {"/command": [label]}} if label else {}
        span = {"from": sent, "to": sent}
        answer: dict[str, Any] = {"lines": [final], "final": final, "code": None, "silent": False, "seconds": 0.1}
        return self._record.write(
            "exchange", test=self._test, exchange=self._count, command=command, **answer, **told, **span
        )

    def raw(self, data: str) -> None:
        self._record.write("serial", test=self._test, dir="tx", data=data)

    def power_cycle(self) -> None:
        for action in ("off", "on", "booted"):
            self._record.write("power", test=self._test, action=action)

    def find(self, **expectation: Any) -> None:
        told = {"expectation": expectation} if expectation else {}
        words = {"title": "t", "expected": "e", "observed": "o", "evidence": [], "observation": None}
        self._record.write("finding", test=self._test, requirement="ID-01", verdict="FAIL", **words, **told)

    def read(self) -> RunRecord:
        self._record.close()
        return RunRecord.load(self.path)


@pytest.fixture
def run(tmp_path: Path) -> _Run:
    return _Run(tmp_path)


def _lines(record: RunRecord) -> list[list[str]]:
    replay = Replays(record).of(record.findings[-1])
    assert replay is not None
    return [[str(line) for line in block] for block in replay.blocks]


def test_it_begins_with_what_earlier_tests_have_left_in_the_module(run: _Run) -> None:
    run.begin(EARLIER)
    run.send("AT+ALYMQTTCFG=1,300,60000")
    run.send('AT+ALYDEVICENAME="old"')
    run.power_cycle()
    run.send("ATE0")
    run.send('AT+ALYDEVICENAME="new"')
    run.send('AT+ALYPRODUCTKEY="refused"', final="ERROR")
    run.send("AT+ALYCONNECTCFG?")
    run.send("AT+ALYMQTTOPEN")
    run.send('AT+ALYMQTTSUB="/a,b",1')
    run.send('AT+ALYMQTTSUB="/c",1')
    run.send('AT+ALYMQTTUNSUB="/c"')
    run.send('AT+ALYMQTTPUB="/a,b",0,"x"')
    run.end()
    run.begin(TEST)
    run.send("AT+ALYMQTTCFG?")
    run.find()
    expected = ["ATE0", 'AT+ALYDEVICENAME="new"', "AT+ALYMQTTOPEN", 'AT+ALYMQTTSUB="/a,b",1', "AT+ALYMQTTCFG?"]
    assert _lines(run.read()) == [expected], "settings do not survive a power cut, and the session is still open"


def test_a_session_that_the_test_closes_first_is_not_brought_about(run: _Run) -> None:
    run.begin(EARLIER)
    run.send("AT+ALYCONNECTCFG=0,1884,0")
    run.send('AT+ALYDEVICENAME="n"')
    run.send("AT+ALYMQTTOPEN")
    run.end()
    run.begin(TEST)
    run.send("AT+ALYMQTTCLOSE")
    run.send("AT+ALYCONNECTCFG=0,1883,0")
    run.send("AT+ALYMQTTOPEN")
    run.find()
    assert _lines(run.read()) == [['AT+ALYDEVICENAME="n"', "AT+ALYCONNECTCFG=0,1883,0", "AT+ALYMQTTOPEN"]]


def test_a_close_that_is_judged_keeps_its_session(run: _Run) -> None:
    run.begin(EARLIER)
    run.send("AT+ALYMQTTOPEN")
    run.end()
    run.begin(TEST)
    closed = run.send("AT+ALYMQTTCLOSE")
    run.send("AT+ALYMQTTOPEN")
    run.find(check="ok", exchange=closed)
    assert _lines(run.read()) == [["AT+ALYMQTTOPEN", "AT+ALYMQTTCLOSE"]], "what came behind is no part of it"


def test_a_power_cut_of_the_test_stands_between_its_lines(run: _Run) -> None:
    run.begin(TEST)
    run.send('AT+ALYDEVICENAME="n"')
    run.power_cycle()
    run.send("AT+ALYDEVICENAME?")
    run.find()
    record = run.read()
    assert _lines(record) == [['AT+ALYDEVICENAME="n"'], ["AT+ALYDEVICENAME?"]]
    markup = to_html(Details(record).of_finding(record.findings[-1]))
    assert markup.count('<pre class="replay">') == 2
    assert text(Lang.ZH, "replay-power") in markup


def test_secrets_have_stand_ins_that_are_equal_where_they_were(run: _Run) -> None:
    run.begin(TEST)
    secret, other, part = "*" * 32, "*" * 32, "*" * 8
    run.send(f'AT+ALYDEVICESECRET="{secret}"', "1:32")
    run.send(f'AT+ALYDEVICESECRET="{other}"', "2:32")
    run.send(f'AT+ALYDEVICESECRET="{part}"', "3:8=1[4:12]")
    run.send(f'AT+ALYDEVICESECRET="{secret}"', "1:32")
    run.raw("AT+ALYPRODUCTSECRET=1\r")
    run.find()
    record = run.read()
    first, second, third, again, raw = _lines(record)[0]
    value = first.split('"')[1]
    assert first == again != second
    assert len(value) == 32
    assert "*" not in "".join((first, second, third))
    assert third.split('"')[1] == value[4:12]
    assert raw == "AT+ALYPRODUCTSECRET=1"
    page = Page(str(to_html(Details(record).of_finding(record.findings[-1])))).text
    assert first in page
    assert text(Lang.EN, "replay-stand-ins") in page


def test_lines_in_pieces_are_whole_and_what_cannot_be_typed_is_told(run: _Run) -> None:
    run.begin(TEST)
    run.raw("AT+ALYDEV")
    run.raw("ICENAME?\rAT\x00\x1b\r\nAT+CUT")
    run.find()
    record = run.read()
    assert _lines(record) == [["AT+ALYDEVICENAME?", "AT\\0\\x1b", "AT+CUT"]]
    markup = to_html(Details(record).of_finding(record.findings[-1]))
    assert text(Lang.EN, "replay-untypable", count=1) in markup
    assert "<i>\\0\\x1b</i>" in markup


def test_of_very_many_lines_the_page_shows_both_ends_and_show_all(
    run: _Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.begin(TEST)
    for number in range(100):
        run.send(f"AT+ALYCONNECTCFG=0,{number},0")
    run.find()
    record = run.read()
    page = Page(str(to_html(Details(record).of_finding(record.findings[-1])))).text
    assert page.count("AT+ALYCONNECTCFG=0,") >= MAX_LINES
    assert "(60 lines in the middle are left out;" in page
    assert main(["show", str(run.path), str(record.findings[-1].seq), "--lang=en", "--width=20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    begin = lines.index("AT+ALYCONNECTCFG=0,0,0")
    assert lines[begin : begin + 100] == [f"AT+ALYCONNECTCFG=0,{number},0" for number in range(100)]
    assert lines[-1].startswith("Again: pytest ")


@pytest.mark.parametrize("lang", list(Lang))
def test_show_tells_the_lines_of_a_test(run: _Run, lang: Lang, capsys: pytest.CaptureFixture[str]) -> None:
    run.begin(TEST)
    run.send('AT+ALYDEVICENAME="' + "n" * 60 + '"')
    run.find()
    run.send("AT+LATER")
    run.end()
    run.read()
    assert main(["show", str(run.path), TEST, f"--lang={lang}", "--width=30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 'AT+ALYDEVICENAME="' + "n" * 60 + '"' in lines, "a line to copy is never cut"
    assert "AT+LATER" not in lines
    assert text(lang, "replay-lines")[:8] in "".join(lines)
