"""What lies between the module and its cloud: a network that comes and goes, jitter, and strangers at the door."""

from __future__ import annotations

import random
import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme

from rigs.simulator.carrier import Carrier
from rigs.simulator.loop import Loop
from rigs.simulator.options import Address
from rigs.simulator.strangers import GUEST, VISITS
from tests.rigs.simulator import cloudlike
from tests.rigs.simulator.cloudlike import CLOSE, OPEN, RawCloud, log_in
from tests.rigs.simulator.host import DEADLINE, Simulator, identify

IN_A_HURRY = "import rigs.simulator.conditions.network as it_; it_.PERIOD, it_.PAUSE = 3.0, 0.5"
"""Pauses that come more often than those of the condition."""


def until(module: Simulator, query: bytes, answer: bytes) -> None:
    """Ask until this is the answer."""
    deadline = time.monotonic() + DEADLINE
    while module.ask(query) != answer:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("options", [("--condition", "late-network"), ("--registers-after", "0.5")])
def test_a_network_that_is_late(options: tuple[str, str], standing_cloud: RawCloud) -> None:
    standing_cloud.forget_connections()
    with Simulator("--cloud", standing_cloud.address, *options) as module:
        assert module.ask(b"AT+CEREG?") == b"+CEREG: 0,2"
        assert module.ask(b"AT+CREG?") == b"+CREG: 0,2"
        assert module.ask(b"AT+CGATT?") == b"+CGATT: 0"
        assert module.final(OPEN) == b"+CME ERROR: 701"
        identify(module)
        assert module.final(OPEN) == b"+CME ERROR: 700"
        until(module, b"AT+CEREG?", b"+CEREG: 0,1")
        assert module.ask(b"AT+CGATT?") == b"+CGATT: 1"
        log_in(module, standing_cloud)  # on the first connection that has come
        module.power_cycle()
        assert module.ask(b"AT+CEREG?") == b"+CEREG: 0,2"


def test_a_late_network_that_no_command_tells_of(standing_cloud: RawCloud) -> None:
    standing_cloud.forget_connections()
    with Simulator("--cloud", standing_cloud.address, "--condition", "late-network-mum") as module:
        for query in (b"AT+CEREG?", b"AT+CREG?", b"AT+CGATT?"):
            assert module.final(query) == b"+CME ERROR: 58"
        identify(module)
        assert module.final(OPEN) == b"+CME ERROR: 700"


def test_a_network_that_goes_away_takes_the_session_along_and_tells_nobody(standing_cloud: RawCloud) -> None:
    standing_cloud.forget_connections()
    options = ("--cloud", standing_cloud.address, "--condition", "network-pauses")
    with Simulator(*options, before=IN_A_HURRY) as module:
        identify(module)
        until(module, b"AT+CEREG?", b"+CEREG: 0,2")
        until(module, b"AT+CEREG?", b"+CEREG: 0,1")
        log_in(module, standing_cloud)
        until(module, b"AT+CEREG?", b"+CEREG: 0,2")
        assert module.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"+CME ERROR: 705"
        assert module.final(OPEN) == b"+CME ERROR: 700"
        assert standing_cloud.connection
        standing_cloud.connection.settimeout(0)
        with pytest.raises(BlockingIOError):  # neither an end nor a reset
            standing_cloud.connection.recv(1)
        until(module, b"AT+CEREG?", b"+CEREG: 0,1")
        standing_cloud.connection.settimeout(DEADLINE)
        with pytest.raises(ConnectionResetError):
            standing_cloud.connection.recv(1)
        log_in(module, standing_cloud)
        assert module.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"OK"
        assert standing_cloud.packet() == (cloudlike.PUBLISH, b"\0\1tx")


def test_jitter_keeps_every_byte_and_the_order(standing_cloud: RawCloud) -> None:
    standing_cloud.forget_connections()
    with Simulator("--cloud", standing_cloud.address, "--condition", "jitter") as module:
        identify(module)
        log_in(module, standing_cloud)
        for number in range(10):
            assert module.final(b'AT+ALYMQTTPUB="t",0,"%d"' % number) == b"OK"
        assert [standing_cloud.packet()[1] for _ in range(10)] == [b"\0\1t%d" % number for number in range(10)]
        for number in range(10):
            standing_cloud.send(cloudlike.publish_packet(b"t", b"%d" % number))
        assert [module.line() for _ in range(10)] == [b"+MQTTRECV:t,%d" % number for number in range(10)]
        module.write(CLOSE + b"\r")
        assert standing_cloud.packet() == (cloudlike.DISCONNECT, b"")
        assert standing_cloud.packet() == (0, b"")
        assert module.answer().final == b"OK"
        log_in(module, standing_cloud)
        standing_cloud.close_connection(reset=True)
        while module.final(b'AT+ALYMQTTPUB="t",0,"x"') == b"OK":
            pass


def test_a_cloud_that_nobody_reaches_is_reset_on_the_way() -> None:
    with RawCloud() as cloud:
        nowhere = cloud.address
    with Simulator("--cloud", nowhere, "--condition", "jitter") as module:
        identify(module)
        assert module.final(OPEN) == b"+CME ERROR: 700"


class Reversed(random.Random):
    """Would deliver everything at once but the first piece of each connection."""

    def __init__(self) -> None:
        super().__init__()
        self.late = iter([0.2])

    def uniform(self, a: float, b: float) -> float:
        return next(self.late, 0.0)


def test_a_piece_that_is_late_holds_up_those_behind_it() -> None:
    loop = Loop()
    with RawCloud() as cloud:
        host, _, port = cloud.address.rpartition(":")
        carrier = Carrier(loop, Address(host, int(port)), 0.7, Reversed())
        with socket.create_connection(carrier.address) as module:
            for piece in (b"first ", b"second ", b"third"):
                module.sendall(piece)
                loop.wait_until(lambda: False, 0.02)
            module.shutdown(socket.SHUT_WR)
            cloud.accept()
            assert cloud.connection
            cloud.connection.settimeout(0)
            with pytest.raises(BlockingIOError):
                cloud.connection.recv(1)
            loop.wait_until(lambda: not carrier.calls, DEADLINE)
            cloud.connection.settimeout(DEADLINE)
            assert cloud.connection.makefile("rb").read() == b"first second third"
        carrier.close()
        loop.close()


def test_strangers_come_again_and_again_and_one_of_them_stays() -> None:
    with RawCloud() as cloud, Simulator("--cloud", cloud.address, "--condition", "strangers") as module:
        said: list[bytes] = []
        staying: list[object] = []
        while len(said) < 2 * (len(VISITS) + 1):
            cloud.accept()
            assert cloud.connection
            first = cloud.connection.recv(4096)
            said.append(first)
            if first == GUEST:
                cloud.send(bytes([cloudlike.CONNACK, 2, 0, 0]))
                staying.append(cloud.connection)
                cloud.connection = None
        assert {visit or b"" for visit in VISITS} | {GUEST} == set(said)
        assert said.count(GUEST) == 1
        assert module.final(b"AT") == b"OK"


def test_a_stranger_over_tls(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("cloud.example").configure_cert(context)
    with RawCloud(context) as cloud, Simulator("--cloud-tls", cloud.address, "--condition", "strangers"):
        while True:
            try:
                connect = cloud.login()
            except OSError:  # whoever speaks no TLS
                continue
            break
        assert connect.username == b"meter7&b2otherone"
