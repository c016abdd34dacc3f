"""The documented kinds of port in front of ser2net, as labs have them: open, shared, restarted, gone."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from rigs.at.dialogue import Dialogue
from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.port import PortReader
from rigs.transcript import Transcript
from rigs.transports import transport_for
from tests.fixtures.by_hand import simulator
from tests.rigs.at.fake_line import Recorder
from tests.rigs.lines import Ser2net, needs_ser2net

pytestmark = needs_ser2net
KINDS = pytest.mark.parametrize("kind", ["socket", "rfc2217"])
BRISK = replace(Deadlines(), command=10.0, port=30.0, poll=0.05, guard=0.0)


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def device(closing: ExitStack) -> str:
    """The simulator's line, where the lab would have plugged its adapter in."""
    return closing.enter_context(simulator()).url


def talking(closing: ExitStack, url: str, sink: Recorder, deadlines: Deadlines = BRISK) -> Dialogue:
    dialogue = Dialogue(transport_for(url, 115200, deadlines.write), Transcript(sink), deadlines)
    dialogue.open()
    closing.callback(dialogue.close)
    assert dialogue.wake(20)
    return dialogue


@KINDS
def test_a_dialogue(kind: str, device: str, tmp_path: Path, closing: ExitStack) -> None:
    server = closing.enter_context(Ser2net(tmp_path, device, kind))
    dialogue = talking(closing, server.url, Recorder())
    value = "\\xff~ ,'" + "x" * 20
    assert dialogue.send(f'AT+ALYDEVICENAME="{value}"').ok
    assert dialogue.send("AT+ALYDEVICENAME?").says(value)


@KINDS
def test_a_server_that_is_restarted_is_found_again(kind: str, device: str, tmp_path: Path, closing: ExitStack) -> None:
    server = closing.enter_context(Ser2net(tmp_path, device, kind))
    dialogue = talking(closing, server.url, sink := Recorder())
    server.stop()
    with pytest.raises(BenchError, match="was lost while waiting"):
        dialogue.wait_unsolicited(lambda _: False, 60)
    server.start()
    assert dialogue.send("AT").ok
    (incident,) = sink.of("incident")
    assert "the other end closed the connection" in incident["text"]
    assert incident["recovered"]


@KINDS
def test_a_port_that_somebody_else_holds_says_so(kind: str, device: str, tmp_path: Path, closing: ExitStack) -> None:
    server = closing.enter_context(Ser2net(tmp_path, device, kind))
    first = talking(closing, server.url, Recorder())
    second = transport_for(server.url, 115200, 10.0)
    with pytest.raises(BenchError) as caught:
        second.open()
    assert "Port already in use" in caught.value.message
    assert server.url in caught.value.message
    assert "close the program" in caught.value.act
    assert len(str(caught.value).splitlines()) == 1
    assert first.send("AT").ok


@KINDS
def test_a_server_that_is_gone_refuses(kind: str, device: str, tmp_path: Path) -> None:
    with Ser2net(tmp_path, device, kind) as server:
        url = server.url
    with pytest.raises(BenchError, match=r"cannot be opened: .*refused"):
        transport_for(url, 115200, 10.0).open()


@KINDS
def test_the_port_is_closed_by_another_thread_and_opened_again(
    kind: str, device: str, tmp_path: Path, closing: ExitStack
) -> None:
    server = closing.enter_context(Ser2net(tmp_path, device, kind))
    heard: queue.Queue[bytes] = queue.Queue()
    lost: queue.Queue[str] = queue.Queue()
    reader = PortReader(transport_for(server.url, 115200, 10.0), lambda chunk, _: heard.put(chunk), lost.put)
    for _ in range(2):
        reader.open()
        reader.write(b"AT\r")
        answer = b""
        while b"OK\r\n" not in answer:
            answer += heard.get(timeout=20)
        reader.close()
    assert lost.empty()


def test_a_server_that_does_not_confirm_dtr_is_told_from_a_dead_one(
    device: str, tmp_path: Path, closing: ExitStack
) -> None:
    server = closing.enter_context(Ser2net(tmp_path, device, "rfc2217"))
    with pytest.raises(BenchError, match="does not confirm the state of DTR and RTS") as caught:
        transport_for(server.url.removesuffix("?ign_set_control"), 115200, 10.0).open()
    assert "?ign_set_control" in caught.value.act


def test_a_device_that_its_server_cannot_open_says_so(tmp_path: Path, closing: ExitStack) -> None:
    server = closing.enter_context(Ser2net(tmp_path, "/dev/no-such-port", "socket"))
    transport = transport_for(server.url, 115200, 10.0)
    with pytest.raises(BenchError, match="the other end closed the connection"):
        transport.open()
