"""Faults of what OPEN demands and how it logs in."""

from __future__ import annotations

import hashlib
from typing import Any

from .firmware import Firmware
from .lines import Refusal
from .registry import Registry, wrap

AREA = Registry("login")
fault = AREA


@fault(
    "op-cleared-name-still-used",
    "history",
    "OP-03 FZ-02",
    "After a session OPEN goes on with the old DeviceName when the name has been cleared.",
    '!open\nAT+ALYMQTTCLOSE\nAT+ALYDEVICENAME=""\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    last: list[bytes] = []

    def values(orig: Any) -> dict[str, bytes]:
        found: dict[str, bytes] = orig()
        if not found["DN"] and last:
            found["DN"] = last[0]
        last[:] = [found["DN"]]
        return found

    wrap(fw.session, "values", values)


@fault(
    "op-missing-key-is-702",
    "combination",
    "OP-03",
    "Without ProductKey and with a ProductSecret set OPEN answers 702.",
    'AT+ALYPRODUCTSECRET="ps"\nAT+ALYDEVICENAME="dn"\nAT+ALYDEVICESECRET="ds"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    def missing(orig: Any) -> int | None:
        code: int | None = orig()
        return 702 if code == 701 and fw.identity.get("PS") else code

    wrap(fw.session, "missing", missing)


@fault(
    "op-product-secret-demanded",
    "history",
    "OP-01 OP-03",
    "A ProductSecret that was set and cleared again is demanded by OPEN: 702.",
    '!id\nAT+ALYPRODUCTSECRET="x"\nAT+ALYPRODUCTSECRET=""\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    touched: list[bytes] = []

    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value)
        if key == "PS":
            touched.append(value)

    def missing(orig: Any) -> int | None:
        code: int | None = orig()
        return 702 if code is None and touched and not fw.identity.get("PS") else code

    wrap(fw.identity, "put", put)
    wrap(fw.session, "missing", missing)


@fault(
    "op-login-of-last-time",
    "history",
    "OP-02 OP-01",
    "The password is computed once and kept: after a new DeviceSecret the login is still signed with the old one.",
    '!open\nAT+ALYMQTTCLOSE\nAT+ALYDEVICESECRET="new"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    keys: dict[bytes, bytes] = {}

    def sign(orig: Any, key: bytes, content: bytes) -> bytes:
        return bytes(orig(keys.setdefault(b"DS", key), content))

    wrap(fw.login, "sign", sign)


@fault(
    "op-key-of-block-size",
    "combination",
    "OP-01 OP-02",
    "A DeviceSecret of exactly 64 bytes is hashed before it signs, as only longer ones should be.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYDEVICENAME="dn"\nAT+ALYDEVICESECRET="{s*64}"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(
        fw.login,
        "sign",
        lambda orig, key, content: orig(hashlib.sha256(key).digest() if len(key) >= 64 else key, content),
    )


@fault(
    "op-secret-signed-to-32",
    "combination",
    "OP-01 OP-02",
    "Only the first 32 bytes of the DeviceSecret sign the login.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYDEVICENAME="dn"\nAT+ALYDEVICESECRET="{s*40}"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(fw.login, "sign", lambda orig, key, content: orig(key[:32], content))


@fault(
    "op-login-buffer-48",
    "combination",
    "OP-01 OP-02",
    "The username is cut to 47 characters: a long DeviceName with a long ProductKey cannot log in.",
    'AT+ALYPRODUCTKEY="{p*20}"\nAT+ALYDEVICENAME="{d*32}"\nAT+ALYDEVICESECRET="s"\nAT+ALYMQTTOPEN',
)
def _(fw: Firmware) -> None:
    wrap(fw.login, "username", lambda orig, values: orig(values)[:47])


@fault(
    "op-lower-key-over-tls",
    "combination",
    "OP-02 TL-01",
    "Over TLS the ProductKey of the username is the host name's: in lower case.",
    "AT+ALYCONNECTCFG=0,443,1\n!open",
)
def _(fw: Firmware) -> None:
    def username(orig: Any, values: dict[str, bytes]) -> bytes:
        if fw.session.used[0].tls:
            return values["DN"] + b"&" + values["PK"].lower()
        return bytes(orig(values))

    wrap(fw.login, "username", username)


@fault(
    "op-securemode-of-last-time",
    "history",
    "OP-02 TL-01",
    "The securemode is that of the first session since power-up.",
    "!open\nAT+ALYMQTTCLOSE\nAT+ALYCONNECTCFG=0,443,1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    first: list[bytes] = []

    def mode(orig: Any, tls: bool) -> bytes:
        first.append(orig(tls))
        return first[0]

    wrap(fw.login, "mode", mode)


@fault(
    "op-ok-after-refused-login",
    "history",
    "OP-01 OP-06 FZ-02",
    "After a refused login the next OPEN is answered OK without a connection.",
    "!id\n!refuse 5\nAT+ALYMQTTOPEN\n!refuse 0\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    refused: list[int] = []

    def op(orig: Any) -> None:
        if refused and not fw.session.is_open:
            refused.clear()
            return
        orig()

    def accepted(orig: Any, answer: bytes) -> None:
        try:
            orig(answer)
        except Refusal:
            refused.append(1)
            raise

    wrap(fw.session, "open", op)
    wrap(fw.session, "accepted", accepted)


@fault(
    "op-login-refusal-1-is-ok",
    "combination",
    "OP-06",
    "CONNACK's return code is tested for its upper bits: 1 (and only 1) counts as accepted.",
    "!id\n!refuse 1\nAT+ALYMQTTOPEN",
)
def _(fw: Firmware) -> None:
    wrap(fw.session, "accepted", lambda orig, answer: orig(answer[:1] + bytes([answer[1] & 0xFE])))
