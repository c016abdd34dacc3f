"""Sections 2.2, 2.4.7 and 2.4.8, in combination: what a session begins with, what happens in it, and how it ends."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable

from conformance.catalogue import (
    BOUNDS,
    CONNECT_CFG,
    DEVICE_NAME,
    DEVICE_SECRET,
    MQTT_CFG,
    OPEN,
    PRODUCT_KEY,
    PRODUCT_SECRET,
    ErrorCode,
    IdentityValue,
    Row,
)
from conformance.combinations import through
from conformance.sessions import has_tls
from conformance.shapes import shaped
from conformance.values import ALREADY_OPEN, NOT_OPEN, code_rule, sample
from fixtures.answers import CodeRule
from fixtures.module import Device, Module
from fixtures.online import Messages
from fixtures.outage import drop_and_publish, publish_until_accepted
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange
from rigs.cloud.connection import Connection
from rigs.cloud.events import Ending
from rigs.cloud.faults import Handshake
from rigs.cloud.instrument import Instrument
from rigs.cloud.packets import ConnackCode

OTHER_KEEPALIVE = 300
"""Seconds; what is set before."""
MISSING = {
    "product-key": (PRODUCT_KEY, "no-product-key"),
    "device-name": (DEVICE_NAME, "no-device-name"),
    "device-secret": (DEVICE_SECRET, "no-secret-at-all"),
}
ENDINGS = {"fin": Ending.FIN, "rst": Ending.RST}
HANDSHAKES = {"refused": Handshake.REFUSED, "alert": Handshake.ALERT, "fin": Handshake.FIN, "rst": Handshake.RST}
SHORT = 4
OPENS = f"+{OPEN.word}".encode()
ENOUGH = 5
"""Drops behind which the first OPEN was refused each time: no accident any more."""
_numbers = itertools.count(1)


@derived
@requirement("OP-01", "OP-02", "OP-04", "CL-01", "CL-02", "MC-06", "MC-07", "SU-03")
def test_sessions_begin_as_configured_and_end_whatever_was_before(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    def judge(row: Row) -> None:
        before(str(row["before"]))
        configure(row)
        connection, exchange = module.try_open(tls=row["transport"] == "tls")
        verify(exchange, of="OP-01").ok()
        connection = verify.came_online(connection, of="OP-01")
        begins_as_configured(connection, row)
        within(str(row["within"]), connection)
        ends(connection)

    def before(word: str) -> None:
        match word:
            case "closed-again":
                module.close()
            case "dropped-fin" | "dropped-rst":
                drop(ENDINGS[word.removeprefix("dropped-")])
            case "refused-login":
                with gateway.answering_connack(ConnackCode.NOT_AUTHORIZED):
                    fails()
            case "unreachable":
                with gateway.refusing_tcp():
                    fails()
            case "malformed":
                module.send("AT+ALYMQTTOPEN=1")
            case "refused-set":
                module.set(CONNECT_CFG, CONNECT_CFG.parameters[0].refused[0], 1, 0)

    def fails() -> None:
        module.configure_session(clean=True)
        module.open()

    def drop(how: Ending) -> None:
        connection = messages.came_online()
        drop = drop_and_publish(messages, connection, how)
        if drop.reconnected:
            # It is back by itself, so that this one has to be closed first.
            publish_until_accepted(messages, messages.topic(), "back")
            module.close()

    def configure(row: Row) -> None:
        clean, keepalive, tls = bool(row["clean"]), int(row["keepalive"]), row["transport"] == "tls"
        wanted, other = (clean, keepalive), (not clean, OTHER_KEEPALIVE)
        for one, seconds in {
            "again": [wanted, wanted],
            "twice-before": [other, other, wanted],
            "and-back": [wanted, other, wanted],
        }.get(str(row["settings"]), [wanted]):
            module.configure_session(clean=one, keepalive=1000 * seconds, tls=tls)

    def begins_as_configured(connection: Connection, row: Row) -> None:
        seconds, tls = int(row["keepalive"]), row["transport"] == "tls"
        verify.at_gateway(connection, of="MC-06").clean_session(bool(row["clean"]))
        most = seconds * BOUNDS.keepalive_max_multiple
        verify.at_gateway(connection, of="MC-07").keep_alive(seconds, most, "keepalive_max_multiple")
        verify.at_gateway(connection, of="OP-02").logged_in(secure_mode=2 if tls else 3, user=module.device.username)

    def within(word: str, connection: Connection) -> None:
        match word:
            case "open-again" | "open-twice-again":
                for _ in range(2 if word == "open-twice-again" else 1):
                    verify(module.send("AT+ALYMQTTOPEN"), of="OP-04").refused(ALREADY_OPEN)
                verify.given(module.publish(messages.topic(), "still here", 1))
                verify.at_gateway(connection, of="OP-04").still_online()
            case "publish":
                verify.given(module.publish(messages.topic(), "within", 1))
            case "subscribe":
                verify.given(module.subscribe(messages.topic(), 1))
            case "query":
                module.query(MQTT_CFG)

    def ends(connection: Connection) -> None:
        verify(module.close(), of="CL-01").ok()
        verify.gone(connection, BOUNDS.close_seconds, of="CL-01")
        verify.at_gateway(connection, of="CL-02").logged_out()
        topic = messages.topic()
        closed = [
            lambda: module.publish(topic, "closed" * (1 + 49 * (next(_numbers) % 2)), 1),
            lambda: module.subscribe(topic, 1),
            lambda: module.unsubscribe(topic),
        ]
        verify(closed[next(_numbers) % len(closed)](), of="SU-03").refused(NOT_OPEN)

    module = messages.module
    module.clear(PRODUCT_SECRET)
    without = {} if has_tls(module) else {"transport": ("tls",)}
    through(verify, "session", judge, without=without)


@derived
@requirement("OP-01", "OP-02")
def test_devices_with_values_of_every_class_log_in(module: Module, gateway: Instrument, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        module.set(PRODUCT_SECRET, sample(PRODUCT_SECRET) if row["product-secret"] == "some" else "")
        device = Device(
            part(row, "key", PRODUCT_KEY), part(row, "name", DEVICE_NAME), part(row, "secret", DEVICE_SECRET)
        )
        module.impersonate(device)
        tls = row["transport"] == "tls"
        module.configure_session(tls=tls)
        connection, exchange = module.try_open(tls=tls)
        verify.at_gateway(connection, of="OP-02").logged_in(secure_mode=2 if tls else 3, user=device.username)
        verify(exchange, of="OP-01").ok()
        verify.given(module.close())

    def part(row: Row, name: str, value: IdentityValue) -> str:
        lengths = {"short": SHORT, "middle": value.limit // 2, "limit": value.limit}
        return shaped(str(row[name]), lengths[str(row[f"{name}-length"])], f"{value.name} {next(_numbers)}")

    without = {} if has_tls(module) else {"transport": ("tls",)}
    through(verify, "login", judge, without=without)


@derived
@requirement("OP-03")
def test_open_names_what_is_missing_whatever_else_is_there(module: Module, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        if row["before"] == "was-online":
            module.touch_everything()
            module.go_online()
            module.close()
        for value in (PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET, PRODUCT_SECRET):
            word = {"PK": "product-key", "DN": "device-name", "DS": "device-secret"}.get(value.suffix, "product-secret")
            if row[word] == "missing":
                for _ in range(2 if row["before"] == "cleared-twice" else 1):
                    module.require_cleared(value)
            else:
                module.hold(value, sample(value, variant=1))
        if row["before"] == "refused":
            module.open()
        rules = {name: rule for name, (_, rule) in MISSING.items() if row[name] == "missing"}
        if "device-secret" in rules and row["product-secret"] == "there":
            rules["device-secret"] = "no-device-secret"
        verify(module.open()).refused(CodeRule.any_of(map(code_rule, rules.values())))

    through(verify, "missing-values", judge, together="before")


@derived
@requirement("TL-01")
def test_tls_that_does_not_come_up_is_an_error_and_nothing_goes_on_in_clear(
    module: Module, gateway: Instrument, verify: Verifier
) -> None:
    def judge(row: Row) -> None:
        before(str(row["before"]))
        with gateway.failing_handshake(HANDSHAKES[str(row["how"])]):
            for _ in range(int(row["tries"])):
                module.configure_session(clean=bool(row["clean"]), tls=True, impatient=True)
                mark, begin = module.cloud.journal.mark(), verify.now
                exchange = module.open()
                verify.nothing_plain(mark, begin)
                verify(exchange).refused()
        if row["behind"] == "tcp" or tls:
            verify.at_gateway(opened(tls=row["behind"] == "tls")).came_online(tls=row["behind"] == "tls")
            module.close()

    def before(word: str) -> None:
        if word == "failed":
            module.configure_session(impatient=True)
            with gateway.refusing_tcp():
                module.open()
        elif word != "closed":
            opened(tls=word == "tls")
            verify.given(module.close())

    def opened(*, tls: bool) -> Connection | None:
        module.configure_session(tls=tls)
        connection, exchange = module.try_open(tls=tls)
        verify(exchange).ok()
        return connection

    tls = has_tls(module)
    through(verify, "tls-that-fails", judge, without={} if tls else {"before": ("tls",)})


@derived
@requirement("SE-01", "SE-02")
def test_what_a_session_leaves_behind(messages: Messages, gateway: Instrument, verify: Verifier) -> None:
    module = messages.module

    def judge(row: Row) -> None:
        clean, tls = bool(row["clean"]), row["transport"] == "tls"
        connection = messages.came_online(clean=clean, tls=tls)
        topics = [subscribed(str(row["subscribed"])) for _ in range(int(row["topics"]))]
        if row["before"] == "publish":
            module.publish(messages.topic(), "before", 1)
        wanted = ["before"] if row["before"] == "downlink" else []
        for topic in topics if wanted else ():
            messages.downlink(topic, "before")
            messages.wait_received(topic)
        closed(connection)
        meanwhile = [f"meanwhile {number}" for number in range(int(row["messages"]))]
        for topic in topics:
            messages.observer.publish_all(topic, meanwhile, 1)
        messages.came_online(clean=clean, tls=tls)
        if not clean:
            wanted += meanwhile
        for topic in topics:
            messages.cloud_publishes(topic, "afterwards")
        if clean:
            gone(topics, wanted)
        else:
            for topic in topics:
                shown = messages.wait_received(topic, len(wanted) + 1)
                verify.shown_once(topic, [*wanted, "afterwards"], shown, of="SE-01")
            for topic in topics:
                module.unsubscribe(topic)
        verify.given(module.close())

    def gone(topics: list[str], wanted: list[str]) -> None:
        for topic in topics:
            verify.shown_once(topic, wanted, messages.nothing_more_received(topic), of="SE-02")

    def subscribed(how: str) -> str:
        topic = messages.subscribed_topic()
        if how == "after-unsubscribe":
            verify.given(module.unsubscribe(topic))
        return topic if how == "once" else messages.subscribed_topic(topic=topic)

    def closed(connection: Connection) -> None:
        verify.given(module.close())
        if not connection.wait_closed(messages.deadlines.cloud):
            verify.give_up("the connection did not end, so nothing can be sent meanwhile")

    without = {} if has_tls(module) else {"transport": ("tls",)}
    through(verify, "kept-session", judge, without=without)


@derived
@requirement("NW-02", "SU-03", "MC-06")
def test_after_a_drop_commands_fail_until_open_however_the_session_went(
    messages: Messages, gateway: Instrument, verify: Verifier
) -> None:
    module = messages.module

    def judge(row: Row) -> None:
        tls = row["transport"] == "tls"
        opened = len(module.exchanges)
        connection = messages.came_online(clean=bool(row["clean"]), impatient=True, tls=tls)
        others.append(first_open(opened))
        subscribed = before(str(row["before"]), connection)
        mark = messages.cloud.journal.mark()
        drop = drop_and_publish(messages, connection, ENDINGS[str(row["how"])])
        if drop.reconnected:
            verify(publish_until_accepted(messages, messages.topic(), "after a reconnect"), of="NW-02").ok()
            module.close()
            return
        verify(drop.answer, of="NW-02").refused()
        if fails(str(row["first"]), subscribed, mark):
            opened = len(module.exchanges)
            again, exchange = module.try_open(tls=tls)
            verify(exchange, of="NW-02").ok()
            again = verify.came_online(again, "again", of="NW-02")
            firsts[tls].append(first_open(opened))
            verify.at_gateway(again, of="MC-06").clean_session(bool(row["clean"]))
            goes_both_ways()
        module.close()

    def fails(first: str, subscribed: str, mark: int) -> bool:
        """Until OPEN, which may be the first that is tried; all others are, one behind the other.

        False once the module has come back by itself.
        """
        topic = messages.topic()
        acts: list[tuple[str, str, Callable[[], Exchange]]] = [
            ("publish", "NW-02", lambda: module.publish(topic, "lost", 1)),
            ("publish-0", "NW-02", lambda: module.publish(topic, "lost", 0)),
            ("subscribe", "NW-02", lambda: module.subscribe(topic)),
            ("subscribe-same", "NW-02", lambda: module.subscribe(subscribed)),
            ("unsubscribe", "SU-03", lambda: module.unsubscribe(subscribed)),
        ]
        place = next((place for place, act in enumerate(acts) if act[0] == first), None)
        for _, of, act in () if place is None else (*acts[place:], *acts[:place]):
            answer = act()
            if answer.ok and module.connected_since(mark):
                return False
            verify(answer, of=of).refused()
        return True

    def goes_both_ways() -> None:
        """In the session after a drop nothing of the one before is left."""
        topic, payload = messages.subscribed_topic(), f"afresh {next(_numbers)}"
        verify(module.publish(topic, payload, 1), of="NW-02").ok()
        verify.shown_once(topic, [payload], messages.wait_received(topic), of="NW-02")

    def before(word: str, connection: Connection) -> str:
        """A topic that the session has subscribed to, where it has to any."""
        topic = messages.topic() if word in ("nothing", "publish") else messages.subscribed_topic()
        match word:
            case "publish":
                verify.given(module.publish(topic, "before", 1))
            case "downlink":
                messages.downlink(topic, "before")
                messages.wait_received(topic)
            case "half-a-downlink":
                name = topic.encode()
                gateway.send_raw(connection, bytes((0x30, 127, 0, len(name))) + name + b"half of it")
        return topic

    def works_at_once() -> None:
        """OPEN is tried again where a network may be away; but that is not so behind each drop, and nowhere else."""
        for exchanges in firsts.values() if all(one.ok for one in others) else ():
            if len(exchanges) >= ENOUGH and not any(one.ok or one.code == ErrorCode.ALREADY_OPEN for one in exchanges):
                verify(exchanges[-1], of="NW-02").ok()

    def first_open(since: int) -> Exchange:
        return next(one for one in module.exchanges[since:] if one.name == OPENS)

    others: list[Exchange] = []
    firsts: defaultdict[bool, list[Exchange]] = defaultdict(list)
    without = {} if has_tls(module) else {"transport": ("tls",)}
    through(verify, "drops", judge, without=without, conclude=works_at_once)
