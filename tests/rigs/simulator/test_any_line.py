"""Whatever comes down the line, the firmware answers it once and keeps its state."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rigs.simulator.codes import Refused
from rigs.simulator.console import Console
from rigs.simulator.firmware import Firmware
from rigs.simulator.loop import Loop
from rigs.simulator.options import ModuleOptions
from rigs.simulator.parser import split_parameters

IDENTITY = ("DEVICENAME", "DEVICESECRET", "PRODUCTKEY", "PRODUCTSECRET")
HARMLESS = (*IDENTITY, "CONNECTCFG", "MQTTCFG", "MQTTCLOSE", "MQTTPUB")
arguments = st.binary(max_size=80).map(lambda data: data.replace(b"\r", b""))
lines = st.one_of(
    arguments,
    arguments.map(lambda data: b"AT" + data),
    st.builds(
        lambda name, operator, data: b"AT+ALY" + name.encode() + operator + data,
        st.sampled_from(HARMLESS),
        st.sampled_from([b"", b"=", b"?", b"=?", b'="', b"=0,"]),
        st.one_of(arguments, arguments.map(lambda data: data + b'"')),
    ),
).filter(lambda line: line and not line.upper().startswith((b"AT+MREBOOT", b"AT+MPOF")))


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firmware]:
    ours, theirs = socket.socketpair()
    state: Path = tmp_path_factory.mktemp("any") / "state.json"
    with ours, theirs:
        module = Firmware(theirs, ModuleOptions(state=state, durable=False))
        yield module
        module.loop.close()


@settings(deadline=None, max_examples=300)
@given(line=lines)
def test_one_final_result_and_no_change_without_ok(firmware: Firmware, line: bytes) -> None:
    before = {name: firmware.memory.read(name) for name in IDENTITY}
    *_, final = response = firmware.answer(line)
    finals = [entry for entry in response if entry in (b"OK", b"ERROR") or entry.startswith(b"+CME ERROR: ")]
    assert finals[-1:] == [final]
    after = {name: firmware.memory.read(name) for name in IDENTITY}
    assert after == before or final == b"OK"
    assert all(len(value) <= firmware.limits[name] for name, value in after.items())


@given(values=st.lists(st.binary(max_size=20), min_size=1, max_size=5))
def test_quoted_parameters_come_back_as_they_were(values: list[bytes]) -> None:
    written = b",".join(b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"' for value in values)
    assert [parameter.value for parameter in split_parameters(written)] == values


@given(data=st.binary(max_size=60))
def test_the_parser_splits_or_refuses(data: bytes) -> None:
    try:
        assert split_parameters(data)
    except Refused:
        assert b'"' in data


@given(chunks=st.lists(st.sampled_from([b"AT", b"\r", b"\n", b"+X", b"\0", b"y" * 9]), max_size=30))
def test_lines_do_not_depend_on_how_the_bytes_were_cut(chunks: list[bytes]) -> None:
    def read(pieces: list[bytes]) -> tuple[list[bytes], bytes]:
        ours, theirs = socket.socketpair()
        loop = Loop()
        with ours, theirs:
            console = Console(theirs, loop, limit=12)
            found: list[bytes] = []
            for piece in filter(None, pieces):
                ours.sendall(piece)
                loop.step(5)
                while (line := console.next_line()) is not None:
                    found.append(line)
            loop.close()
            theirs.shutdown(socket.SHUT_WR)
            return found, ours.makefile("rb").read()

    whole = b"".join(chunks)
    assert read(chunks) == read([whole]) == read([whole[at : at + 1] for at in range(len(whole))])
