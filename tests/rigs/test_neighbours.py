"""Other programs at the device that the bench talks over: seen, named, waited for, and never mistaken for the bench."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rigs.errors import BenchError
from rigs.holders import holders_of
from rigs.neighbours import PortWatch, WatchedTransport, wait_until_alone
from rigs.transcript import Transcript
from rigs.transports import SerialTransport
from tests.fixtures.by_hand import simulator
from tests.rigs.at.fake_line import Recorder
from tests.rigs.lines import needs_inotify, needs_socat, socat_pair, stranger

pytestmark = needs_inotify
LONG = 60.0


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def device(closing: ExitStack) -> str:
    master, slave = os.openpty()
    closing.callback(os.close, master)
    closing.callback(os.close, slave)
    return os.ttyname(slave)


@pytest.fixture
def watch(device: str, closing: ExitStack) -> PortWatch:
    """A watch of the device, begun."""
    watch = PortWatch()
    watch.begin(device)
    closing.callback(watch.end)
    return watch


def seen(watch: PortWatch) -> None:
    """Wait until the watch has noticed that somebody is there."""
    with watch.changed:
        assert watch.changed.wait_for(lambda: watch.under_way is not None, LONG)


def test_a_device_that_nobody_else_opens(watch: PortWatch) -> None:
    watch.check()
    assert watch.wait_free(0)
    assert watch.intrusions_since(0) == ()


def test_somebody_who_comes_and_goes(watch: PortWatch, device: str) -> None:
    begin = time.monotonic()
    with stranger(device) as other:
        seen(watch)
        assert not watch.wait_free(0)
        for _ in range(2):
            with pytest.raises(
                BenchError, match=rf"{device} is open in python3?\S* \(pid {other.pid}\) as well"
            ) as caught:
                watch.check()
            assert "close the program" in caught.value.act
        other.leave()
        assert watch.wait_free(LONG)
    with pytest.raises(BenchError, match="was open for"):
        watch.check()
    watch.check()
    (intrusion,) = watch.intrusions_since(begin)
    assert intrusion.end is not None
    assert begin <= intrusion.begin <= intrusion.end <= time.monotonic()
    assert watch.intrusions_since(time.monotonic()) == ()


def test_somebody_who_has_gone_is_told_of_once(watch: PortWatch, device: str) -> None:
    with stranger(device):
        seen(watch)
    assert watch.wait_free(LONG)
    with pytest.raises(BenchError, match=r"was open for \d+\.\d s in"):
        watch.check()
    watch.check()


def test_somebody_who_has_been_there_before(device: str, closing: ExitStack) -> None:
    other = closing.enter_context(stranger(device))
    watch = PortWatch()
    watch.begin(device)
    closing.callback(watch.end)
    with pytest.raises(BenchError, match=f"pid {other.pid}"):
        watch.check()
    other.leave()
    assert watch.wait_free(LONG)


def test_of_two_the_last_one_has_to_go(watch: PortWatch, device: str) -> None:
    with stranger(device) as first, stranger(device) as second:
        seen(watch)
        first.leave()
        with watch.changed:
            gone = watch.changed.wait_for(lambda: str(first.pid) not in str(watch.under_way), LONG)
        assert gone
        with pytest.raises(BenchError, match=f"pid {second.pid}"):
            watch.check()
    assert watch.wait_free(LONG)


def test_a_program_too_quick_to_be_named_is_noticed(watch: PortWatch, device: str) -> None:
    # In this process, which a search for strangers leaves out.
    os.close(os.open(device, os.O_RDWR | os.O_NOCTTY))
    with watch.changed:
        assert watch.changed.wait_for(lambda: watch.intrusions_since(0), LONG)
    assert watch.wait_free(LONG)
    with pytest.raises(BenchError, match="program"):
        watch.check()


def test_what_the_bench_does_itself_is_no_intrusion(device: str) -> None:
    watch = PortWatch()
    transport = WatchedTransport(SerialTransport(device), watch)
    for _ in range(3):
        transport.open()
        transport.write(b"AT\r")
        transport.close()
    assert watch.intrusions_since(0) == ()


@needs_socat
def test_what_the_bench_has_started_is_no_stranger(tmp_path: Path) -> None:
    program = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print(flush=True); sys.stdin.read()"
    with socat_pair(tmp_path) as (device, _):
        watch = PortWatch()
        watch.begin(device)
        command = [sys.executable, "-c", program, device]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline()
            (holder,) = holders_of(device)
            assert (holder.pid, holder.ours) == (child.pid, True)
            assert watch.under_way is None
            child.communicate()
        watch.end()
        assert watch.intrusions_since(0) == ()


def test_whoever_offers_a_pseudo_terminal_is_no_stranger() -> None:
    with simulator() as module:
        assert holders_of(module.url) == ()


@needs_socat
def test_socat_is_no_stranger_at_its_own_ends(tmp_path: Path) -> None:
    with socat_pair(tmp_path) as ends:
        assert [holders_of(end) for end in ends] == [(), ()]
        with stranger(ends[0]) as other:
            assert [holder.pid for holder in holders_of(ends[0])] == [other.pid]
            assert holders_of(ends[1]) == ()


def test_a_device_that_goes_ends_the_watch() -> None:
    master, slave = os.openpty()
    device = os.ttyname(slave)
    watch = PortWatch()
    watch.begin(device)
    os.close(slave)
    os.close(master)
    watch.end()
    watch.check()
    assert not watch.watching
    assert watch.under_way is None


def test_a_device_that_is_not_there_is_not_watched() -> None:
    watch = PortWatch()
    watch.begin("/dev/no-such-port")
    assert not watch.watching
    watch.check()
    watch.end()


def test_without_inotify_nothing_is_watched_and_the_watch_says_so(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("rigs.neighbours.INotify", refuse)
    watch = PortWatch()

    watch.begin(device)

    assert not watch.watching
    watch.check()


def test_waiting_until_alone_notes_one_incident(watch: PortWatch, device: str) -> None:
    sink, restored = Recorder(), []
    transcript = Transcript(sink)
    assert not wait_until_alone(watch, transcript, LONG, lambda: restored.append(1))
    with stranger(device) as other:
        seen(watch)
    assert wait_until_alone(watch, transcript, LONG, lambda: restored.append(2))
    assert not wait_until_alone(watch, transcript, LONG)
    watch.check()
    (incident,) = sink.of("incident")
    assert f"pid {other.pid}" in incident["text"]
    assert incident["recovered"]
    assert restored == [2]


def test_somebody_who_stays_is_waited_for_once(watch: PortWatch, device: str) -> None:
    transcript = Transcript(sink := Recorder())
    with stranger(device) as other:
        seen(watch)
        for _ in range(2):
            with pytest.raises(BenchError, match=f"pid {other.pid}"):
                wait_until_alone(watch, transcript, 0)
        assert not sink.of("incident")
    assert wait_until_alone(watch, transcript, LONG)
    assert len(sink.of("incident")) == 1
