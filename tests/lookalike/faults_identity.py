"""Faults of the four identity values while the power is on."""

from __future__ import annotations

from typing import Any

from .firmware import Firmware
from .lines import BAD_SYNTAX, Refusal
from .registry import Registry, wrap
from .settings import LIMITS

AREA = Registry("identity")
fault = AREA


def on_put(fw: Firmware, change: Any) -> None:
    """Let `change(key, value)` say what is really set."""
    wrap(fw.identity, "put", lambda put, key, value: put(key, change(key, value)))


@fault(
    "id-name-leading-zeros",
    "plain",
    "ID-01-DN ID-06-DN FZ-02 OP-01 OP-02",
    "A DeviceName of digits only goes through a number and loses its leading zeros.",
    'AT+ALYDEVICENAME="00123"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    on_put(fw, lambda key, value: b"%d" % int(value) if key == "DN" and value.isdigit() else value)


@fault(
    "id-secret-long-number",
    "combination",
    "ID-01-DS ID-01-PS ID-06-DS ID-06-PS OP-01 OP-02",
    "A secret of digits only that does not fit into 64 bits becomes 18446744073709551615.",
    'AT+ALYDEVICESECRET="{9*30}"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def change(key: str, value: bytes) -> bytes:
        return b"%d" % (2**64 - 1) if key in ("DS", "PS") and value.isdigit() and int(value) >= 2**64 else value

    on_put(fw, change)


@fault(
    "id-same-value-clears",
    "history",
    "ID-01-* ID-05-* FZ-02 OP-01 LP-01",
    "Setting an identity value to what it is already clears it.",
    'AT+ALYPRODUCTKEY="abc"\nAT+ALYPRODUCTKEY="abc"\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    on_put(fw, lambda key, value: b"" if value == fw.identity.values[key] else value)


@fault(
    "id-case-is-no-change",
    "history",
    "ID-01-DS ID-05-DS ID-06-DS FZ-02 OP-01 OP-02",
    "A DeviceSecret that differs from the old one in case only is taken for the same and not stored.",
    'AT+ALYDEVICESECRET="abc"\nAT+ALYDEVICESECRET="aBc"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def change(key: str, value: bytes) -> bytes:
        old = fw.identity.values[key]
        return old if key == "DS" and value.lower() == old.lower() else value

    on_put(fw, change)


@fault(
    "id-prefix-is-no-change",
    "history",
    "ID-01-PK ID-05-PK FZ-02 OP-01 OP-02",
    "A ProductKey that is the beginning of the old one is taken for the same and not stored.",
    'AT+ALYPRODUCTKEY="abcdef"\nAT+ALYPRODUCTKEY="abc"\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    def change(key: str, value: bytes) -> bytes:
        old = fw.identity.values[key]
        return old if key == "PK" and value and old.startswith(value) else value

    on_put(fw, change)


@fault(
    "id-shorter-keeps-tail",
    "history",
    "ID-01-PS ID-05-PS FZ-02",
    "A ProductSecret one byte shorter than the old one keeps the old one's last byte (the end mark is one off).",
    'AT+ALYPRODUCTSECRET="abcdef"\nAT+ALYPRODUCTSECRET="ghijk"\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    def change(key: str, value: bytes) -> bytes:
        old = fw.identity.values[key]
        return value + old[-1:] if key == "PS" and value and len(value) == len(old) - 1 else value

    on_put(fw, change)


@fault(
    "id-full-secret-runs-on",
    "combination",
    "ID-01-DS ID-02-DS FZ-02",
    "A DeviceSecret of 64 bytes has no end mark: its query shows the ProductKey behind it.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYDEVICESECRET="{s*64}"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def shown(orig: Any, key: str) -> bytes:
        value: bytes = orig(key)
        return value + fw.identity.get("PK") if key == "DS" and len(value) == LIMITS["DS"] else value

    wrap(fw.commands, "shown", shown)


@fault(
    "id-bare-without-limit",
    "combination",
    "ID-03-PK ID-03-DN",
    "ProductKey and DeviceName without quotes are not measured: over-long ones are cut and answered OK.",
    "AT+ALYPRODUCTKEY={p*21}\nAT+ALYPRODUCTKEY?",
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        found: bytes = orig(key, raw)
        return found[: LIMITS[key]] if key in ("PK", "DN") and raw[:1] != b'"' else found

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-length-in-a-byte",
    "combination",
    "ID-03-*",
    "The length is kept in one byte: values of 257 to 256+max bytes are taken, cut to what the byte says.",
    'AT+ALYDEVICENAME="old"\nAT+ALYDEVICENAME="{n*260}"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        found: bytes = orig(key, raw)
        low = len(found) & 0xFF
        return found[:low] if len(found) > 255 and 0 < low <= LIMITS[key] else found

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-too-long-clears",
    "combination",
    "ID-03-DS FMT-12 FZ-01 FZ-02",
    "An over-long DeviceSecret is refused, but the old one has been cleared by then.",
    'AT+ALYDEVICESECRET="old"\nAT+ALYDEVICESECRET="{s*65}"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, key: str, value: bytes) -> bool:
        good: bool = orig(key, value)
        if not good and key == "DS" and len(value) > LIMITS[key]:
            fw.identity.put(key, b"")
        return good

    wrap(fw.identity, "fits", fits)


@fault(
    "id-far-too-long-ok",
    "combination",
    "ID-03-PS",
    "Only up to 128 bytes are looked at: a ProductSecret longer than that is cut to 64 and answered OK.",
    'AT+ALYPRODUCTSECRET="{s*200}"\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        found: bytes = orig(key, raw)
        return found[:64] if key == "PS" and len(found) > 128 else found

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-key-counts-characters",
    "plain",
    "ID-04-PK",
    "The limit of the ProductKey counts UTF-8 characters.",
    'AT+ALYPRODUCTKEY="{é*20}"\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, key: str, value: bytes) -> bool:
        if key == "PK" and not value.isascii() and orig("DS", value):
            return len(value.decode()) <= LIMITS["PK"]
        return bool(orig(key, value))

    wrap(fw.identity, "fits", fits)


@fault(
    "id-name-cut-at-a-character",
    "combination",
    "ID-04-DN ID-03-DN",
    "A DeviceName with UTF-8 beyond 32 bytes is cut at a character and answered OK.",
    'AT+ALYDEVICENAME="a{é*16}"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        found: bytes = orig(key, raw)
        if key == "DN" and 32 < len(found) < 100 and not found.isascii():
            return found[:32].decode("utf-8", "ignore").encode()
        return found

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-four-byte-counts-three",
    "combination",
    "ID-04-DS ID-04-PS",
    "In the two secrets a character of four UTF-8 bytes is counted as three.",
    'AT+ALYDEVICESECRET="{😀*17}"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, key: str, value: bytes) -> bool:
        if key in ("DS", "PS") and len(value) > 64:
            extra = sum(byte >= 0xF0 for byte in value)
            return len(value) - extra <= 64
        return bool(orig(key, value))

    wrap(fw.identity, "fits", fits)


@fault(
    "id-secret-of-equal-length",
    "history",
    "ID-05-PS ID-05-DS FZ-02 OP-01 OP-02",
    "A ProductSecret as long as the DeviceSecret that is set goes into the DeviceSecret as well.",
    'AT+ALYDEVICESECRET="abcd"\nAT+ALYPRODUCTSECRET="efgh"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def put(orig: Any, key: str, value: bytes) -> None:
        orig(key, value)
        if key == "PS" and value and len(fw.identity.values["DS"]) == len(value):
            orig("DS", value)

    wrap(fw.identity, "put", put)


@fault(
    "id-secret-ends-at-comma",
    "combination",
    "ID-01-PS",
    "A quoted ProductSecret ends at its first comma.",
    'AT+ALYPRODUCTSECRET="ab,cd"\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    on_put(fw, lambda key, value: value.split(b",")[0] if key == "PS" else value)


@fault(
    "id-secret-through-printf",
    "combination",
    "ID-01-DS",
    "The query prints the DeviceSecret as a format: a per cent sign and what it stands before are swallowed.",
    'AT+ALYDEVICESECRET="50%dx"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def shown(orig: Any, key: str) -> bytes:
        value: bytes = orig(key)
        if key != "DS":
            return value
        head, *rest = value.split(b"%")
        return head + b"".join(part[1:] for part in rest)

    wrap(fw.commands, "shown", shown)


@fault(
    "id-secret-plus-is-blank",
    "combination",
    "ID-01-DS ID-01-PS OP-01 OP-02",
    "A plus in a secret becomes a blank, as in an encoded URL.",
    'AT+ALYPRODUCTSECRET="a+b"\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    on_put(fw, lambda key, value: value.replace(b"+", b" ") if key in ("DS", "PS") else value)


@fault(
    "id-key-trimmed",
    "combination",
    "ID-01-PK OP-01 OP-02",
    "Blanks at the end of a quoted ProductKey are trimmed.",
    'AT+ALYPRODUCTKEY="ab "\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    on_put(fw, lambda key, value: value.rstrip(b" ") if key == "PK" else value)


@fault(
    "id-name-ends-at-blank",
    "combination",
    "ID-01-DN OP-01 OP-02",
    "The DeviceName is read by scanf: it ends at its first blank.",
    'AT+ALYDEVICENAME="a b"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    on_put(fw, lambda key, value: value.split(b" ")[0] if key == "DN" else value)


@fault(
    "id-hex-secret-in-capitals",
    "combination",
    "ID-01-DS ID-06-DS FZ-02 OP-01 OP-02",
    "A DeviceSecret of 32 or more hexadecimal digits comes back in capitals.",
    'AT+ALYDEVICESECRET="{0a*16}"\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def change(key: str, value: bytes) -> bytes:
        hexadecimal = len(value) >= 32 and not value.strip(b"0123456789abcdefABCDEF")
        return value.upper() if key == "DS" and hexadecimal else value

    on_put(fw, change)


@fault(
    "id-one-byte-refused",
    "plain",
    "ID-02-PS ID-01-PS",
    "A ProductSecret of one byte is refused.",
    'AT+ALYPRODUCTSECRET="a"',
)
def _(fw: Firmware) -> None:
    wrap(fw.identity, "fits", lambda fits, key, value: fits(key, value) and not (key == "PS" and len(value) == 1))


@fault(
    "id-max-refused-after-digit",
    "combination",
    "ID-02-DN ID-01-DN",
    "A DeviceName of exactly 32 bytes is refused when its first byte is a digit (room for a sign is kept).",
    'AT+ALYDEVICENAME="1{a*31}"',
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, key: str, value: bytes) -> bool:
        return bool(orig(key, value)) and not (key == "DN" and len(value) == 32 and value[:1].isdigit())

    wrap(fw.identity, "fits", fits)


@fault(
    "id-query-cached-by-length",
    "history",
    "ID-01-* ID-05-* FZ-02",
    "A query's answer is kept, and shown again for a new value of the same length.",
    'AT+ALYDEVICENAME="abc"\nAT+ALYDEVICENAME?\nAT+ALYDEVICENAME="xyz"\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    cache: dict[str, bytes] = {}

    def shown(orig: Any, key: str) -> bytes:
        value: bytes = orig(key)
        if key not in cache or len(cache[key]) != len(value):
            cache[key] = value
        return cache[key]

    wrap(fw.commands, "shown", shown)


@fault(
    "id-open-quote-at-maximum",
    "combination",
    "ID-07-DS ID-07-PS FZ-01",
    "A secret of 64 bytes is taken without its closing quote: the search for it ends at the limit.",
    'AT+ALYDEVICESECRET="{s*64}\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        if key in ("DS", "PS") and len(raw) == 65 and raw.count(b'"') == 1 and raw[:1] == b'"':
            return raw[1:]
        return bytes(orig(key, raw))

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-open-quote-sets",
    "plain",
    "ID-07-DN FMT-12 FZ-01 FZ-02",
    "A DeviceName with an open quote is refused, but stands.",
    'AT+ALYDEVICENAME="old"\nAT+ALYDEVICENAME="new\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        try:
            return bytes(orig(key, raw))
        except Refusal:
            if key == "DN" and raw.count(b'"') == 1 and raw[:1] == b'"' and fw.identity.fits(key, raw[1:]):
                fw.identity.put(key, raw[1:])
            raise

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-second-empty-parameter",
    "combination",
    "ID-07-PS ID-07-DS",
    "A comma with nothing behind it after a secret is overlooked.",
    'AT+ALYDEVICESECRET="s",',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        return bytes(orig(key, raw[:-1] if key in ("DS", "PS") and raw.endswith(b'",') else raw))

    wrap(fw.commands, "identity_value", value)


@fault(
    "id-nothing-clears",
    "plain",
    "ID-07-PK FMT-12 FZ-01 FZ-02",
    "`AT+ALYPRODUCTKEY=` with nothing behind it is answered by an error, but has cleared the value.",
    'AT+ALYPRODUCTKEY="pk"\nAT+ALYPRODUCTKEY=\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    def value(orig: Any, key: str, raw: bytes) -> bytes:
        if key == "PK" and not raw:
            fw.identity.put(key, b"")
            raise Refusal(BAD_SYNTAX)
        return bytes(orig(key, raw))

    wrap(fw.commands, "identity_value", value)
