from __future__ import annotations

from dataclasses import replace

import pytest

from rigs.cloud.login import Device, LoginProblem, SignMethod, check_login, sign
from rigs.cloud.packets import ConnackCode, Connect

DEVICE = Device("pk", "device", "secret")
DEVICES = {("pk", "device"): DEVICE}
VECTORS = {
    SignMethod.HMAC_SHA1: "FAFD82A3D602B37FB0FA8B7892F24A477F851A14",
    SignMethod.HMAC_MD5: "14B198324FE55E1D3C88F2E705E201EE",
    SignMethod.HMAC_SHA256: "6074A46A91B1EBB2CC4EA42790AD0E80202C9843859FC292E57C4EB19FAD9E57",
}
GOOD = Connect(
    "12345|securemode=3,signmethod=hmacsha1,timestamp=789|",
    username="device&pk",
    password=VECTORS[SignMethod.HMAC_SHA1].encode(),
)


@pytest.mark.parametrize("method", SignMethod)
def test_signature_is_that_of_the_platform(method: SignMethod) -> None:
    assert sign(DEVICE, "12345", "789", method) == VECTORS[method]


@pytest.mark.parametrize("method", SignMethod)
@pytest.mark.parametrize("spelling", [str.upper, str.lower])
def test_login_is_accepted_with_every_sign_method_in_both_spellings_of_hex(method: SignMethod, spelling: type) -> None:
    connect = replace(
        GOOD,
        client_id=f"12345|securemode=3,signmethod={method.value},timestamp=789|",
        password=spelling(VECTORS[method]).encode(),
    )
    login = check_login(connect, DEVICES, tls=False)
    assert login.accepted
    assert login.code is ConnackCode.ACCEPTED
    assert (login.client_id, login.secure_mode, login.sign_method, login.timestamp) == ("12345", 3, method, "789")
    assert (login.product_key, login.device_name, login.device) == ("pk", "device", DEVICE)
    assert login.signature_valid


@pytest.mark.parametrize(
    "client_id",
    [
        "12345|timestamp=789,signmethod=hmacsha1,securemode=3|",
        "12345|_v=sdk-1.0,timestamp=789,lan=C,signmethod=hmacsha1,securemode=3,ext=|",
    ],
)
def test_keys_may_come_in_any_order_and_in_company(client_id: str) -> None:
    assert check_login(replace(GOOD, client_id=client_id), DEVICES, tls=False).accepted


def test_sign_method_defaults_to_md5() -> None:
    connect = replace(
        GOOD, client_id="12345|securemode=3,timestamp=789|", password=VECTORS[SignMethod.HMAC_MD5].encode()
    )
    login = check_login(connect, DEVICES, tls=False)
    assert login.accepted
    assert login.sign_method is SignMethod.HMAC_MD5


def test_timestamp_is_signed_only_when_it_is_sent() -> None:
    password = sign(DEVICE, "12345", None, SignMethod.HMAC_SHA1).encode()
    assert password != GOOD.password
    without = replace(GOOD, client_id="12345|securemode=3,signmethod=hmacsha1|", password=password)
    assert check_login(without, DEVICES, tls=False).accepted
    assert check_login(replace(GOOD, password=password), DEVICES, tls=False).problems == (LoginProblem.SIGNATURE,)


@pytest.mark.parametrize(
    ("secure_mode", "tls", "accepted"), [(2, True, True), (3, False, True), (2, False, False), (3, True, False)]
)
def test_secure_mode_has_to_match_the_transport(secure_mode: int, tls: bool, accepted: bool) -> None:
    connect = replace(GOOD, client_id=f"12345|securemode={secure_mode},signmethod=hmacsha1,timestamp=789|")
    login = check_login(connect, DEVICES, tls=tls)
    assert login.accepted is accepted
    assert login.secure_mode == secure_mode
    assert login.signature_valid
    assert accepted or login.problems == (LoginProblem.SECURE_MODE_TRANSPORT,)


@pytest.mark.parametrize(
    ("change", "problem", "code"),
    [
        ({"client_id": "12345"}, LoginProblem.CLIENT_ID_FORM, 2),
        ({"client_id": "12345|securemode=3"}, LoginProblem.CLIENT_ID_FORM, 2),
        ({"client_id": "12345|securemode=3|x"}, LoginProblem.CLIENT_ID_FORM, 2),
        ({"client_id": "12345|securemode|"}, LoginProblem.CLIENT_ID_FORM, 2),
        ({"client_id": "12345|securemode=3,securemode=2|"}, LoginProblem.CLIENT_ID_FORM, 2),
        ({"client_id": "|securemode=3|"}, LoginProblem.CLIENT_ID_LENGTH, 2),
        ({"client_id": "x" * 65 + "|securemode=3|"}, LoginProblem.CLIENT_ID_LENGTH, 2),
        ({"client_id": "12345|securemode=3,signmethod=crc32|"}, LoginProblem.SIGN_METHOD_UNKNOWN, 2),
        ({"client_id": "12345|signmethod=hmacsha1|"}, LoginProblem.SECURE_MODE_MISSING, 2),
        ({"client_id": "12345|securemode=-1,signmethod=hmacsha1|"}, LoginProblem.SECURE_MODE_MISSING, 2),
        ({"username": "device"}, LoginProblem.USER_NAME_FORM, 4),
        ({"username": "&pk"}, LoginProblem.USER_NAME_FORM, 4),
        ({"username": None, "password": None}, LoginProblem.USER_NAME_FORM, 4),
        ({"password": None}, LoginProblem.PASSWORD_FORM, 4),
        ({"password": b"secret"}, LoginProblem.PASSWORD_FORM, 4),
        ({"password": b"\xff" * 40}, LoginProblem.PASSWORD_FORM, 4),
        ({"username": "other&pk"}, LoginProblem.DEVICE_UNKNOWN, 5),
        ({"username": "pk&device"}, LoginProblem.DEVICE_UNKNOWN, 5),
        ({"password": b"0" * 40}, LoginProblem.SIGNATURE, 5),
    ],
)
def test_refusal_has_the_reason_and_the_code_of_the_platform(
    change: dict[str, object], problem: LoginProblem, code: int
) -> None:
    login = check_login(replace(GOOD, **change), DEVICES, tls=False)  # type: ignore[arg-type]
    assert not login.accepted
    assert problem in login.problems
    assert login.code == code
    assert problem.value in login.reason


def test_longest_client_id_is_accepted() -> None:
    name = "x" * 64
    password = sign(DEVICE, name, None, SignMethod.HMAC_MD5).encode()
    assert check_login(replace(GOOD, client_id=f"{name}|securemode=3|", password=password), DEVICES, tls=False).accepted


def test_every_problem_of_a_login_is_told() -> None:
    login = check_login(Connect("12345|securemode=2|", username="x&y", password=b"?"), DEVICES, tls=False)
    assert set(login.problems) == {
        LoginProblem.SECURE_MODE_TRANSPORT,
        LoginProblem.PASSWORD_FORM,
        LoginProblem.DEVICE_UNKNOWN,
    }


def test_secret_does_not_show_in_a_repr() -> None:
    assert "not-a-real-secret" not in repr(Device("pk", "dn", "not-a-real-secret"))
