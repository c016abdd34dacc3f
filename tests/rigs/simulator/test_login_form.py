"""The login against the platform's published check values."""

from __future__ import annotations

import pytest

from rigs.simulator.login import LoginForm, platform_host, signature

CHECK = {"clientId": "12345", "deviceName": "device", "productKey": "pk", "timestamp": "789"}


@pytest.mark.parametrize(
    ("signmethod", "expected"),
    [
        ("hmacsha1", "FAFD82A3D602B37FB0FA8B7892F24A477F851A14"),
        ("hmacmd5", "14B198324FE55E1D3C88F2E705E201EE"),
        ("hmacsha256", "6074A46A91B1EBB2CC4EA42790AD0E80202C9843859FC292E57C4EB19FAD9E57"),
    ],
)
def test_the_signature_is_the_platforms(signmethod: str, expected: str) -> None:
    assert signature(CHECK, b"secret", signmethod).upper() == expected


def test_the_form_names_what_it_signed() -> None:
    form = LoginForm(signmethod="hmacmd5", clock=lambda: None)
    login = form.fill_in("pk", "device", b"secret", tls=True)
    assert login.client_id == "pk.device|securemode=2,signmethod=hmacmd5|"
    assert login.username == "device&pk"
    signed = {"clientId": "pk.device", "deviceName": "device", "productKey": "pk"}
    assert login.password == signature(signed, b"secret", "hmacmd5")


def test_the_longest_identity_stays_within_the_platforms_64_characters() -> None:
    login = LoginForm().fill_in("p" * 20, "d" * 32, b"s", tls=False)
    assert len(login.client_id.partition("|")[0]) <= 64


def test_the_host_is_that_of_the_region() -> None:
    assert platform_host("pk", 0) == "pk.iot-as-mqtt.cn-shanghai.aliyuncs.com"
    assert platform_host("pk", 4) == "pk.iot-as-mqtt.eu-central-1.aliyuncs.com"
