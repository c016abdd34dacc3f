"""Section 2.3: how command lines, responses, result codes and URCs are framed."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.catalogue import (
    BOUNDS,
    CLOSE,
    CONNECT_CFG,
    DEVICE_NAME,
    IDENTITY_VALUES,
    MQTT_CFG,
    PRODUCT_KEY,
    SUBSCRIBE,
    IdentityValue,
    Settings,
    load,
)
from conformance.grammar import is_well_formed
from conformance.told import told_of_values
from conformance.values import COLON, MALFORMED, MANUAL_CODES, sample
from fixtures.module import Module
from fixtures.online import Online
from fixtures.requirements import derived, last, requirement, smoke
from fixtures.verify import Verifier
from fixtures.watch import beside
from rigs.at.commands import Bare, query_line, set_line, syntax_line
from rigs.at.lines import LineEnd
from rigs.at.results import URC_RECEIVED, Form

VALUES_AND_SETTINGS = (*IDENTITY_VALUES, CONNECT_CFG, MQTT_CFG)

IDLE_LINES = {
    "attention": b"AT",
    "unknown": b"AT+ALYNOSUCH",
    **{f"query-{item.name}": query_line(item.name) for item in VALUES_AND_SETTINGS},
    **{f"test-{name}": syntax_line(name) for name in ("ALYMQTTSUB", "ALYMQTTUNSUB", "ALYMQTTPUB")},
}
"""They change nothing, whatever the module is at."""

LINES = {
    "close-while-closed": b"AT+ALYMQTTCLOSE",
    "publish-while-closed": b'AT+ALYMQTTPUB="/a/b/user/c",0,"x"',
    **{f"set-{value.name}": set_line(value.name, sample(value)) for value in IDENTITY_VALUES},
    **{f"too-long-{value.name}": set_line(value.name, sample(value, value.limit + 1)) for value in IDENTITY_VALUES},
    **{f"no-argument-{value.name}": set_line(value.name, Bare(b"")) for value in IDENTITY_VALUES},
    **{f"set-{item.name}": set_line(item.name, *item.defaults) for item in (CONNECT_CFG, MQTT_CFG)},
    **{f"refused-{item.name}": set_line(item.name, 9, *item.defaults[1:]) for item in (CONNECT_CFG, MQTT_CFG)},
}

EVERY_LINE = [
    *(pytest.param(line, id=name, marks=beside) for name, line in IDLE_LINES.items()),
    *(pytest.param(line, id=name) for name, line in LINES.items()),
]

REFUSED_LINES = {
    **{f"too-long-{value.name}": set_line(value.name, sample(value, value.limit + 1)) for value in IDENTITY_VALUES},
    "region": set_line(CONNECT_CFG.name, 6, 1883, 0),
    "subscribe-while-closed": b'AT+ALYMQTTSUB="/a/b/user/c",0',
    "unsubscribe-while-closed": b'AT+ALYMQTTUNSUB="/a/b/user/c"',
    "publish-while-closed": b'AT+ALYMQTTPUB="/a/b/user/c",0,"x"',
}

BAD_LINES = {
    "too-long-value": set_line("ALYDEVICENAME", "x" * 200),
    "unclosed-quote": b'AT+ALYDEVICENAME="open',
    "lone-quotes": b'AT+ALYDEVICENAME="""',
    "bad-integer": b"AT+ALYCONNECTCFG=x,y,z",
    "unknown": b"AT+ALYNOSUCH=1,2,3",
    "separators": b"AT+ALYMQTTCFG=,,,,,,,,",
    "format-characters": b'AT+ALYNOSUCH="%n%s%x%d"',
    "null-byte": b"AT+ALYNOSUCH=\x00\x01\x02",
    "high-bytes": b"AT+ALYNOSUCH=" + bytes(range(0x80, 0x100)),
    "over-long": b"AT+ALYNOSUCH=" + b"A" * 1500,
    "far-over-long": b"AT+ALYNOSUCH=" + b"B" * 5000,
    "over-long-value": set_line("ALYDEVICENAME", "y" * 2000),
    **{
        f"command-behind-byte-{length}": b"AT+ALYNOSUCH=".ljust(length, b"C") + set_line("ALYPRODUCTKEY", "tail")
        for length in (128, 255, 256, 512, 1023, 1024, 1025, 2047, 2048)
    },
}
"""Some of them hold a command of their own where a buffer may end."""


@smoke
@requirement("FMT-01")
@pytest.mark.parametrize("line", EVERY_LINE)
def test_a_command_gets_exactly_one_final_result(module: Module, verify: Verifier, line: bytes) -> None:
    if not verify(module.query(CONNECT_CFG)).answered().ok:
        verify.give_up("the query that a second final result code would stand out against does not work")
    verify(module.send(line)).has_one_final_result(before=lambda: module.query(CONNECT_CFG))


@last
@requirement("FMT-01")
def test_no_command_of_the_run_got_a_second_final_result(module: Module, verify: Verifier) -> None:
    verify.no_second_result(module.exchanges)


@last
@requirement("FMT-01")
def test_no_command_of_the_run_met_with_silence(module: Module, verify: Verifier) -> None:
    # A restart is judged as what it is; a line that is meant to confuse, by what asks for its answer.
    silent = [
        exchange
        for exchange in module.ordinary_exchanges
        if exchange.silent and module.rig.restart_behind(exchange) is None
    ]
    verify.no_silence(silent, module.exchanges)


@last
@requirement("FMT-01")
def test_the_module_never_flooded_the_line(module: Module, verify: Verifier) -> None:
    verify.no_flood(module.rig.dialogue.floods, BOUNDS.flood_bytes)


@smoke
@requirement("FMT-02")
@pytest.mark.parametrize("line", EVERY_LINE)
def test_response_lines_end_in_cr_lf(module: Module, verify: Verifier, line: bytes) -> None:
    verify(module.send(line)).lines_end_well()


@last
@requirement("FMT-02")
def test_all_response_lines_of_the_run_ended_in_cr_lf(module: Module, verify: Verifier) -> None:
    wrong = [
        exchange
        for exchange in module.exchanges
        if any(line.end is not LineEnd.CRLF or line.padding for line in exchange.own_lines)
    ]
    culprits = [exchange for exchange in wrong if not exchange.excused]
    # A number that a stored profile brought in the place of OK is none of the lines that are judged.
    excused = [exchange for exchange in module.exchanges if exchange.number_meant or exchange.excused]
    verify.all_lines_end_well(culprits, excused=excused)


@last
@requirement("FMT-02")
def test_how_unsolicited_lines_of_the_modem_at_large_end(module: Module, verify: Verifier) -> None:
    lines = module.rig.dialogue.unsolicited
    ends = Counter(line.end.name for line in lines if not line.text.startswith(URC_RECEIVED))
    verify.observe(line_ends=dict(sorted(ends.items())))


@smoke
@requirement("FMT-03")
@pytest.mark.parametrize("item", VALUES_AND_SETTINGS, ids=str)
def test_an_information_response_begins_with_the_command_name_and_a_colon(
    module: Module, verify: Verifier, item: IdentityValue | Settings
) -> None:
    if isinstance(item, IdentityValue):
        verify.given(module.set(item, sample(item)))
    answer = verify.given(module.query(item))
    verify(answer).informs()
    verify(answer).informs(":", COLON)


@last
@requirement("FMT-03")
def test_every_query_of_the_run_was_answered_in_its_own_name(module: Module, verify: Verifier) -> None:
    queries, wrong = told_of_values(module.ordinary_exchanges)
    if not queries:
        verify.give_up("no query of a value that was set was answered OK in this run")
    # One that is right stands for all that are.
    for answer in wrong or queries[-1:]:
        verify(answer).informs()
        verify(answer).informs(":", COLON)


@requirement("FMT-04")
@pytest.mark.parametrize("item", VALUES_AND_SETTINGS, ids=str)
def test_whether_a_space_follows_the_colon(module: Module, verify: Verifier, item: IdentityValue | Settings) -> None:
    if isinstance(item, IdentityValue):
        verify.given(module.set(item, sample(item)))
    answer = verify.given(module.query(item))
    spaces = [information.value.startswith(b" ") for information in answer.information]
    verify.observe(command=item.name, space_after_colon=spaces, evidence=answer.evidence)


@smoke
@beside
@requirement("FMT-05")
@pytest.mark.parametrize(
    "line", ["AT+ALYNOSUCH", "AT+ALYNOSUCH?", "AT+ALYNOSUCH=?", "AT+ALYNOSUCH=1", "AT+ALYDEVICENAMES?", "AT+ALYDEVICE?"]
)
def test_an_unknown_command_is_answered_with_an_error(module: Module, verify: Verifier, line: str) -> None:
    verify(module.send(line)).refused()


@requirement("FMT-06")
@pytest.mark.parametrize("line", ["at+alyconnectcfg?", "AT+alyconnectcfg?", 'at+alydevicename="lower"'])
def test_whether_lower_case_is_understood(module: Module, verify: Verifier, line: str) -> None:
    answer = verify(module.send(line)).answered()
    module.touch_everything()
    verify.observe(line=line, understood=answer.ok, evidence=answer.evidence)


@requirement("FMT-07")
def test_urcs_arrive_as_whole_lines_and_split_no_other(online: Online, verify: Verifier) -> None:
    topic = online.subscribed_topic()
    payloads = [f"urc-{number:03}-{'u' * (number % 40)}" for number in range(60)]
    online.downlink(topic, *payloads)
    for _ in online.until_received(topic, payloads[-1]):
        verify(online.module.query(DEVICE_NAME)).still_answers(online.module.device.device_name)
    verify.shown_once(topic, payloads, online.received(topic))


@smoke
@requirement("FMT-08")
def test_at_alone_is_answered_ok(module: Module, verify: Verifier) -> None:
    verify(module.send("AT")).ok()


@requirement("FMT-08")
def test_a_line_feed_after_the_cr_changes_nothing(module: Module, verify: Verifier) -> None:
    verify(module.send("AT", end=b"\r\n")).ok()
    verify(module.send(set_line(DEVICE_NAME.name, text := sample(DEVICE_NAME)), end=b"\r\n")).ok()
    verify(module.send(query_line(DEVICE_NAME.name), end=b"\r\n")).answers(text)
    verify(module.query(DEVICE_NAME)).has_one_final_result(before=lambda: module.query(CONNECT_CFG))


@requirement("FMT-09")
@pytest.mark.parametrize("value", IDENTITY_VALUES, ids=str)
def test_whether_a_string_is_accepted_without_quotes(module: Module, verify: Verifier, value: IdentityValue) -> None:
    setting = verify(module.set(value, Bare((text := sample(value)).encode()))).answered()
    kept = any(text.encode() in item.value for item in module.query(value).information)
    verify.observe(command=value.name, accepted=setting.ok, returned=kept, evidence=setting.evidence)


@last
@requirement("FMT-10")
def test_all_errors_of_the_run_were_written_in_one_accepted_dialect(module: Module, verify: Verifier) -> None:
    errors = [e for e in module.ordinary_exchanges if e.error and e.name.decode() in load().commands]
    if not errors:
        verify.give_up("no command of the manual was refused in this run")
    spellings = Counter(exchange.error.spelling for exchange in errors if exchange.error)
    verify.observe(dialects=sorted(spellings))
    verify.accepted_forms([e for e in errors if e.error and not e.error.form.accepted], errors)
    # The general parser may refuse what it cannot read by a bare ERROR, whatever the commands themselves write.
    of_commands = [
        exchange
        for exchange in errors
        if exchange.error and (is_well_formed(exchange.command) or exchange.error.form is not Form.ERROR)
    ]
    verify.one_dialect(of_commands)


@smoke
@requirement("FMT-11")
@pytest.mark.parametrize("line", REFUSED_LINES.values(), ids=REFUSED_LINES)
def test_a_well_formed_line_is_refused_with_a_code_of_the_manual(module: Module, verify: Verifier, line: bytes) -> None:
    answer = module.send(line)
    if answer.ok:
        verify.give_up("the line was accepted, which other requirements judge: there is no code to look at")
    verify(answer).refused(MANUAL_CODES)


@last
@requirement("FMT-11")
def test_all_codes_of_the_run_were_codes_that_these_commands_may_show(module: Module, verify: Verifier) -> None:
    foreign = [
        exchange
        for exchange in module.ordinary_exchanges
        if exchange.code is not None
        and exchange.name.decode() in load().commands
        and not MANUAL_CODES.accepts(exchange.code)
        and (is_well_formed(exchange.command) or not MALFORMED.accepts(exchange.code))
    ]
    verify.known_codes(MANUAL_CODES, foreign, module.exchanges, load().commands)


@requirement("FMT-12")
@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_the_command_after_a_bad_line_works_and_is_not_polluted(module: Module, verify: Verifier, line: bytes) -> None:
    # What becomes of the line itself is for the requirements that refuse it.
    if module.send(line).silent:
        verify.recover()
    verify(module.set(DEVICE_NAME, text := sample(DEVICE_NAME, 20))).ok()
    verify(module.query(DEVICE_NAME)).answers(text)
    verify(module.query(PRODUCT_KEY)).still_answers(module.device.product_key)


@beside
@requirement("FMT-13")
def test_the_echo_obeys_ate0_and_ate1(module: Module, verify: Verifier) -> None:
    with module.echo_restored():
        for command, wanted in (("ATE1", True), ("ATE0", False), ("ATE1", True), ("ATE0", False)):
            verify(module.send(command)).ok()
            answer = verify(module.query(CONNECT_CFG)).answered()
            verify(answer).echoes(wanted, after=command)


@derived
@requirement("FMT-13")
@pytest.mark.parametrize("wanted", [False, True], ids=["off", "on"])
def test_the_echo_stays_as_it_was_set_whatever_comes_between(module: Module, verify: Verifier, wanted: bool) -> None:
    unknown, region = "AT+ALYNOSUCH", CONNECT_CFG.parameter("region").refused[0]
    refused = set_line(CONNECT_CFG.name, *CONNECT_CFG.replaced(region=region))
    between: list[tuple[str | bytes, ...]] = [
        ("AT", "AT"),
        (unknown, unknown, unknown, unknown),
        (refused, refused, refused, refused),
        (f'AT+{DEVICE_NAME.name}="open', f"AT+{CONNECT_CFG.name}=1,", unknown),
        (set_line(DEVICE_NAME.name, sample(DEVICE_NAME)), f"AT+{DEVICE_NAME.name}?"),
        (f"AT+{CLOSE.word}", f"AT+{SUBSCRIBE.word}=?"),
    ]
    with module.echo_restored():
        verify.given(module.send(f"ATE{int(wanted)}"))
        for lines in between:
            for line in lines:
                module.send_hostile(line)
            last = lines[-1].decode() if isinstance(lines[-1], bytes) else lines[-1]
            verify(verify(module.query(CONNECT_CFG)).answered()).echoes(wanted, after=last)
