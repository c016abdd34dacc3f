"""Hostile bytes against the running broker: another client must not notice, and the event loop must foresee them all.

That nothing unforeseen was met is checked by the ``broker`` fixture, for these tests as for all others.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from typing import TypeAlias

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import clause
from tests.rigs.cloud.wire import Wire

Open: TypeAlias = Callable[[], Wire]

PACKETS = [
    w.connect("fuzz"),
    w.connect("fuzz", clean=False, keep_alive=1, will=("fuzz/will", b"bye", 2, True), username="u", password=b"p"),
    w.publish("fuzz/a", b"payload", retain=True),
    w.publish("fuzz/b", b"payload", 1, 1),
    w.publish("fuzz/c", b"payload", 2, 2, dup=True),
    w.ack(w.PUBACK, 1),
    w.ack(w.PUBREC, 2),
    w.ack(w.PUBREL, 2),
    w.ack(w.PUBCOMP, 2),
    w.subscribe(3, ("fuzz/#", 2), ("+/a", 1)),
    w.unsubscribe(4, "fuzz/#"),
    w.PINGREQ,
    w.DISCONNECT,
    w.CONNACK_OK,
    w.suback(1, 0),
    b"\xf0\x00",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A few packets on end, some of whose bytes are changed, lost or added."""
    stream = bytearray(b"".join(draw(st.lists(st.sampled_from(PACKETS), min_size=1, max_size=6))))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(stream)))
        stream[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(stream)


hostile = st.lists(st.one_of(st.sampled_from(PACKETS), damaged(), st.binary(max_size=60)), min_size=1, max_size=5)


def attack(rude: Wire, pieces: list[bytes], *, reset: bool) -> None:
    """Send what is to be sent, and wait until the broker has read it all or has closed the connection."""
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            rude.send(piece)
    if reset:
        rude.reset()
        return
    with contextlib.suppress(OSError):  # of a connection that is over already
        rude.socket.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionError):
        while rude.socket.recv(65536):
            pass


@clause("MQTT-4.8.0-1")
def test_hostile_bytes_cost_no_other_client_anything(broker: tuple[str, int], wire: Open) -> None:
    reader, writer = wire().log_in("reader").subscribe(("bystander", 1)), wire().log_in("writer")

    @settings(max_examples=400, deadline=None)
    @given(pieces=hostile, logged_in=st.booleans(), reset=st.booleans())
    @example(pieces=[b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00", w.DISCONNECT], logged_in=False, reset=False)
    @example(pieces=[w.publish("fuzz", b"x", 1, 1) * 1000], logged_in=True, reset=True)
    @example(pieces=[b"\x30\xff\xff\xff\x7f" + b"x" * 100_000], logged_in=True, reset=False)
    def others_are_served(pieces: list[bytes], logged_in: bool, reset: bool) -> None:
        with Wire(broker) as rude:
            if logged_in:
                rude.log_in("rude")
            attack(rude, pieces, reset=reset)
        writer.publish("bystander", b"x", 1)
        message = reader.read_packet()
        assert message[:13] == b"\x32\x0e\x00\x09bystander"
        reader.send(w.ack(w.PUBACK, struct.unpack(">H", message[13:15])[0]))

    others_are_served()
    reader.expect_quiet()
    writer.expect_quiet()
