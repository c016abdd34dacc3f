"""capture.pcapng as Wireshark reads it, without any settings: made-up runs and a whole one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.capture import write_capture
from reports.events import Event
from reports.record import RunRecord
from rigs.cloud.events import Ending, FaultOff, FaultOn, Party, RawSent, TlsEstablished
from rigs.cloud.packets import Disconnect, Puback, Publish, QoS, Suback, Subscribe, Subscription
from tests.fixtures.runs import Outcome, run
from tests.reports.network import PASSWORD, Network, publish

pytestmark = [
    pytest.mark.skipif(not shutil.which("tshark"), reason="tshark (Debian: tshark) is not installed"),
    # The whole run is shared, so the tests have to stay in one process.
    pytest.mark.xdist_group("capture-in-tshark"),
]

Read = Callable[..., list[list[str]]]
CHECKSUMS = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
NO_BYTES = "<MISSING>"
"""How tshark prints bytes of which there are none."""
SENT_ON_PURPOSE = 'frame.comment contains "sent by a test on purpose"'
NOT_ON_PURPOSE = f"not {SENT_ON_PURPOSE}"
SAID_TO_BE_MALFORMED = 'frame.comment contains "malformed: "'
"""What the module sent that is no MQTT, such as TLS on the port without it, is so in its frame's comment."""


def tshark(capture: Path, *arguments: str) -> str:
    """What tshark prints of a capture; it must have nothing to complain of."""
    settings = capture.with_name("no-settings")
    done = subprocess.run(
        ["tshark", "-n", "-r", str(capture), *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(settings), "WIRESHARK_CONFIG_DIR": str(settings)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    assert (done.returncode, complaints) == (0, [])
    return done.stdout


def rows(capture: Path, wanted: str, *fields: str) -> list[list[str]]:
    """The named fields of the packets that a display filter lets pass; of several values ``|`` stands between."""
    names = [part for field in fields for part in ("-e", field)]
    printed = tshark(capture, *CHECKSUMS, "-Y", wanted, "-T", "fields", "-E", "aggregator=|", *names)
    return [line.split("\t") for line in printed.splitlines()]


def packets(capture: Path) -> dict[int, list[tuple[str, str, str]]]:
    """Of each conversation the MQTT packets that nobody garbled: type, topics and payload in hex."""
    wanted = f"mqtt and {NOT_ON_PURPOSE} and not {SAID_TO_BE_MALFORMED}"
    found: dict[int, list[tuple[str, str, str]]] = {}
    for stream, kind, topics, payload in rows(capture, wanted, "tcp.stream", "mqtt.msgtype", "mqtt.topic", "mqtt.msg"):
        found.setdefault(int(stream), []).append((kind, topics, payload.replace(NO_BYTES, "")))
    return found


def recorded_packets(record: RunRecord) -> dict[int, list[tuple[str, str, str]]]:
    """The same from the record; conversations are numbered in the order of their beginnings."""
    begun = [event.data["connection"] for event in record.events if event.data.get("event") == "connected"]
    found: dict[int, list[tuple[str, str, str]]] = {}
    for event in record.events:
        if event.kind == "mqtt":
            found.setdefault(begun.index(event.data["connection"]), []).append(_recorded(event))
    return found


def _recorded(event: Event) -> tuple[str, str, str]:
    fields: dict[str, Any] = dict(event.data["fields"])
    topics = [fields["topic"]] if "topic" in fields else list(fields.get("topic_filters", ()))
    topics += [wish["topic_filter"] for wish in fields.get("subscriptions", ())]
    payload = fields.get("payload", "").encode("latin-1").hex()
    return str(int(event.data["hex"][:2], 16) >> 4), "|".join(topics), payload


def assert_sound(capture: Path) -> None:
    """No checksum is wrong, TCP gives no cause for doubt, and malformed is only what is said to be so."""
    assert not rows(capture, "not (ip.checksum.status == 1 and tcp.checksum.status == 1)", "frame.number")
    assert not rows(capture, "tcp.analysis.flags", "frame.number", "_ws.expert.message")
    unexplained = f"_ws.malformed and {NOT_ON_PURPOSE} and not {SAID_TO_BE_MALFORMED}"
    assert not rows(capture, unexplained, "frame.number")


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with Network(tmp_path) as network:
        yield network


@pytest.fixture
def captured(network: Network, tmp_path: Path) -> Callable[[], Path]:
    """Ends the made-up run and writes its capture."""

    def capture() -> Path:
        network.ended()
        path = tmp_path / "capture.pcapng"
        assert write_capture(path, network.read(), strict=False)
        return path

    return capture


def test_every_packet_is_dissected_as_the_record_has_it(network: Network, captured: Callable[[], Path]) -> None:
    network.online()
    network.up(Subscribe(1, (Subscription("/pk/dn/user/+", QoS.AT_LEAST_ONCE), Subscription("测", QoS.AT_MOST_ONCE))))
    network.down(Suback(1, (1, 0)))
    for payload in (b"", b"\x00\xff\t\n", "测试".encode(), b"x" * 20_000):
        network.up(publish(payload))
        network.down(Publish("/pk/dn/user/t", payload, QoS.AT_LEAST_ONCE, 7))
        network.up(Puback(7))
    network.up(Disconnect())
    network.closed()
    path = captured()
    assert packets(path) == recorded_packets(network.read())
    assert_sound(path)


def test_conversations_that_overlap_stay_apart(network: Network, captured: Callable[[], Path]) -> None:
    for number in (1, 2, 3):
        network.online(number, "127.0.0.1:40001", tls=number == 2)
    for number in (3, 1, 2):
        network.up(publish(b"from %d" % number), number)
    network.closed(2, Party.GATEWAY, Ending.RST, "dropped on purpose")
    network.closed(1, Party.BROKER, Ending.FIN, "second login")
    path = captured()
    assert packets(path) == recorded_packets(network.read())
    assert_sound(path)
    assert rows(path, "tcp.flags.reset == 1", "tcp.stream", "tcp.srcport") == [["1", "1883"]]
    assert rows(path, "tcp.flags.fin == 1", "tcp.stream", "tcp.srcport")[0] == ["0", "1883"]


def test_no_window_is_ever_full(network: Network, captured: Callable[[], Path]) -> None:
    network.online()
    for _ in range(5):
        network.down(publish(b"x" * 268_000))
    path = captured()
    assert len(packets(path)[0]) == 7
    assert_sound(path)
    ((window,),) = rows(path, "tcp.flags == 0x010 and tcp.len == 0", "tcp.window_size")
    in_flight = rows(path, "tcp.analysis.bytes_in_flight", "tcp.analysis.bytes_in_flight")
    assert 1_000_000 < max(int(count) for (count,) in in_flight) < int(window)


def test_ipv6_is_dissected(network: Network, captured: Callable[[], Path]) -> None:
    network.listening("::1")
    network.online(1, "::1:40001")
    network.closed()
    path = captured()
    assert [kind for kind, _, _ in packets(path)[0]] == ["1", "2"]
    assert not rows(path, "tcp.checksum.status != 1 or tcp.analysis.flags", "frame.number")
    assert rows(path, "tcp.flags == 0x002", "ipv6.src", "ipv6.dst") == [["::1", "::1"]]


def test_interfaces_comments_and_section_are_read(network: Network, captured: Callable[[], Path]) -> None:
    network.write("module", model="ML302", revision="V1.0.7", serial_number=None, identity={}, dialect={})
    network.begin_test("conformance/test_x.py::test_one")
    network.online(1, "127.0.0.1:40001")
    network.end_test("OBSERVED")
    network.connected(2, "127.0.0.1:40002", tls=True)
    network.add(TlsEstablished(network.later(), 2, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", (), "pk.example", None))
    network.add(FaultOn(network.later(), None, "blackhole"))
    network.add(RawSent(network.later(), 2, b"\x30\x00"))
    network.add(FaultOff(network.later(), None, "blackhole"))
    path = captured()
    assert {(stream, name) for stream, name in rows(path, "tcp", "tcp.stream", "frame.interface_name")} == {
        ("0", "gateway, TCP"),
        ("1", "gateway, TLS removed"),
    }
    said = "\n".join(comment for (comment,) in rows(path, "frame.comment", "frame.comment"))
    for words in (
        "test conformance/test_x.py::test_one: OBSERVED|connection 1 from 127.0.0.1:40001 to the TCP port",
        "TLSv1.2, ECDHE-RSA-AES128-GCM-SHA256, SNI pk.example",
        "fault of the gateway begins: blackhole|sent by a test on purpose: 30 00",
        "fault of the gateway ends: blackhole",
    ):
        assert words in said
    assert [comment for (comment,) in rows(path, "_ws.malformed", "frame.comment")] == [
        comment for (comment,) in rows(path, SENT_ON_PURPOSE, "frame.comment")
    ]
    about = subprocess.run(["capinfos", str(path)], capture_output=True, encoding="utf-8", check=True).stdout
    for words in ("ml302-conformance 0.1.0 412282b0c0ff", "rig: lab-07", "model ML302, revision V1.0.7", "verdict: "):
        assert words in about


def test_the_password_is_masked(network: Network, captured: Callable[[], Path]) -> None:
    network.online()
    path = captured()
    assert rows(path, "mqtt.msgtype == 1", "mqtt.username", "mqtt.passwd") == [["dn&pk", "*" * len(PASSWORD)]]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run with TLS, drops, garbled packets and faults."""
    return run(
        tmp_path_factory.mktemp("capture") / "run",
        "conformance/test_network.py",
        "conformance/test_tls.py",
        "conformance/test_malformed_cloud.py",
        "conformance/test_publish.py",
        "-k",
        "tls or drop or nobody-waits-for or byte-too-many or certificate or silent_network or waits_for_puback",
    )


def test_a_whole_run_is_dissected_as_the_record_has_it(outcome: Outcome) -> None:
    assert outcome.exit_status == 0, outcome.output
    recorded = recorded_packets(outcome.record)
    assert sum(map(len, recorded.values())) > 100
    assert packets(outcome.run_dir / "capture.pcapng") == recorded


def test_nothing_of_a_whole_run_gives_cause_for_doubt(outcome: Outcome) -> None:
    assert_sound(outcome.run_dir / "capture.pcapng")


def test_a_whole_run_is_told_in_comments(outcome: Outcome) -> None:
    path, record = outcome.run_dir / "capture.pcapng", outcome.record
    said = [part for (comment,) in rows(path, "frame.comment", "frame.comment") for part in comment.split("|")]
    tests = [comment.removeprefix("test ").rpartition(": ")[0] for comment in said if comment.startswith("test ")]
    assert tests == list(dict.fromkeys(tests)), "each once"
    assert set(tests) <= record.tests.keys()
    happened = [event.data["event"] for event in record.events if event.kind == "cloud"]
    for event, words in {
        "connected": " to the T",
        "tls": ": TLS removed: TLSv1.",
        "tls-failed": "the TLS handshake failed",
        "fault-on": "fault of the gateway begins",
        "fault-off": "fault of the gateway ends",
        "withheld": "withheld from the",
        "raw-sent": "sent by a test on purpose",
        "malformed": "malformed: ",
    }.items():
        assert happened.count(event) > 0
        assert sum(words in comment for comment in said) == happened.count(event), event


def test_no_password_of_a_whole_run_is_in_its_capture(outcome: Outcome) -> None:
    passwords = rows(outcome.run_dir / "capture.pcapng", "mqtt.msgtype == 1", "mqtt.passwd")
    assert passwords
    assert {password.strip("*") for (password,) in passwords} == {""}
