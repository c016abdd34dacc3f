"""Faults of what should survive a power cut."""

from __future__ import annotations

from typing import Any

from .firmware import Firmware
from .registry import Registry, wrap
from .settings import LIMITS

AREA = Registry("power")
fault = AREA

KEEP = "PC-01-PK PC-01-DN PC-01-DS PC-02"


def stored(fw: Firmware, change: Any) -> None:
    """Let `change(values)` say what the memory gives at power-up."""
    fw.identity.values.update(change(dict(fw.identity.values)))


@fault(
    "pw-third-set-not-stored",
    "history",
    KEEP + " PC-05",
    "From the third set of the same value since power-up on it is not written to flash.",
    'AT+ALYDEVICENAME="a"\nAT+ALYDEVICENAME="b"\nAT+ALYDEVICENAME="c"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    counts: dict[str, int] = {}

    def keep(orig: Any, key: str, value: bytes) -> None:
        counts[key] = counts.get(key, 0) + 1
        if counts[key] < 3:
            orig(key, value)

    wrap(fw.identity, "keep", keep)


@fault(
    "pw-written-with-next-command",
    "combination",
    KEEP + " PC-05",
    "A value is written to flash when the next command comes, not before its OK.",
    'AT+ALYDEVICENAME="a"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    waiting: list[tuple[str, bytes]] = []

    def keep(orig: Any, key: str, value: bytes) -> None:
        waiting.append((key, value))

    write = fw.identity.keep

    def obey(orig: Any, line: Any) -> Any:
        while waiting:
            write(*waiting.pop(0))
        return orig(line)

    wrap(fw.identity, "keep", keep)
    wrap(fw, "obey", obey)


@fault(
    "pw-not-stored-while-open",
    "combination",
    KEEP + " PC-05",
    "A value set while a session is open is written to flash at CLOSE only.",
    '!open\nAT+ALYPRODUCTSECRET="a"\n!off\n!on\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    waiting: list[tuple[str, bytes]] = []
    write = fw.identity.keep

    def keep(orig: Any, key: str, value: bytes) -> None:
        if fw.session.is_open:
            waiting.append((key, value))
        else:
            orig(key, value)

    def close(orig: Any) -> None:
        orig()
        while waiting:
            write(*waiting.pop(0))

    wrap(fw.identity, "keep", keep)
    wrap(fw.session, "close", close)


@fault(
    "pw-longest-not-read-back",
    "combination",
    "PC-01-PK PC-01-DN PC-05 PC-06",
    "A ProductKey or DeviceName of the greatest length is not read back at power-up.",
    'AT+ALYPRODUCTKEY="{p*20}"\n!off\n!on\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    stored(fw, lambda values: {key: b"" for key in ("PK", "DN") if len(values[key]) == LIMITS[key]})


@fault(
    "pw-old-tail-read-back",
    "history",
    "PC-01-DN PC-01-DS PC-05 PC-06",
    "A shorter value leaves the tail of the longer one in flash: after a power cut it is there again.",
    'AT+ALYDEVICENAME="abcdef"\nAT+ALYDEVICENAME="xyz"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    tails: dict[str, bytes] = fw.memo.setdefault("tails", {})

    def keep(orig: Any, key: str, value: bytes) -> None:
        old = tails.get(key, b"")
        tails[key] = value + old[len(value) :] if value else b""
        orig(key, value)

    stored(fw, lambda values: {key: tails.get(key, values[key]) for key in ("DN", "DS")})
    wrap(fw.identity, "keep", keep)


@fault(
    "pw-lost-in-second-cut",
    "history",
    KEEP,
    "A value survives the first power cut and is gone after the second, unless it was set in between.",
    'AT+ALYDEVICENAME="abc"\n!off\n!on\nAT+ALYDEVICENAME?\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    age: dict[str, int] = fw.memo.setdefault("age", {})

    def put(orig: Any, key: str, value: bytes) -> None:
        age[key] = 0
        orig(key, value)

    for key in age:
        age[key] += 1
    stored(fw, lambda values: {key: b"" for key in values if age.get(key, 0) >= 2})
    wrap(fw.identity, "put", put)


@fault(
    "pw-secrets-swapped",
    "combination",
    "PC-01-DS PC-02 PC-05",
    "When both secrets are of the same length, they are swapped at power-up.",
    'AT+ALYDEVICESECRET="abc"\nAT+ALYPRODUCTSECRET="xyz"\n!off\n!on\nAT+ALYDEVICESECRET?',
)
def _(fw: Firmware) -> None:
    def change(values: dict[str, bytes]) -> dict[str, bytes]:
        return {"DS": values["PS"], "PS": values["DS"]} if len(values["DS"]) == len(values["PS"]) else {}

    stored(fw, change)


@fault(
    "pw-refused-value-comes-back",
    "history",
    "ID-03-PS PC-02",
    "A ProductSecret that was refused as too long is there, cut to 64 bytes, after the next power cut.",
    'AT+ALYPRODUCTSECRET="old"\nAT+ALYPRODUCTSECRET="{s*65}"\n!off\n!on\nAT+ALYPRODUCTSECRET?',
)
def _(fw: Firmware) -> None:
    def fits(orig: Any, key: str, value: bytes) -> bool:
        good = bool(orig(key, value))
        if not good and key == "PS" and len(value) > 64:
            fw.identity.keep(key, value[:64])
        return good

    wrap(fw.identity, "fits", fits)


@fault(
    "pw-utf8-ends-value",
    "combination",
    "PC-01-DN PC-01-DS PC-05 PC-06",
    "UTF-8 in a value ends it when it is read back at power-up.",
    'AT+ALYDEVICENAME="aéb"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def change(values: dict[str, bytes]) -> dict[str, bytes]:
        return {key: values[key].decode().encode("ascii", "replace").split(b"?")[0] for key in ("DN", "DS")
                if not values[key].isascii()}  # fmt: skip

    stored(fw, change)


@fault(
    "pw-written-in-two-halves",
    "combination",
    "PC-06",
    "A value is written to flash in two steps with 0.6 s between them: a cut between them leaves half of it.",
    "!serial 41542b414c594445564943454e414d453d22616263646566220d\n!lines 1\n!off\n!on\nAT+ALYDEVICENAME?",
)
def _(fw: Firmware) -> None:
    def keep(orig: Any, key: str, value: bytes) -> None:
        if len(value) >= 4:
            orig(key, value[: len(value) // 2])
            fw.board.loop.wait(lambda: False, 0.6)
        orig(key, value)

    wrap(fw.identity, "keep", keep)


@fault(
    "pw-erased-before-write",
    "combination",
    "PC-06",
    "A ProductKey's place in flash is erased 0.6 s before it is written: a cut between leaves nothing.",
    'AT+ALYPRODUCTKEY="a"\n!serial 41542b414c5950524f445543544b45593d2262220d\n!lines 1\n!off\n!on\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    def keep(orig: Any, key: str, value: bytes) -> None:
        if key == "PK":
            orig(key, b"")
            fw.board.loop.wait(lambda: False, 0.6)
        orig(key, value)

    wrap(fw.identity, "keep", keep)


@fault(
    "pw-lower-key-read-back",
    "combination",
    "PC-01-PK PC-05 PC-06",
    "A ProductKey that begins with a capital comes back in small letters after a power cut.",
    'AT+ALYPRODUCTKEY="Abc"\n!off\n!on\nAT+ALYPRODUCTKEY?',
)
def _(fw: Firmware) -> None:
    stored(fw, lambda values: {"PK": values["PK"].lower()} if values["PK"][:1].isupper() else {})


@fault(
    "pw-number-read-back",
    "combination",
    "PC-01-DN PC-01-DS PC-05 PC-06",
    "A value of digits only is read back as a number: leading zeros are gone after a power cut.",
    'AT+ALYDEVICENAME="007"\n!off\n!on\nAT+ALYDEVICENAME?',
)
def _(fw: Firmware) -> None:
    def change(values: dict[str, bytes]) -> dict[str, bytes]:
        return {key: b"%d" % int(values[key]) for key in ("DN", "DS") if values[key].isdigit()}

    stored(fw, change)


@fault(
    "pw-cut-in-session-keeps-settings",
    "history",
    "PC-03 PC-04 CC-01 MC-01",
    "After a power cut in which a session was open the settings are those from before.",
    "AT+ALYCONNECTCFG=1,1884,0\nAT+ALYMQTTCFG=1,3000,90000\n!open\n!off\n!on\nAT+ALYCONNECTCFG?",
)
def _(fw: Firmware) -> None:
    if fw.memo.get("settings-before"):
        fw.settings.connection, fw.settings.mqtt = fw.memo.pop("settings-before")

    def accepted(orig: Any, answer: bytes) -> None:
        orig(answer)
        fw.memo["settings-before"] = fw.session.used

    def close(orig: Any) -> None:
        orig()
        fw.memo.pop("settings-before", None)

    wrap(fw.session, "accepted", accepted)
    wrap(fw.session, "close", close)
