"""The platform's login: what a CONNECT says about the device, and whether the platform would let it in.

Source: Alibaba Cloud IoT Platform, direct MQTT connection with a device certificate. The clientId reads ``X|k=v,...|``
with ``securemode`` 2 over TLS and 3 over TCP; the user name is ``<deviceName>&<productKey>``; the password is the hex
HMAC with the DeviceSecret over ``clientId<X>deviceName<dn>productKey<pk>[timestamp<ts>]``.

Return codes: 2 for a clientId the platform cannot read, 4 for credentials of the wrong form, 5 for a device that is not
known, a signature that is not right, or a securemode that contradicts the transport.
"""

from __future__ import annotations

import enum
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType

from rigs.cloud.packets import ConnackCode, Connect
from rigs.sentence import Sentence, say

MAX_CLIENT_ID = 64
TCP_SECURE_MODE = 3
TLS_SECURE_MODE = 2


class SignMethod(enum.Enum):
    """The HMAC behind the password; the platform takes ``hmacmd5`` when the clientId names none."""

    HMAC_MD5 = "hmacmd5"
    HMAC_SHA1 = "hmacsha1"
    HMAC_SHA256 = "hmacsha256"


_HEX_LENGTH = {SignMethod.HMAC_MD5: 32, SignMethod.HMAC_SHA1: 40, SignMethod.HMAC_SHA256: 64}


class LoginProblem(enum.Enum):
    """One reason for a refusal; the value is the sentence for the record."""

    CLIENT_ID_FORM = say("clientId does not read X|key=value,...|")
    CLIENT_ID_LENGTH = say("X of the clientId is empty or longer than 64 characters")
    SIGN_METHOD_UNKNOWN = say("signmethod is none of hmacmd5, hmacsha1, hmacsha256")
    SECURE_MODE_MISSING = say("clientId has no securemode of 2 or 3")
    SECURE_MODE_TRANSPORT = say("securemode contradicts the transport (2 is TLS, 3 is TCP)")
    USER_NAME_FORM = say("user name does not read deviceName&productKey")
    PASSWORD_FORM = say("password is not the hex form of an HMAC of the signmethod")
    DEVICE_UNKNOWN = say("no such device is registered")
    SIGNATURE = say("signature does not match the DeviceSecret")


_CODES = {
    LoginProblem.CLIENT_ID_FORM: ConnackCode.IDENTIFIER_REJECTED,
    LoginProblem.CLIENT_ID_LENGTH: ConnackCode.IDENTIFIER_REJECTED,
    LoginProblem.SIGN_METHOD_UNKNOWN: ConnackCode.IDENTIFIER_REJECTED,
    LoginProblem.SECURE_MODE_MISSING: ConnackCode.IDENTIFIER_REJECTED,
    LoginProblem.USER_NAME_FORM: ConnackCode.BAD_USER_NAME_OR_PASSWORD,
    LoginProblem.PASSWORD_FORM: ConnackCode.BAD_USER_NAME_OR_PASSWORD,
    LoginProblem.SECURE_MODE_TRANSPORT: ConnackCode.NOT_AUTHORIZED,
    LoginProblem.DEVICE_UNKNOWN: ConnackCode.NOT_AUTHORIZED,
    LoginProblem.SIGNATURE: ConnackCode.NOT_AUTHORIZED,
}


@dataclass(frozen=True)
class Device:
    """A device as the platform knows it."""

    product_key: str
    device_name: str
    device_secret: str = field(repr=False)

    @property
    def stable_client_id(self) -> str:
        """The one identifier under which the broker behind sees the device, whatever its clientId says."""
        return f"{self.product_key}&{self.device_name}"

    @property
    def username(self) -> str:
        """What it logs in as."""
        return f"{self.device_name}&{self.product_key}"

    def topic(self, name: str) -> str:
        """One of the device's own topics; the platform lets it use no others."""
        return f"/{self.product_key}/{self.device_name}/user/{name}"


@dataclass(frozen=True)
class Login:
    """Every aspect of one login.

    ``client_id`` is X, ``parameters`` what stands between the bars. ``sign_method`` is the one that applies (the
    default included), None if unknown. ``secure_mode`` is 2, 3 or None. ``signature_valid`` is None where it could
    not be checked (unknown device, malformed clientId). ``problems`` is empty when the login is good; ``code`` is
    the answer that the platform would give: that of the first problem.
    """

    problems: tuple[LoginProblem, ...]
    client_id: str | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    product_key: str | None = None
    device_name: str | None = None
    sign_method: SignMethod | None = None
    secure_mode: int | None = None
    timestamp: str | None = None
    tls: bool = False
    device: Device | None = None
    signature_valid: bool | None = None

    @property
    def accepted(self) -> bool:
        return not self.problems

    @property
    def code(self) -> ConnackCode:
        return _CODES[self.problems[0]] if self.problems else ConnackCode.ACCEPTED

    @property
    def reason(self) -> Sentence | str:
        """All problems in words, empty when there are none."""
        if not self.problems:
            return ""
        first, *others = (problem.value for problem in self.problems)
        return reduce(lambda told, other: say("{told}; {other}", told=told, other=other), others, first)


def sign(device: Device, client_id: str, timestamp: str | None, method: SignMethod) -> str:
    """The password that belongs to a login, in upper case hex."""
    content = f"clientId{client_id}deviceName{device.device_name}productKey{device.product_key}"
    if timestamp is not None:
        content += f"timestamp{timestamp}"
    return (
        hmac.new(device.device_secret.encode(), content.encode(), method.value.removeprefix("hmac")).hexdigest().upper()
    )


def check_login(connect: Connect, devices: Mapping[tuple[str, str], Device], *, tls: bool) -> Login:
    """Judge ``connect`` as the platform would; ``devices`` maps (ProductKey, DeviceName) to the registered device."""
    problems: list[LoginProblem] = []
    client_id, parameters = _parse_client_id(connect.client_id)
    if client_id is None:
        problems.append(LoginProblem.CLIENT_ID_FORM)
    elif not 1 <= len(client_id) <= MAX_CLIENT_ID:
        problems.append(LoginProblem.CLIENT_ID_LENGTH)
    method = _sign_method(parameters) if client_id is not None else None
    secure_mode = {"2": TLS_SECURE_MODE, "3": TCP_SECURE_MODE}.get(parameters.get("securemode", ""))
    if client_id is not None:
        if method is None:
            problems.append(LoginProblem.SIGN_METHOD_UNKNOWN)
        if secure_mode is None:
            problems.append(LoginProblem.SECURE_MODE_MISSING)
        elif secure_mode != (TLS_SECURE_MODE if tls else TCP_SECURE_MODE):
            problems.append(LoginProblem.SECURE_MODE_TRANSPORT)
    device_name, separator, product_key = (connect.username or "").rpartition("&")
    named = bool(separator and device_name and product_key)
    if not named:
        problems.append(LoginProblem.USER_NAME_FORM)
    password = (connect.password or b"").decode("latin-1")
    if method is not None and not re.fullmatch(f"[0-9A-Fa-f]{{{_HEX_LENGTH[method]}}}", password):
        problems.append(LoginProblem.PASSWORD_FORM)
    device = devices.get((product_key, device_name)) if named else None
    if named and device is None:
        problems.append(LoginProblem.DEVICE_UNKNOWN)
    timestamp = parameters.get("timestamp")
    valid = None
    if device is not None and client_id is not None and method is not None:
        valid = hmac.compare_digest(sign(device, client_id, timestamp, method).encode(), password.upper().encode())
        if not valid and LoginProblem.PASSWORD_FORM not in problems:
            problems.append(LoginProblem.SIGNATURE)
    problems.sort(key=lambda problem: _CODES[problem])
    return Login(
        problems=tuple(problems),
        client_id=client_id,
        parameters=MappingProxyType(parameters),
        product_key=product_key if named else None,
        device_name=device_name if named else None,
        sign_method=method,
        secure_mode=secure_mode,
        timestamp=timestamp,
        tls=tls,
        device=device,
        signature_valid=valid,
    )


def _parse_client_id(text: str) -> tuple[str | None, dict[str, str]]:
    """X and the parameters between the bars; X is None when the form is not met."""
    parts = text.split("|")
    if len(parts) != 3 or parts[2]:
        return None, {}
    parameters: dict[str, str] = {}
    # The vendor's SDK lets an empty pair end the list.
    for pair in filter(None, parts[1].split(",")):
        key, equals, value = pair.partition("=")
        if not equals or not key or key in parameters:
            return None, {}
        parameters[key] = value
    return parts[0], parameters


def _sign_method(parameters: Mapping[str, str]) -> SignMethod | None:
    try:
        return SignMethod(parameters.get("signmethod", SignMethod.HMAC_MD5.value).lower())
    except ValueError:
        return None
