from __future__ import annotations

import hmac
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="|,=", exclude_categories=["Cs"]), max_size=10)
OTHER_KEYS = WORDS.filter(lambda key: key and key not in ("securemode", "signmethod", "timestamp"))


@st.composite
def spellings_of_a_login(draw: st.DrawFn) -> tuple[Connect, SignMethod, str | None]:
    """One login in any spelling that the platform allows: order of the keys, more keys, case of each hex digit."""
    method = draw(st.sampled_from(SignMethod))
    timestamp = draw(st.none() | st.just("789"))
    keys = {"securemode": "3", "signmethod": method.value}
    if timestamp is not None:
        keys["timestamp"] = timestamp
    others = draw(st.dictionaries(OTHER_KEYS, WORDS, max_size=3))
    order = draw(st.permutations([f"{key}={value}" for key, value in (keys | others).items()]))
    content = b"clientId12345deviceNamedeviceproductKeypk" + (b"timestamp789" if timestamp else b"")
    digest = hmac.new(b"secret", content, method.value.removeprefix("hmac")).hexdigest()
    upper = draw(st.lists(st.booleans(), min_size=len(digest), max_size=len(digest)))
    password = "".join(digit.upper() if up else digit for digit, up in zip(digest, upper, strict=True))
    connect = Connect(f"12345|{','.join(order)}|", username="device&pk", password=password.encode())
    return connect, method, timestamp


@given(spellings_of_a_login())
@settings(deadline=None)
def test_a_login_is_accepted_in_every_spelling(spelling: tuple[Connect, SignMethod, str | None]) -> None:
    connect, method, timestamp = spelling
    login = check_login(connect, DEVICES, tls=False)
    assert login.accepted, login.reason
    assert (login.client_id, login.sign_method, login.timestamp) == ("12345", method, timestamp)


@given(spellings_of_a_login(), st.data())
@settings(deadline=None)
def test_a_signature_with_another_digit_is_refused(
    spelling: tuple[Connect, SignMethod, str | None], data: st.DataObject
) -> None:
    connect, _, _ = spelling
    assert connect.password is not None
    place = data.draw(st.integers(0, len(connect.password) - 1))
    wrong = bytearray(connect.password)
    wrong[place] = data.draw(st.sampled_from([d for d in b"0123456789abcdef" if chr(d) != chr(wrong[place]).lower()]))
    login = check_login(replace(connect, password=bytes(wrong)), DEVICES, tls=False)
    assert (login.problems, login.code) == ((LoginProblem.SIGNATURE,), 5)


@pytest.mark.parametrize("method", SignMethod)
def test_a_signature_holds_for_its_own_method_only(method: SignMethod) -> None:
    for other in SignMethod:
        connect = replace(
            GOOD,
            client_id=f"12345|securemode=3,signmethod={other.value},timestamp=789|",
            password=VECTORS[method].encode(),
        )
        assert check_login(connect, DEVICES, tls=False).accepted is (other is method)


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


REFUSALS: list[tuple[dict[str, object], LoginProblem, int]] = [
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
    ({"client_id": "12345|securemode=2,signmethod=hmacsha1,timestamp=789|"}, LoginProblem.SECURE_MODE_TRANSPORT, 5),
]


@pytest.mark.parametrize(("change", "problem", "code"), REFUSALS)
def test_refusal_has_the_reason_and_the_code_of_the_platform(
    change: dict[str, object], problem: LoginProblem, code: int
) -> None:
    login = check_login(replace(GOOD, **change), DEVICES, tls=False)  # type: ignore[arg-type]
    assert not login.accepted
    assert problem in login.problems
    assert login.code == code
    assert problem.value in login.reason


def test_every_reason_for_a_refusal_is_tried() -> None:
    assert {problem for _, problem, _ in REFUSALS} == set(LoginProblem)


@pytest.mark.parametrize(
    "keys", ["securemode=3,signmethod=hmacsha1,timestamp=789,", ",timestamp=789,,signmethod=hmacsha1,securemode=3"]
)
def test_empty_pairs_between_the_bars_are_skipped(keys: str) -> None:
    assert check_login(replace(GOOD, client_id=f"12345|{keys}|"), DEVICES, tls=False).accepted


def test_longest_client_id_is_accepted() -> None:
    name = "x" * 64
    password = sign(DEVICE, name, None, SignMethod.HMAC_MD5).encode()
    assert check_login(replace(GOOD, client_id=f"{name}|securemode=3|", password=password), DEVICES, tls=False).accepted


def test_a_client_id_that_cannot_be_read_is_all_that_is_said_of_its_password() -> None:
    login = check_login(replace(GOOD, client_id="12345"), DEVICES, tls=False)
    assert login.problems == (LoginProblem.CLIENT_ID_FORM,)
    assert (login.sign_method, login.signature_valid) == (None, None)


def test_every_problem_of_a_login_is_told() -> None:
    login = check_login(Connect("12345|securemode=2|", username="x&y", password=b"?"), DEVICES, tls=False)
    assert set(login.problems) == {
        LoginProblem.SECURE_MODE_TRANSPORT,
        LoginProblem.PASSWORD_FORM,
        LoginProblem.DEVICE_UNKNOWN,
    }


def test_secret_does_not_show_in_a_repr() -> None:
    assert "not-a-real-secret" not in repr(Device("pk", "dn", "not-a-real-secret"))
