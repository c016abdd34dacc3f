"""Whose a connection is, from its first words alone."""

from __future__ import annotations

import pytest

from rigs.cloud.attribution import Clue, Identities, Likeness, Whose, of_bytes, of_connect, of_handshake
from rigs.cloud.packets import Connect, Will

PRODUCT_KEY, DEVICE_NAME = "a1pnQWj9dvs", "bench-k3Xq81Zz"
PLATFORM = "12345|securemode=3,signmethod=hmacsha1|"


@pytest.fixture
def identities() -> Identities:
    known = Identities()
    known.add(PRODUCT_KEY, DEVICE_NAME)
    return known


@pytest.mark.parametrize(
    "connect",
    [
        Connect(PLATFORM, username=f"{DEVICE_NAME}&{PRODUCT_KEY}"),
        Connect("nothing of the platform's", username=f"{DEVICE_NAME}&{PRODUCT_KEY}"),
        Connect(PLATFORM, username=f"{PRODUCT_KEY}&{DEVICE_NAME}"),
        Connect(PLATFORM, username=f"somebody&{PRODUCT_KEY}"),
        Connect(PLATFORM, username=f"{DEVICE_NAME}&"),
        Connect(PLATFORM, username=DEVICE_NAME),
        Connect(PLATFORM, username=f"{DEVICE_NAME}&{PRODUCT_KEY}".upper()),
        Connect(PLATFORM, username=f"{DEVICE_NAME}&{PRODUCT_KEY}"[:8]),
        Connect(PLATFORM, username=f"{DEVICE_NAME}&{PRODUCT_KEY}"[10:]),
        Connect(PLATFORM, username=f'"{DEVICE_NAME}"&"{PRODUCT_KEY}"'),
        Connect(f"{PRODUCT_KEY}.{DEVICE_NAME}|securemode=3|"),
        Connect(f"{PRODUCT_KEY}.{DEVICE_NAME}"),
        Connect("x", will=Will(f"/{PRODUCT_KEY}/{DEVICE_NAME}/user/gone", b"")),
    ],
    ids=lambda connect: f"{connect.client_id} {connect.username}",
)
def test_a_connect_that_names_the_module_is_the_modules_however_faulty(
    identities: Identities, connect: Connect
) -> None:
    assert of_connect(connect, identities).whose is Whose.MODULE


@pytest.mark.parametrize(
    "connect",
    [
        Connect("12345|securemode=2,signmethod=hmacsha1|", username="other&b7otherkeyx"),
        Connect("mqtt-explorer-9f2c"),
        Connect("mqtt-explorer-9f2c", username="admin", password=b"admin"),
        Connect("", username="admin"),
        Connect("bench", username="bench-0000&b7otherkeyx"),
    ],
    ids=lambda connect: f"{connect.client_id} {connect.username}",
)
def test_a_connect_with_an_identity_of_its_own_is_a_strangers(identities: Identities, connect: Connect) -> None:
    assert of_connect(connect, identities).whose is Whose.STRANGER


@pytest.mark.parametrize(
    ("connect", "likeness"),
    [
        (Connect(PLATFORM), Likeness.PLATFORM),
        (Connect(PLATFORM, username=""), Likeness.PLATFORM),
        (Connect(PLATFORM, username="&"), Likeness.PLATFORM),
        (Connect(""), Likeness.MQTT),
    ],
    ids=lambda value: getattr(value, "client_id", ""),
)
def test_a_connect_without_a_user_is_undecided_and_like_the_modules(
    identities: Identities, connect: Connect, likeness: Likeness
) -> None:
    clue = of_connect(connect, identities)
    assert (clue.whose, clue.likeness) == (None, likeness)


def test_a_short_name_counts_only_as_a_part_of_the_user_name() -> None:
    known = Identities()
    known.add("pk", "test")
    assert of_connect(Connect("c", username="test&pk"), known).whose is Whose.MODULE
    assert of_connect(Connect("test-client", username="tester"), known).whose is Whose.STRANGER


@pytest.mark.parametrize(
    ("heard", "whose"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Whose.STRANGER),
        (b"OPTIONS * HTTP/1.1\r\n", Whose.STRANGER),
        (b"SSH-2.0-Go\r\n", Whose.STRANGER),
        (b"*1\r\n$4\r\nPING\r\n", Whose.STRANGER),
        (b"\x00\x00\x10\x40 garbage, then " + PRODUCT_KEY.encode(), Whose.MODULE),
        (b"\x10\x40\x00\x06MQIsdp\x03\xc2\x00\x3c\x00\x08" + DEVICE_NAME.encode(), Whose.MODULE),
        (
            b"\x16\x03\x01\x00\xf4" + PRODUCT_KEY.lower().encode() + b".iot-as-mqtt.cn-shanghai.aliyuncs.com",
            Whose.MODULE,
        ),
        (b"\x10\x40\x00\x06MQIsdp\x03\xc2", None),
        (b"\x16\x03\x01\x00\xf4\x01\x00", None),
        (b"\xff\xfe\xfd", None),
        (b"", None),
    ],
)
def test_bytes_that_are_no_session(identities: Identities, heard: bytes, whose: Whose | None) -> None:
    assert of_bytes(heard, identities).whose is whose


def test_bytes_are_more_like_the_modules_the_more_they_are_like_mqtt(identities: Identities) -> None:
    ranks = [of_bytes(heard, identities).likeness for heard in (b"", b"\xff", b"\x10\x05")]
    assert ranks == [Likeness.SILENT, Likeness.BYTES, Likeness.MQTT]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        (f"{PRODUCT_KEY}.iot-as-mqtt.cn-shanghai.aliyuncs.com".lower(), Whose.MODULE),
        ("elsewhere.invalid", None),
        (None, None),
    ],
)
def test_a_handshake_that_asks_for_the_modules_host(
    identities: Identities, name: str | None, whose: Whose | None
) -> None:
    clue = of_handshake(name, identities)
    assert clue.whose is whose
    assert isinstance(clue, Clue)
