"""Wills (MQTT 3.1.1, section 3.1.2.5): published when the connection ends without DISCONNECT, and never otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import both_brokers, clause, embedded_only
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]
pytestmark = both_brokers

MALFORMED = b"\xf0\x00"


def dying(wire: Open, client_id: str = "dying", qos: int = 0, *, retain: bool = False, payload: bytes = b"bye") -> Wire:
    return wire().send(w.connect(client_id, will=("will", payload, qos, retain))).expect(w.CONNACK_OK)


# CONNECT


@clause("MQTT-3.1.2-8", "MQTT-3.1.2-16")
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda dying: dying.socket.close(), id="FIN"),
        pytest.param(lambda dying: dying.reset(), id="RST"),
        pytest.param(lambda dying: dying.send(MALFORMED).expect_closed(), id="malformed packet"),
        pytest.param(lambda dying: dying.send(w.publish("t", b"half")[:-1]).socket.close(), id="half a packet"),
        pytest.param(
            lambda dying: dying.send(w.connect("dying")).expect_closed(),
            id="second CONNECT",
            marks=embedded_only("mosquitto 2.0 forgets the will at a second CONNECT"),
        ),
    ],
)
def test_will_is_published_when_the_connection_ends_without_disconnect(
    wire: Open, end: Callable[[Wire], object]
) -> None:
    watcher = wire().log_in("watcher").subscribe(("will", 0))
    end(dying(wire))
    watcher.expect(w.publish("will", b"bye"))
    wire().log_in("late").subscribe(("will", 0)).expect_quiet()


@clause("MQTT-3.1.2-8", "MQTT-3.1.4-2")
def test_takeover_publishes_the_will_of_the_older_connection(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("will", 0))
    older = dying(wire)
    wire().log_in("dying")
    older.expect_closed()
    watcher.expect(w.publish("will", b"bye"))


@clause("MQTT-3.1.2-8", "MQTT-3.8.4-6")
@pytest.mark.parametrize("wish", [0, 1, 2])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_will_has_the_qos_of_the_connect(wire: Open, qos: int, wish: int) -> None:
    watcher = wire().log_in("watcher").subscribe(("will", wish))
    dying(wire, qos=qos).reset()
    watcher.expect(w.publish("will", b"bye", min(qos, wish), 1))


@clause("MQTT-3.1.2-17")
def test_will_with_retain_is_kept(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("will", 0))
    dying(wire, qos=1, retain=True).reset()
    watcher.expect(w.publish("will", b"bye"))
    late = wire().log_in("late").subscribe(("will", 2))
    late.expect(w.publish("will", b"bye", 1, 1, retain=True))


@clause("MQTT-3.1.2-17", "MQTT-3.3.1-10", "MQTT-3.3.1-11")
def test_empty_will_with_retain_removes_what_was_kept(wire: Open) -> None:
    wire().log_in("writer").publish("will", b"kept", retain=True)
    watcher = wire().log_in("watcher").subscribe(("will", 0)).expect(w.publish("will", b"kept", retain=True))
    dying(wire, payload=b"", retain=True).reset()
    watcher.expect(w.publish("will", b""))
    wire().log_in("late").subscribe(("will", 0)).expect_quiet()


@clause("MQTT-3.1.2-10", "MQTT-3.1.2-12")
def test_will_is_published_once_and_not_by_a_later_connection(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("#", 0))
    last_will = w.connect("dying", clean=False, will=("will", b"bye", 0, False))
    wire().send(last_will).expect(w.CONNACK_OK).reset()
    watcher.expect(w.publish("will", b"bye"))
    wire().log_in("dying", clean=False, present=True).send(MALFORMED).expect_closed()
    wire().log_in("other").publish("later", b"")
    watcher.expect(w.publish("later", b"")).expect_quiet()


@clause("MQTT-3.14.4-3", "MQTT-3.1.2-10")
def test_disconnect_drops_the_will(wire: Open) -> None:
    watcher = wire().log_in("watcher").subscribe(("#", 0))
    dying(wire, retain=True).leave()
    wire().log_in("other").publish("later", b"")
    watcher.expect(w.publish("later", b"")).expect_quiet()
    wire().log_in("late").subscribe(("will", 0)).expect_quiet()
