"""What is a final result code, what is an information response, and what is neither."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rigs.at.results import Final, Form, Information, command_name, final_result, information

DEVICE_NAME = b"+ALYDEVICENAME"


@pytest.mark.parametrize(
    ("line", "final"),
    [
        (b"OK", Final(Form.OK)),
        (b"ERROR", Final(Form.ERROR)),
        (b"+CME ERROR: 708", Final(Form.CME_SPACED, 708)),
        (b"+CME ERROR:708", Final(Form.CME_TIGHT, 708)),
        (b"+CME ERROR: 58 ", Final(Form.CME_SPACED, 58)),
        (b"ERROR: 708", Final(Form.ERROR_CODE, 708)),
        (b"+ALYDEVICENAME=err,708", Final(Form.ERR_EQUALS, 708)),
        (b"+ALYDEVICENAME: err,708", Final(Form.ERR_COLON, 708)),
        (b"+ALYDEVICENAME:err,708", Final(Form.ERR_COLON, 708)),
        (b"+ALYMQTTSUB=err,706", Final(Form.ERR_EQUALS, 706)),
    ],
)
def test_every_accepted_dialect_is_a_final_result(line: bytes, final: Final) -> None:
    assert final_result(line, DEVICE_NAME) == final
    assert final.form.accepted


@pytest.mark.parametrize(
    ("line", "final"),
    [
        (b"+CME ERROR: invalid parameter", Final(Form.CME_TEXT)),
        (b"+CME ERROR: 12345678901234567890", Final(Form.CME_TEXT)),
        (b"+CMS ERROR: 500", Final(Form.CMS, 500)),
        (b"+CMS ERROR: unknown", Final(Form.CMS)),
    ],
)
def test_an_error_in_another_spelling_ends_the_exchange_but_is_not_accepted(line: bytes, final: Final) -> None:
    assert final_result(line) == final
    assert not final.form.accepted


@pytest.mark.parametrize(
    "line",
    [
        b"+MQTTRECV:err,700",
        b"+MQTTRECV:/pk/dn/user/get,OK",
        b"+MQTTRECV:/pk/dn/user/get,ERROR",
        b"+MQTTRECV:/pk/dn/user/get,+CME ERROR: 708",
        b"+MQTTRECV:/pk/dn/user/get,+ALYDEVICENAME=err,708",
        b"+CREG: err,3",
        b"+ALYDEVICENAME:OK",
        b"+ALYDEVICENAME:err,708x",
        b"+ALYDEVICENAME:xerr,708",
        b"OKAY",
        b"NOT OK",
        b"ok",
        b"ERRORS",
        b"ERROR: none",
        b"",
    ],
)
def test_neither_a_urc_nor_a_value_is_a_final_result(line: bytes) -> None:
    assert final_result(line, DEVICE_NAME) is None


def test_any_name_but_a_urcs_may_answer_a_line_that_has_none() -> None:
    assert final_result(b"+BENCHPROBE=err,58") == Final(Form.ERR_EQUALS, 58)
    assert final_result(b"+MQTTRECV=err,58") is None


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", DEVICE_NAME]))
def test_no_bytes_raise(line: bytes, name: bytes) -> None:
    final_result(line, name)
    information(line, name)
    command_name(line)


@settings(deadline=None)
@given(st.binary(max_size=40).filter(lambda rest: b"\n" not in rest))
def test_no_downlink_payload_is_a_final_result(payload: bytes) -> None:
    assert final_result(b"+MQTTRECV:/a/b/user/c," + payload, DEVICE_NAME) is None


def test_a_closing_error_is_a_dialect_of_its_own() -> None:
    plain, closed = Final(Form.ERR_EQUALS, 708), Final(Form.ERR_EQUALS, 708, closed_by_error=True)
    assert plain.spelling != closed.spelling
    assert Final(Form.ERR_EQUALS, 700).spelling == plain.spelling


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"+ALYDEVICENAME:x", Information(":", b"x")),
        (b"+ALYDEVICENAME: x", Information(":", b" x")),
        (b"+ALYDEVICENAME=x,y", Information("=", b"x,y")),
        (b"+ALYDEVICENAME:", Information(":", b"")),
        (b"+ALYDEVICENAMES:x", None),
        (b"+ALYDEVICE:x", None),
        (b"+alydevicename:x", None),
        (b" +ALYDEVICENAME:x", None),
    ],
)
def test_an_information_response_carries_the_exact_name(line: bytes, found: Information | None) -> None:
    assert information(line, DEVICE_NAME) == found


def test_a_line_without_a_name_has_no_information_response() -> None:
    assert information(b":x", b"") is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (b"AT+ALYDEVICENAME?", DEVICE_NAME),
        (b'AT+ALYDEVICENAME="x"', DEVICE_NAME),
        (b"at+alydevicename=?", DEVICE_NAME),
        (b"ATI", b""),
        (b"AT", b""),
        (b"#+ALYDEVICENAME?", b""),
    ],
)
def test_the_name_of_a_command_line(command: bytes, name: bytes) -> None:
    assert command_name(command) == name
