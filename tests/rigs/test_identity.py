"""A module's own identity: read, kept, and given back byte for byte, whatever way a firmware shows it."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rigs import identity
from rigs.at.exchange import Exchange
from rigs.at.lines import Line, LineEnd
from rigs.at.results import final_result
from rigs.identity import CopyStore, IdentityCopy, IdentityError, Owner

NAME = "ALYDEVICENAME"
_SET = re.compile(rb'AT\+ALYDEVICENAME=("?)(.*?)("?)', re.DOTALL)
Show = Callable[[bytes], bytes]


def escaped(value: bytes) -> bytes:
    return b'"' + value.replace(b'"', b'\\"') + b'"'


SHOWN: dict[str, Show] = {
    "bare": lambda value: value,
    "blank": lambda value: b" " + value,
    "quoted": escaped,
    "quoted, inner quotes as they are": lambda value: b'"' + value + b'"',
    "blank and quotes": lambda value: b" " + escaped(value),
}
VALUES = [b"meter-0042", b"ab c ", b'x"y', b" leading", b"a,b", "名称".encode(), b"\xff\xfe\x80", b""]


class Firmware:
    """Holds one value, takes it in quotes with a quote inside escaped, and shows it in its own way."""

    def __init__(
        self,
        value: bytes,
        show: Show,
        *,
        takes: Callable[[bytes], bool] = lambda _value: True,
        unescape: Callable[[bytes], bytes] = lambda inner: inner.replace(b'\\"', b'"'),
    ) -> None:
        self.value = value
        self.sets: list[bytes] = []
        self._show = show
        self._takes = takes
        self._unescape = unescape

    def __call__(self, line: bytes) -> Exchange:
        if line == b"AT+ALYDEVICENAME?":
            return answered(line, b"+ALYDEVICENAME:" + self._show(self.value), b"OK")
        argument = line.partition(b"=")[2]
        self.sets.append(argument)
        inner = argument[1:-1]
        well_formed = len(argument) >= 2 and argument[:1] == argument[-1:] == b'"'
        bare_quote = b'"' in re.sub(rb"\\.", b"", inner, flags=re.DOTALL)
        if not well_formed or bare_quote or not self._takes(inner):
            return answered(line, b"+CME ERROR: 50")
        self.value = self._unescape(inner)
        return answered(line, b"OK")


def answered(command: bytes, *lines: bytes) -> Exchange:
    final = final_result(lines[-1])
    assert final is not None
    return Exchange(0, command, tuple(Line(text, LineEnd.CRLF, 0.0) for text in lines), final)


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_whatever_a_module_held_it_holds_again(value: bytes, show: Show) -> None:
    firmware = Firmware(value, show)
    shown = identity.read(firmware, [NAME])
    firmware(b'AT+ALYDEVICENAME="bench"')
    assert identity.give_back(firmware, shown) == []
    assert firmware.value == value


def unescape(argument: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", argument, flags=re.DOTALL)


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("value", [rb"pa\sword", rb"pa\\sword", rb"a\"b"], ids=repr)
def test_a_module_that_takes_a_backslash_for_an_escape(value: bytes, show: Show) -> None:
    firmware = Firmware(value, show, unescape=unescape)
    shown = identity.read(firmware, [NAME])
    firmware(b'AT+ALYDEVICENAME="bench"')
    assert identity.give_back(firmware, shown) == []
    assert firmware.value == value


def test_a_value_that_is_there_is_not_set() -> None:
    firmware = Firmware(b"meter-0042", SHOWN["bare"])
    assert identity.give_back(firmware, {NAME: b"meter-0042"}) == []
    assert firmware.sets == []


def test_what_the_module_does_not_take_is_named() -> None:
    firmware = Firmware(b"bench", SHOWN["bare"], takes=lambda _value: False)
    assert identity.give_back(firmware, {NAME: b"meter-0042"}) == [NAME]


@pytest.mark.parametrize("value", [b"meter-0042", b"ab c ", b""], ids=repr)
def test_an_ordinary_value_is_not_in_doubt_and_not_set(value: bytes) -> None:
    firmware = Firmware(value, SHOWN["quoted"])
    assert identity.why_in_doubt(firmware, NAME, escaped(value), limit=32) is None
    assert firmware.sets == []


@pytest.mark.parametrize("value", [b'x"y', b"\xff\xfe", b"a" * 40], ids=["quote", "bytes", "over-long"])
def test_an_odd_value_is_tried(value: bytes) -> None:
    firmware = Firmware(value, SHOWN["quoted"])
    assert identity.why_in_doubt(firmware, NAME, escaped(value), limit=32) is None
    assert firmware.sets
    assert firmware.value == value


def test_an_odd_value_that_does_not_come_back_is_in_doubt() -> None:
    firmware = Firmware(b"a" * 40, SHOWN["bare"], takes=lambda value: len(value) <= 32)
    doubt = identity.why_in_doubt(firmware, NAME, b"a" * 40, limit=32)
    assert doubt == "set to what it is, it does not come back the same, and may have changed"
    assert firmware.value == b"a" * 40


@pytest.mark.parametrize(
    ("shown", "doubt"),
    [(None, "it cannot be read"), (b'"****"', "the module shows stars in its place"), (b"5f4d****cf99", "stars")],
)
def test_what_cannot_be_seen_is_in_doubt_and_not_set(shown: bytes | None, doubt: str) -> None:
    firmware = Firmware(b"secret", SHOWN["bare"])
    assert doubt in (identity.why_in_doubt(firmware, NAME, shown, limit=32) or "")
    assert firmware.sets == []


def copy(rig: str = "bench", port: str = "/dev/ttyUSB0", serial: str | None = "867000000000010") -> IdentityCopy:
    return IdentityCopy(
        schema=1,
        rig=rig,
        port=port,
        module=Owner(model="ML302", revision="1.0", serial_number=serial),
        kept=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        close="AT+ALYMQTTCLOSE",
        values={NAME: "\xff\xfe named"},
    )


def test_a_copy_is_for_its_user_alone_and_comes_back_the_same(tmp_path: Path) -> None:
    store = CopyStore(tmp_path / "state" / "identities")
    saved = store.save(copy())
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(saved.path.parent.stat().st_mode) == 0o700
    (found,) = store.of_rig("bench")
    assert found.copy == copy()
    assert found.copy.shown == {NAME: b"\xff\xfe named"}
    found.erase()
    assert store.of_rig("bench") == []
    assert list(saved.path.parent.iterdir()) == []


def test_each_rig_and_module_has_its_own(tmp_path: Path) -> None:
    store = CopyStore(tmp_path)
    copies = [copy(), copy(serial="867000000000028"), copy(port="/dev/ttyUSB1"), copy(rig="bench-2")]
    for one in copies:
        store.save(one)
    assert len(list(tmp_path.iterdir())) == 4
    assert {found.copy.rig for found in store.of_rig("bench")} == {"bench"}
    assert len(store.of_rig("bench")) == 3


def test_a_state_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", "ascii")
    with pytest.raises(IdentityError, match=r"state.*cannot be kept here.*XDG_STATE_HOME") as caught:
        CopyStore(tmp_path / "state" / "identities").save(copy())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", '{"schema": 1}', '{"schema": 7}'], ids=["empty", "cut", "keys", "schema"])
def test_a_copy_out_of_shape_is_named(tmp_path: Path, text: str) -> None:
    path = CopyStore(tmp_path).save(copy()).path
    path.write_text(text, "ascii")
    with pytest.raises(IdentityError, match=re.escape(str(path))) as caught:
        CopyStore(tmp_path).of_rig("bench")
    assert "\n" not in str(caught.value)


def test_what_is_out_of_shape_is_not_shown(tmp_path: Path) -> None:
    path = CopyStore(tmp_path).save(copy()).path
    path.write_text(path.read_text("utf-8").replace("ALYDEVICENAME", 'x": {"y": "Secret123"}, "z'), "utf-8")
    with pytest.raises(IdentityError) as caught:
        CopyStore(tmp_path).of_rig("bench")
    assert "Secret123" not in str(caught.value)


ML302, NAMELESS = Owner(model="ML302", serial_number="867000000000010"), Owner(model="ML302")


@pytest.mark.parametrize(
    ("kept", "module", "port", "moved", "fits"),
    [
        (copy(), ML302, "/dev/ttyUSB0", False, True),
        (copy(), ML302.model_copy(update={"revision": "2.0"}), "/dev/ttyUSB0", False, True),
        (copy(), ML302.model_copy(update={"serial_number": "1"}), "/dev/ttyUSB0", True, False),
        (copy(), NAMELESS, "/dev/ttyUSB0", True, False),
        (copy(), ML302, "/dev/ttyUSB7", False, False),
        (copy(), ML302, "/dev/ttyUSB7", True, True),
        (copy(serial=None), NAMELESS, "/dev/ttyUSB0", False, True),
        (copy(serial=None), NAMELESS, "/dev/ttyUSB7", True, False),
        (copy(serial=None), Owner(model="ML307"), "/dev/ttyUSB0", True, False),
    ],
)
def test_whose_a_copy_is(kept: IdentityCopy, module: Owner, port: str, moved: bool, fits: bool) -> None:
    assert identity.belongs(kept, module, port, moved=moved) is fits


def test_the_state_folder_follows_xdg(tmp_path: Path) -> None:
    folder = identity.state_folder({"XDG_STATE_HOME": str(tmp_path)})
    assert folder == tmp_path / "ml302-conformance" / "identities"
    assert identity.state_folder({}).is_relative_to(Path.home())
