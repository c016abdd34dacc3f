"""The session over TLS: whom the module asks for, and whom it believes."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest
import trustme

from tests.rigs.simulator.cloudlike import RawCloud
from tests.rigs.simulator.host import Simulator, identify

HOST = "a1pnQWj9dvs.iot-as-mqtt.eu-central-1.aliyuncs.com"


class TlsCloud(RawCloud):
    """A cloud with a certificate. The handshake needs both sides at once, so it has a thread."""

    def __init__(self, issuer: trustme.CA, name: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(name).configure_cert(context)
        context.sni_callback = self._note
        self.asked_for: list[str | None] = []
        super().__init__(context)

    def _note(self, _socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        self.asked_for.append(name)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA, tmp_path: Path) -> list[str]:
    """Options of a module that believes the authority."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return ["--ca", str(path)]


def prepare(module: Simulator) -> None:
    identify(module)
    assert module.final(b"AT+ALYCONNECTCFG=4,443,1") == b"OK"


def test_a_trusted_cloud_is_asked_for_by_the_platforms_name(authority: trustme.CA, trusting: list[str]) -> None:
    with TlsCloud(authority, HOST) as cloud, Simulator("--cloud-tls", cloud.address, *trusting) as module:
        prepare(module)
        module.write(b"AT+ALYMQTTOPEN\r")
        connect = cloud.login()
        assert module.answer().final == b"OK"
        assert b"securemode=2" in connect.client_id
        assert cloud.asked_for == [HOST]
        module.write(b'AT+ALYMQTTPUB="t",0,"secret"\r')
        assert cloud.packet() == (0x30, b"\0\1tsecret")
        assert module.answer().final == b"OK"
        module.write(b"AT+ALYMQTTCLOSE\r")
        assert cloud.packet() == (0xE0, b"")
        assert module.answer().final == b"OK"


@pytest.mark.parametrize(("known", "name"), [(False, HOST), (True, "example.org")])
def test_an_untrusted_cloud_is_a_network_error(
    authority: trustme.CA, trusting: list[str], known: bool, name: str
) -> None:
    issuer = authority if known else trustme.CA()
    with TlsCloud(issuer, name) as cloud:
        for habits, result in (([], b"+CME ERROR: 700"), (["--habit", "certificates-unchecked"], b"OK")):
            refusals: list[Exception] = []
            with Simulator("--cloud-tls", cloud.address, *trusting, *habits) as module:
                prepare(module)
                server = threading.Thread(target=answer_login, args=(cloud, refusals))
                server.start()
                assert module.final(b"AT+ALYMQTTOPEN") == result
                server.join()
            assert bool(refusals) == (result != b"OK")


def answer_login(cloud: RawCloud, refusals: list[Exception]) -> None:
    try:
        cloud.login()
    except (OSError, AssertionError) as error:
        refusals.append(error)
