from __future__ import annotations

import socket
import ssl
import warnings

import pytest

from rigs.cloud.events import Party, TlsFailed
from rigs.cloud.faults import Handshake
from rigs.cloud.login import Device, LoginProblem
from rigs.cloud.pki import REGIONS, Certificate
from rigs.cloud.service import Cloud
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.visits import visit
from tests.rigs.cloud.wire import DEADLINE, Wire


@pytest.fixture
def trusting(cloud: Cloud) -> ssl.SSLContext:
    """What a careful module does: it checks the chain, the dates and the name."""
    return ssl.create_default_context(cadata=cloud.pki.ca_pem.decode())


def test_session_over_tls_records_version_cipher_and_sni(
    cloud: Cloud, device: Device, trusting: ssl.SSLContext
) -> None:
    with Wire(cloud.tls_address, trusting) as one:
        one.send(w.device_connect(device, tls=True)).expect(w.CONNACK_OK).expect_quiet()
        assert isinstance(one.socket, ssl.SSLSocket)
        version, cipher = one.socket.version(), one.socket.cipher()
    connection = cloud.wait_online(DEADLINE)
    assert connection is not None
    assert connection.over_tls
    assert connection.tls is not None
    assert cipher is not None
    assert (connection.tls.version, connection.tls.cipher) == (version, cipher[0])
    assert (connection.tls.server_name, connection.tls.alpn) == ("localhost", None)
    end = connection.wait_closed(DEADLINE)
    assert end is not None
    assert end.by is Party.MODULE


@pytest.mark.parametrize(
    ("how", "error"),
    [
        (Handshake.REFUSED, ConnectionRefusedError),
        (Handshake.ALERT, ssl.SSLError),
        (Handshake.FIN, ssl.SSLEOFError),
        (Handshake.RST, ConnectionResetError),
    ],
)
def test_a_failing_handshake_fails_while_plain_tcp_works(
    cloud: Cloud, device: Device, trusting: ssl.SSLContext, how: Handshake, error: type[OSError]
) -> None:
    with cloud.gateway.failing_handshake(how):
        with pytest.raises(error):
            Wire(cloud.tls_address, trusting)
        with Wire(cloud.address) as plain:
            plain.send(w.device_connect(device)).expect(w.CONNACK_OK)
        cloud.check()
    with Wire(cloud.tls_address, trusting) as one:
        one.send(w.device_connect(device, tls=True)).expect(w.CONNACK_OK)


def test_a_failed_handshake_is_recorded_with_the_name_that_was_asked_for(
    cloud: Cloud, trusting: ssl.SSLContext
) -> None:
    name = f"a1pnqwj9dvs.iot-as-mqtt.{REGIONS[0]}.aliyuncs.com"
    with cloud.gateway.failing_handshake(Handshake.ALERT), pytest.raises(ssl.SSLError):
        Wire(cloud.tls_address, trusting, name)
    connection = visit(cloud)
    end = connection.wait_closed(DEADLINE)
    assert end is not None
    assert end.by is Party.GATEWAY
    assert [(event.reason, event.server_name) for event in connection.events if isinstance(event, TlsFailed)] == [
        ("refused on purpose", name)
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_certificate_is_valid_for_the_platforms_name_in_every_region(
    cloud: Cloud, trusting: ssl.SSLContext, region: str
) -> None:
    name = f"a1pnqwj9dvs.iot-as-mqtt.{region}.aliyuncs.com"
    Wire(cloud.tls_address, trusting, name).socket.close()
    connection = visit(cloud)
    assert connection.wait_closed(DEADLINE)
    assert connection.tls is not None
    assert connection.tls.server_name == name


@pytest.mark.parametrize("certificate", [c for c in Certificate if c is not Certificate.VALID])
def test_bad_certificate_is_refused_by_a_careful_module_and_recorded(
    cloud: Cloud, trusting: ssl.SSLContext, certificate: Certificate
) -> None:
    with cloud.gateway.presenting(certificate), pytest.raises(ssl.SSLCertVerificationError):
        Wire(cloud.tls_address, trusting)
    connection = visit(cloud)
    end = connection.wait_closed(DEADLINE)
    assert end is not None
    assert end.by is Party.MODULE
    (failed,) = (event for event in connection.events if isinstance(event, TlsFailed))
    assert failed.server_name == "localhost"
    assert "ALERT" in failed.reason
    Wire(cloud.tls_address, trusting).socket.close()


def test_bad_certificate_is_no_obstacle_for_a_careless_module(cloud: Cloud, device: Device) -> None:
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    with cloud.gateway.presenting(Certificate.EXPIRED), Wire(cloud.tls_address, careless) as one:
        one.send(w.device_connect(device, tls=True)).expect(w.CONNACK_OK)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2])
def test_highest_tls_version_can_be_limited(cloud: Cloud, trusting: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        trusting.minimum_version = ssl.TLSVersion.TLSv1
    trusting.set_ciphers("DEFAULT:@SECLEVEL=0")
    with cloud.gateway.limiting_tls(version), Wire(cloud.tls_address, trusting) as one:
        assert isinstance(one.socket, ssl.SSLSocket)
        assert one.socket.version() == version.name.replace("_", ".")


def test_version_below_what_the_module_wants_fails_the_handshake(cloud: Cloud, trusting: ssl.SSLContext) -> None:
    trusting.minimum_version = ssl.TLSVersion.TLSv1_3
    with cloud.gateway.limiting_tls(ssl.TLSVersion.TLSv1_2), pytest.raises(ssl.SSLError):
        Wire(cloud.tls_address, trusting)
    connection = visit(cloud)
    assert connection.wait_closed(DEADLINE)
    assert connection.tls is None


def test_plain_bytes_on_the_tls_port_are_a_failed_handshake(cloud: Cloud, device: Device) -> None:
    with Wire(cloud.tls_address) as one:
        one.send(w.device_connect(device))
        assert visit(cloud).wait_closed(DEADLINE)
    assert any(isinstance(event, TlsFailed) for event in visit(cloud).events)


def test_securemode_of_tcp_over_tls_is_refused(cloud: Cloud, device: Device, trusting: ssl.SSLContext) -> None:
    with Wire(cloud.tls_address, trusting) as one:
        one.send(w.device_connect(device, tls=False)).expect(b"\x20\x02\x00\x05").expect_closed()
    connection = cloud.wait_connection(DEADLINE)
    assert connection is not None
    assert connection.login is not None
    assert connection.login.problems == (LoginProblem.SECURE_MODE_TRANSPORT,)


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_drop_over_tls_ends_the_connection_as_asked(
    cloud: Cloud, device: Device, trusting: ssl.SSLContext, how: str
) -> None:
    with Wire(cloud.tls_address, trusting) as one:
        one.send(w.device_connect(device, tls=True)).expect(w.CONNACK_OK)
        cloud.gateway.drop(cloud.connections[0], how)
        assert end_of_tcp(one) == how


def test_drop_in_the_middle_of_a_handshake_waits_for_its_end(cloud: Cloud, trusting: ssl.SSLContext) -> None:
    with Wire(cloud.tls_address, trusting) as one:
        cloud.gateway.drop(visit(cloud), "RST")
        assert end_of_tcp(one) == "RST"


def end_of_tcp(one: Wire) -> str:
    """How the TCP connection below TLS ends; what TLS still sends (tickets, close_notify) is read over."""
    with socket.socket(fileno=one.socket.detach()) as tcp:
        tcp.settimeout(DEADLINE)
        try:
            while tcp.recv(4096):
                pass
        except ConnectionResetError:
            return "RST"
        return "FIN"


def test_authority_is_made_anew_for_every_cloud(cloud: Cloud) -> None:
    assert Cloud().pki.ca_pem != cloud.pki.ca_pem


@pytest.mark.parametrize("cipher", ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"])
def test_modules_whose_tls_knows_rsa_only_are_served(cloud: Cloud, trusting: ssl.SSLContext, cipher: str) -> None:
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting.set_ciphers(f"{cipher}:@SECLEVEL=0")
    with Wire(cloud.tls_address, trusting) as one:
        assert isinstance(one.socket, ssl.SSLSocket)
        used = one.socket.cipher()
    assert used is not None
    assert used[0] == cipher


def test_ciphers_that_the_module_offers_are_recorded_and_can_be_chosen_from(
    cloud: Cloud, trusting: ssl.SSLContext
) -> None:
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting.set_ciphers("AES128-SHA:AES256-SHA:@SECLEVEL=0")
    with cloud.gateway.limiting_tls(ssl.TLSVersion.TLSv1_2, ["AES128-SHA"]):
        Wire(cloud.tls_address, trusting).socket.close()
        with pytest.raises(ssl.SSLError):
            trusting.set_ciphers("AES256-SHA:@SECLEVEL=0")
            Wire(cloud.tls_address, trusting)
    trusting.set_ciphers("AES128-SHA:AES256-SHA:@SECLEVEL=0")
    Wire(cloud.tls_address, trusting).socket.close()
    connection = visit(cloud, 3)
    connection.wait_closed(DEADLINE)
    assert connection.tls is not None
    assert set(connection.tls.offered) == {("AES128-SHA", 128), ("AES256-SHA", 256)}
