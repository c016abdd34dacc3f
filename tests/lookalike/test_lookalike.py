"""The look-alike itself: the faultless module against a little broker, and the registry of faults."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from . import packets as p
from .broker import Broker
from .demo import Story, played
from .faults import FAULTS
from .host import Host
from .registry import VALUES

PK, DN, DS = b"a1pnQWj9dvs", b"test", b"C5LTDEyQj6wMXh8KaNICzvCSgi69Ysj8"
TOPIC = b"/a1pnQWj9dvs/test/user/test"


def identify(host: Host) -> None:
    """Set the three values of the manual's example."""
    for name, value in ((b"PRODUCTKEY", PK), (b"DEVICESECRET", DS), (b"DEVICENAME", DN)):
        assert host.ask(b'AT+ALY%s="%s"' % (name, value)) == [b"OK"]


def test_chapter_3(tmp_path: Path) -> None:
    """The example of the manual, and what is left of it after a power cut."""
    broker = Broker()
    with Host(tmp_path, broker.address, broker.address, []) as host:
        identify(host)
        assert host.ask(b"AT+ALYCONNECTCFG=0,1883,0") == [b"OK"]
        assert host.ask(b"AT+ALYMQTTCFG=0,2000,60000") == [b"OK"]
        assert host.ask(b"AT+ALYMQTTOPEN") == [b"OK"]
        assert host.ask(b'AT+ALYMQTTSUB="%s",0' % TOPIC) == [b"OK"]
        assert host.ask(b'AT+ALYMQTTPUB="%s",0,"{\\"message\\":\\"hello!\\"}"' % TOPIC) == [b"OK"]
        assert host.lines(count=1) == [b'+MQTTRECV:%s,{"message":"hello!"}' % TOPIC]
        assert host.ask(b"AT+ALYMQTTCLOSE") == [b"OK"]
        assert broker.until(lambda: broker.ended == 1)
        assert broker.seen(p.DISCONNECT)
        assert host.ask(b"AT+ALYCONNECTCFG=3,443,1") == [b"OK"]
        assert host.ask(b"AT+ALYMQTTCFG=1,9,90000") == [b"OK"]
        host.power("off")
        host.power("on")
        assert host.wake()
        assert host.ask(b"AT+ALYDEVICENAME?") == [b"+ALYDEVICENAME:" + DN, b"OK"]
        assert host.ask(b"AT+ALYPRODUCTKEY?") == [b"+ALYPRODUCTKEY:" + PK, b"OK"]
        assert host.ask(b"AT+ALYDEVICESECRET?") == [b"+ALYDEVICESECRET:" + DS, b"OK"]
        assert host.ask(b"AT+ALYCONNECTCFG?") == [b"+ALYCONNECTCFG:0,1883,0", b"OK"]
        assert host.ask(b"AT+ALYMQTTCFG?") == [b"+ALYMQTTCFG:0,2000,60000", b"OK"]
    broker.close()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"AT+ALYDEVICENAME", 50),
        (b'AT+ALYDEVICENAME="a', 50),
        (b'AT+ALYDEVICENAME="a","b"', 50),
        (b'AT+ALYDEVICENAME="%s"' % (b"x" * 33), 708),
        (b'AT+ALYPRODUCTKEY="%s"' % ("é" * 11).encode(), 708),
        (b"AT+ALYCONNECTCFG=6,1883,0", 708),
        (b"AT+ALYCONNECTCFG=4294967296,1883,0", 708),
        (b"AT+ALYCONNECTCFG=-1,1883,0", 53),
        (b"AT+ALYCONNECTCFG=0x1,1883,0", 53),
        (b"AT+ALYCONNECTCFG=,1883,0", 53),
        (b"AT+ALYCONNECTCFG=0,65536,0", 708),
        (b"AT+ALYCONNECTCFG=0,1883", 50),
        (b"AT+ALYMQTTCFG=2,2000,60000", 708),
        (b"AT+ALYMQTTOPEN=1", 708),
        (b"AT+ALYMQTTOPEN", 701),
        (b"AT+ALYMQTTCLOSE", 705),
        (b'AT+ALYMQTTSUB="t",0', 706),
        (b'AT+ALYMQTTSUB="t",3', 708),
        (b'AT+ALYMQTTSUB="t"', 50),
        (b"AT+NOSUCH", 58),
        (b"AT" + b"\xff" * 5000, 50),
    ],
)
def test_refusals(tmp_path: Path, line: bytes, code: int) -> None:
    """Each bad line gets its code, and the next command works."""
    with Host(tmp_path, ("127.0.0.1", 9), ("127.0.0.1", 9), []) as host:
        assert host.ask(line) == [b"+CME ERROR: %d" % code]
        assert host.ask(b"AT+ALYDEVICENAME?") == [b"+ALYDEVICENAME:", b"OK"]


def requirement_levels() -> dict[str, str]:
    """IDs and levels of the requirement list, if it lies where it is worked on."""
    path = Path(os.environ.get("LOOKALIKE_REQUIREMENTS", ""))
    if not path.is_file():
        pytest.skip("LOOKALIKE_REQUIREMENTS names no requirement list")
    rows = re.findall(r"^\| ([A-Z]{2,3}-\d\d) \| ([MIO]) \|", path.read_text("utf-8"), re.MULTILINE)
    levels = dict(rows)
    for row, level in rows:
        if row.startswith("ID-"):
            levels |= {f"{row}-{value}": level for value in VALUES}
    return levels | {"PC-01-PK": "M", "PC-01-DN": "M", "PC-01-DS": "M"}


def test_breaks_are_mandated_or_implied() -> None:
    """No fault breaks what is open, and each breaks something that exists."""
    levels = requirement_levels()
    for fault in FAULTS.values():
        assert fault.breaks
        assert [row for row in fault.breaks if levels.get(row) not in ("M", "I")] == [], fault.name
        assert not [row for row in fault.breaks if re.fullmatch(r"(ID-\d\d|PC-01)", row)], fault.name


def tell(folder: Path, cert: Path | None, demo: str, faults: list[str]) -> Story:
    """What a module with these faults makes of a dialogue."""
    context = None
    if cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert)
    plain, tls = Broker(), Broker(context)
    with Host(folder, plain.address, tls.address, faults) as host:
        return played(host, plain, tls, demo)[0]


def make_cert(folder: Path) -> Path | None:
    """A certificate with its key, when there is an openssl to make them."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    path = folder / "both.pem"
    subprocess.run(
        [
            openssl,
            *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=cloud", "-keyout"],
            path,
            "-out",
            path.parent / "c.pem",
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + (path.parent / "c.pem").read_text())
    return path


@pytest.fixture(scope="session")
def cert(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The cloud's certificate."""
    return make_cert(tmp_path_factory.mktemp("cert"))


def test_tls_with_ca(tmp_path: Path, cert: Path | None) -> None:
    """The right CA lets OPEN go on, a wrong one does not, and nothing goes out in clear."""
    wrong = make_cert(tmp_path)
    if cert is None or wrong is None:
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert)
    plain, tls = Broker(), Broker(context)
    for ca, answer in ((cert, b"OK"), (wrong, b"+CME ERROR: 700")):
        with Host(tmp_path / answer.hex(), plain.address, tls.address, [], str(ca)) as host:
            identify(host)
            assert host.ask(b"AT+ALYCONNECTCFG=0,443,1") == [b"OK"]
            assert host.ask(b"AT+ALYMQTTOPEN") == [answer]
    assert [b"securemode=2" in connect.client_id for connect in tls.connects] == [True]
    assert not plain.log
    plain.close()
    tls.close()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_fault_shows(tmp_path: Path, cert: Path | None, name: str) -> None:
    """Each fault makes another story of its dialogue than the faultless module."""
    demo = FAULTS[name].demo
    if cert is None and ",443,1" in demo:
        pytest.skip("no openssl to make a certificate with")
    wrong = tell(tmp_path / "wrong", cert, demo, [name])
    if demo:
        assert wrong != tell(tmp_path / "right", cert, demo, [])
