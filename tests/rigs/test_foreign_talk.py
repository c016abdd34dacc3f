"""Lines that somebody else's talk brings are told from all that a module, right or faulty, says by itself."""

from __future__ import annotations

import pytest

from rigs.foreign_talk import ForeignTalk

NAMES = (b"+ALYDEVICENAME", b"+ALYMQTTSUB", b"+ALYMQTTUNSUB", b"+ALYMQTTPUB", b"+ALYCONNECTCFG")
WHOLE = b"+ALYDEVICENAME:bench-a1b2c3d4"


@pytest.fixture
def talk() -> ForeignTalk:
    talk = ForeignTalk(NAMES)
    talk.sent(b"AT\rATE0\rATI\rAT+CMEE=1\rAT+CGMR\r")
    talk.sent(b"AT+ALYDEVICENAME?\r")
    talk.answered(b"+ALYDEVICENAME", WHOLE)
    talk.answered(b"+ALYMQTTUNSUB", b"+ALYMQTTUNSUB: <topic>")
    return talk


@pytest.mark.parametrize(
    "line", [b"AT+GCAP", b"ATI1", b"AT+CPIN?", b"ATZ E0 V1", b"AT&F", b"at+cgmi", b"ATQ0 V1 E1 S0=0"]
)
def test_the_echo_of_a_command_line_that_was_not_sent(talk: ForeignTalk, line: bytes) -> None:
    said = talk.find([line])
    assert said is not None
    assert line.decode() in said
    assert "did not send" in said


@pytest.mark.parametrize("line", [b"+GCAP: +CGSM,+DS,+ES", b"+CGMI: CMCC", b"+CGSN: 861428040000000", b"+CIMI: 46000"])
def test_the_answer_to_a_command_that_was_not_sent(talk: ForeignTalk, line: bytes) -> None:
    assert "answers a command" in (talk.find([b"OK", line]) or "")


@pytest.mark.parametrize("line", [b"+ALNAME:bench-a1b2c3d4", b"+ALYDEVa1b2c3d4", b"+ADVCNAME:bench-a1b2c3d4"])
def test_an_answer_with_holes(talk: ForeignTalk, line: bytes) -> None:
    assert "lost bytes" in (talk.find([line], b"+ALYDEVICENAME") or "")


@pytest.mark.parametrize(
    "line",
    [
        WHOLE,
        b"+ALYDEVICENAME:bench-a1",
        b"+ALYDEVICENAME:bench-c3d4",
        b"+ALYDEVICENAME:",
        b"+ALYDEVICENAME",
        b"+ALYDEV",
        b"ICENAME:bench-a1b2c3d4",
        b"bench-a1b2c3d4",
        b"+ALYDEVICNAME:bench-a1b2c3d4",
        b"+ALYDEVICENAME=bench-a1b2c3d4",
        b"+alydevicename:bench-a1b2c3d4",
    ],
)
def test_what_a_faulty_module_makes_of_an_answer_is_the_modules(talk: ForeignTalk, line: bytes) -> None:
    assert talk.find([line], b"+ALYDEVICENAME") is None


def test_an_answer_in_the_name_of_another_command_is_the_modules(talk: ForeignTalk) -> None:
    assert talk.find([b"+ALYMQTTSUB: <topic>"], b"+ALYMQTTUNSUB") is None


@pytest.mark.parametrize(
    "line",
    [b"AT", b"ATE0", b"AT+CGMR", b"AT+ALYDEVICENAME?", b"AT+ALYDEVI", b"AT+ALYDEVICENME?", b"AT+ALYDEVICENAMEE?"],
)
def test_an_echo_of_ours_is_the_modules_however_damaged(talk: ForeignTalk, line: bytes) -> None:
    assert talk.find([line]) is None


def test_an_echo_that_was_asked_for_is_none_of_a_stranger(talk: ForeignTalk) -> None:
    assert talk.find([b"AT+GCAP"], echo_off=False) is None


@pytest.mark.parametrize(
    "lines",
    [
        [b"RING"],
        [b"+CREG: 1"],
        [b"+CEREG: 5"],
        [b"+CGATT: 1"],
        [b"+CPIN: READY"],
        [b"+CTZV: +32,0"],
        [b"*PSUTTZ: 2026,1,1"],
        [b"+MATREADY"],
        [b"+CSQ: 20,99"],
        [b"ATTACHED"],
        [b'+CMT: "+8613800000000",,"26/01/01,08:00:00+32"', b"AT+GCAP", b"+CGMI: hello"],
        [b'+CMT: "1",,""', b"first line", b"", b"AT+CPIN?"],
        [b"+MQTTRECV:/a/b,one", b"AT+GCAP", b"+GCAP: two"],
        [b"+MQTTRECV:/a/b,AT+GCAP"],
        [b"+CME ERROR: 708"],
        [b"OK"],
        [b"ERROR"],
        [b"ML302"],
        [bytes(range(256))],
    ],
)
def test_a_modem_at_large_is_no_stranger(talk: ForeignTalk, lines: list[bytes]) -> None:
    assert talk.find(lines) is None


def test_a_stranger_is_found_behind_the_text_of_a_message(talk: ForeignTalk) -> None:
    assert talk.find([b'+CMT: "1",,""', b"x" * 640, b"+GCAP: +CGSM"]) is not None


def test_a_command_of_our_own_is_answered_by_the_module(talk: ForeignTalk) -> None:
    talk.sent(b"AT+GCAP\r")
    assert talk.find([b"AT+GCAP", b"+GCAP: +CGSM"]) is None
