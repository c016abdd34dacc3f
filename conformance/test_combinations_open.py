"""Sections 2.4.7 and 2.4.8, in combination: what is changed and tried while closed and while open, and failed OPENs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager

from conformance.catalogue import BOUNDS, CONNECT_CFG, DEVICE_NAME, MQTT_CFG, PRODUCT_SECRET, Row
from conformance.combinations import through
from conformance.held import CHANGES
from conformance.sessions import has_tls
from conformance.values import ALREADY_OPEN, MANUAL_CODES, NOT_OPEN, code_rule, sample
from fixtures.findings import unless_unseen
from fixtures.online import Messages
from fixtures.requirements import derived, requirement, tells
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import ConnackCode, Connect

ARGUMENTS = {"open-number": "=1", "open-text": '="x"', "open-two": "=0,1"}
FAILS: dict[str, Callable[[Instrument], AbstractContextManager[None]]] = {
    "refused": Instrument.refusing_tcp,
    "fin-for-connack": lambda gateway: gateway.closing(Connect),
    "rst-for-connack": lambda gateway: gateway.resetting(Connect),
}
NO_TLS = {"transport": ("tls",)}
_numbers = itertools.count(1)


@derived
@requirement("OP-01", "OP-04", "CL-01", "CL-02", "SU-03", "TL-01", "MC-06", "MC-07")
@tells("OP-07", "CL-03")
def test_sessions_work_whatever_is_changed_and_tried(messages: Messages, gateway: Instrument, verify: Verifier) -> None:
    module = messages.module

    def judge(row: Row) -> None:
        change(str(row["changed-closed"]))
        module.hold(DEVICE_NAME, module.device.device_name)
        tried = str(row["while-closed"])
        tries_while_closed(tried)
        connection = opens(row, of=("OP-01", "OP-07") if tried in ARGUMENTS else ("OP-01",))
        change(str(row["changed-open"]))
        if is_over(connection):
            # The manual leaves it open whether a set ends the session.
            module.close()
        else:
            tries_while_open(str(row["while-open"]), connection)
            verify(module.close(), of="CL-01").ok()
            verify.gone(connection, BOUNDS.close_seconds, of="CL-01")
            verify.at_gateway(connection, of="CL-02").logged_out()
        if row["close"] == "twice":
            verify(module.close(), of="CL-03").refused(NOT_OPEN)

    def change(word: str) -> None:
        number = next(_numbers)
        acts: dict[str, Callable[[], object]] = {
            "connection": lambda: module.set(CONNECT_CFG, *CHANGES[CONNECT_CFG.name][number % 3]),
            "mqtt": lambda: module.set(MQTT_CFG, *CHANGES[MQTT_CFG.name][number % 3]),
            "product-secret": lambda: module.set(PRODUCT_SECRET, sample(PRODUCT_SECRET, variant=number % 5)),
            "name": lambda: module.set(DEVICE_NAME, sample(DEVICE_NAME, variant=number % 5)),
            "refused": lambda: module.set(CONNECT_CFG, CONNECT_CFG.parameters[0].refused[0], 1, 0),
            "malformed": lambda: module.send("AT+ALYMQTTCFG=1,"),
        }
        if word in acts:
            acts[word]()

    def tries_while_closed(word: str) -> None:
        topic = messages.topic()
        acts: dict[str, Callable[[], Exchange]] = {
            "publish": lambda: module.publish(topic, "closed", 1),
            "subscribe": lambda: module.subscribe(topic, 1),
            "unsubscribe": lambda: module.unsubscribe(topic),
        }
        if word in ARGUMENTS:
            verify(module.send(f"AT+ALYMQTTOPEN{ARGUMENTS[word]}"), of="OP-07").refused()
        elif word == "close":
            verify(module.close(), of="CL-03").refused(NOT_OPEN)
        elif word in acts:
            verify(acts[word](), of="SU-03").refused(NOT_OPEN)

    def opens(row: Row, *, of: tuple[str, ...]) -> Connection:
        clean, seconds, tls = bool(row["clean"]), int(row["keepalive"]), row["transport"] == "tls"
        module.configure_session(clean=clean, keepalive=1000 * seconds, tls=tls)
        mark, begin = module.cloud.journal.mark(), verify.now
        connection, exchange = module.try_open(tls=tls)
        verify(exchange, of=of).ok()
        connection = verify.came_online(connection, of=of)
        verify.at_gateway(connection, of="TL-01" if tls else "OP-01").came_online(tls=tls)
        if tls:
            verify.nothing_plain(mark, begin, of="TL-01")
        verify.at_gateway(connection, of="MC-06").clean_session(clean)
        most = seconds * BOUNDS.keepalive_max_multiple
        verify.at_gateway(connection, of="MC-07").keep_alive(seconds, most, "keepalive_max_multiple")
        return connection

    def is_over(connection: Connection) -> bool:
        """Whether the session has ended by what was changed in it."""
        if module.publish(messages.topic(), "still here", 1).ok:
            return unless_unseen(lambda: connection.closed is not None)
        return connection.wait_closed(messages.deadlines.cloud) is not None

    def tries_while_open(word: str, connection: Connection) -> None:
        if word in ARGUMENTS:
            verify(module.send(f"AT+ALYMQTTOPEN{ARGUMENTS[word]}"), of="OP-07").refused()
        for _ in range({"open": 1, "open-twice": 2}.get(word, 0)):
            verify(module.send("AT+ALYMQTTOPEN"), of="OP-04").refused(ALREADY_OPEN)
        if word != "nothing":
            of = "OP-07" if word in ARGUMENTS else "OP-04"
            verify(module.publish(messages.topic(), "still here", 1), of=of).ok()
            verify.at_gateway(connection, of=of).still_online()

    module.clear(PRODUCT_SECRET)
    through(verify, "session-changed", judge, without={} if has_tls(module) else NO_TLS)


@derived
@requirement("OP-05", "OP-06")
@tells("CL-03", "SU-03")
def test_open_that_fails_leaves_the_module_closed_and_works_again(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    module = messages.module

    def judge(row: Row) -> None:
        how, tls = str(row["how"]), row["transport"] == "tls"
        of = "OP-06" if how.startswith("connack") else "OP-05"
        before(str(row["before"]))
        with failing(how):
            for _ in range(int(row["tries"])):
                fails(clean=bool(row["clean"]), tls=tls, of=of)
        then(str(row["then"]))
        opened(tls=row["behind"] == "tls", of=of)
        module.close()

    def failing(how: str) -> AbstractContextManager[None]:
        if how.startswith("connack"):
            return gateway.answering_connack(ConnackCode(int(how.removeprefix("connack-"))))
        return FAILS[how](gateway)

    def fails(*, clean: bool, tls: bool, of: str) -> None:
        module.configure_session(clean=clean, tls=tls, impatient=True)
        mark = module.cloud.journal.mark()
        exchange = module.open()
        if of == "OP-05":
            verify(exchange, of=of).refused(code_rule("no-network"))
            return
        connection = module.cloud.session_since(mark)
        if connection is None or connection.connect is None:
            verify.give_up(
                "no login reached the cloud, so none was refused; OPEN was answered {final}", final=exchange.final
            )
        verify(exchange, of=of).refused(MANUAL_CODES)

    def before(word: str) -> None:
        if word == "failed":
            module.configure_session(impatient=True)
            with gateway.refusing_tcp():
                module.open()
        elif word != "closed":
            opened(tls=word == "tls", of="OP-05")
            verify.given(module.close())

    def then(word: str) -> None:
        match word:
            case "close":
                verify(module.close(), of="CL-03").refused(NOT_OPEN)
            case "publish":
                verify(module.publish(messages.topic(), "closed", 1), of="SU-03").refused(NOT_OPEN)
            case "subscribe":
                verify(module.subscribe(messages.topic(), 1), of="SU-03").refused(NOT_OPEN)

    def opened(*, tls: bool, of: str) -> None:
        module.configure_session(tls=tls)
        connection, exchange = module.try_open(tls=tls)
        verify(exchange, of=of).ok()
        verify.came_online(connection, "once the cloud is back", of=of)

    tls = has_tls(module)
    opened(tls=False, of="OP-05")
    verify.given(module.close())
    without = {"transport": ("tls",), "before": ("tls",), "behind": ("tls",)}
    through(verify, "open-that-fails", judge, without={} if tls else without)
