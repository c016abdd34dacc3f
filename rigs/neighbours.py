"""Watches a device node for other programs that open it: whoever reads there, too, takes bytes of the answers away."""

from __future__ import annotations

import contextlib
import select
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from rigs.deadlines import Deadlines
from rigs.errors import BenchError
from rigs.holders import holders_of, named, sees_everybody
from rigs.port import TransportLost
from rigs.sentence import say
from rigs.transcript import Transcript
from rigs.transports import CLOSE_THE_OTHER, SerialTransport

if sys.platform == "linux":
    from inotify_simple import INotify, flags
else:
    INotify = flags = None


@dataclass(frozen=True)
class Intrusion:
    """A time during which another program had the device open."""

    begin: float
    """Monotonic time."""
    end: float | None
    """Monotonic time; None while it goes on."""
    holder: str
    """Who it was, for messages."""

    @property
    def seconds(self) -> float:
        """How long it has been going on, or was."""
        return (time.monotonic() if self.end is None else self.end) - self.begin


class PortWatch:
    """Tells when another program opens the device that the bench talks over, and who it is.

    The kernel tells of every opening and closing (inotify), /proc who it was. To be begun when the bench has opened the
    device and ended before it closes it, so that what the bench does itself is not seen. Where the system has no
    inotify, or no more of it to give (``fs.inotify.max_user_instances``), nothing is: `watching` says so.
    One thread asks; a thread of the watch's own listens. ``changed`` is notified with all that it notices.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self._intrusions: list[Intrusion] = []
        self._asked = 0
        """How many intrusions `check` or `settle` has dealt with."""
        self._taken = 0
        """How many intrusions `take_over` has given away."""
        self._device = ""
        self._inotify: INotify | None = None
        self._descriptor = -1
        self._thread: threading.Thread | None = None
        self._ended = False
        """Whether the kernel tells of nothing more."""
        self._unseen = 0
        """Openings since the watch began that have not been closed again."""

    def begin(self, device: str) -> None:
        """Watch ``device`` from now on, for those who have it open already, too."""
        self.end()
        if INotify is None:
            return
        try:
            inotify = INotify()
        except OSError:
            return
        try:
            # Opened and closed: by whoever, for reading or writing.
            descriptor = inotify.add_watch(device, flags.OPEN | flags.CLOSE_WRITE | flags.CLOSE_NOWRITE)
        except OSError:
            # The device went in the meantime, which its reader notices.
            inotify.close()
            return
        with self.changed:
            self._device, self._inotify, self._descriptor, self._unseen = device, inotify, descriptor, 0
            self._ended = False
            self._look(0)
        self._thread = threading.Thread(target=self._listen, args=(inotify,), name="port-watch", daemon=True)
        self._thread.start()

    @property
    def watching(self) -> bool:
        """Whether openings of the device are noticed."""
        return self._inotify is not None

    def end(self) -> None:
        """Watch no longer; what is under way counts as ended."""
        inotify = self._inotify
        if inotify is None:
            return
        with contextlib.suppress(OSError):
            # Its last event ends the thread. With the device the kernel has removed the watch by itself.
            inotify.rm_watch(self._descriptor)
        if self._thread is not None:
            self._thread.join(Deadlines.reader_end)
        with self.changed:
            self._inotify = None
            self._over(time.monotonic())
        inotify.close()

    def check(self) -> None:
        """Raise `BenchError` when another program has the device open, or had since `check` or `settle` was called."""
        with self.changed:
            self._catch_up()
            new = self._intrusions[self._asked :]
            self.settle()
        if new:
            last = new[-1]
            open_in = (
                say("is open in") if last.end is None else say("was open for {seconds:.1f} s in", seconds=last.seconds)
            )
            raise BenchError(
                say(
                    "serial port {device} {open_in} {holder} as well, which takes bytes of the answers away",
                    device=self._device,
                    open_in=open_in,
                    holder=last.holder,
                ),
                act=CLOSE_THE_OTHER,
            )

    def settle(self) -> None:
        """Intrusions that are over have been dealt with; one under way goes on counting."""
        with self.changed:
            self._asked = len(self._intrusions) - (self.under_way is not None)

    def intrusions_since(self, moment: float) -> tuple[Intrusion, ...]:
        """Intrusions that were under way at monotonic time ``moment`` or began later."""
        with self.changed:
            self._catch_up()
            return tuple(item for item in self._intrusions if item.end is None or item.end >= moment)

    @property
    def under_way(self) -> Intrusion | None:
        """The intrusion that goes on."""
        with self.changed:
            self._catch_up()
            last = self._intrusions[-1] if self._intrusions else None
            return last if last is not None and last.end is None else None

    def take_over(self) -> tuple[Intrusion, ...]:
        """The intrusions that are over, each of them once."""
        with self.changed:
            self._catch_up()
            over = tuple(item for item in self._intrusions[self._taken :] if item.end is not None)
            self._taken += len(over)
            return over

    def wait_free(self, deadline: float) -> bool:
        """Wait at most ``deadline`` seconds until no other program has the device open; whether that came to be."""
        with self.changed:
            return self.changed.wait_for(lambda: self.under_way is None, deadline)

    def _listen(self, inotify: INotify) -> None:
        readable = select.poll()
        readable.register(inotify.fileno(), select.POLLIN)
        while not self._ended:
            readable.poll()
            with self.changed:
                self._catch_up()

    def _catch_up(self) -> None:
        """Take notice of what the kernel has told so far: whoever asks must not be quicker than the thread.

        The caller holds ``changed``.
        """
        if self._inotify is None or self._ended:
            return
        for event in self._inotify.read(timeout=0):
            if event.mask & flags.IGNORED:
                self._ended = True
            else:
                self._look(1 if event.mask & flags.OPEN else -1)

    def _look(self, change: int) -> None:
        """One opening (1) or closing (-1) came, or the watch begins (0): see who is there now.

        The caller holds ``changed``.
        """
        at = time.monotonic()
        everybody = holders_of(self._device)
        # What the bench has started, a power command of the rig file's, is no stranger.
        present = tuple(holder for holder in everybody if not holder.ours)
        # Who can be seen needs no counting, which goes wrong where the kernel takes two events for one.
        self._unseen = 0 if present or sees_everybody() else max(0, self._unseen + change)
        last = self._intrusions[-1] if self._intrusions else None
        under_way = last if last is not None and last.end is None else None
        if present or self._unseen:
            if under_way is None:
                self._intrusions.append(Intrusion(at, None, named(present)))
            elif present:
                self._intrusions[-1] = replace(under_way, holder=named(present))
        else:
            if change == 1 and under_way is None and not everybody:
                self._intrusions.append(Intrusion(at, at, named(())))
            self._over(at)
        self.changed.notify_all()

    def _over(self, at: float) -> None:
        last = self._intrusions[-1] if self._intrusions else None
        if last is not None and last.end is None:
            self._intrusions[-1] = replace(last, end=at)
        self.changed.notify_all()


class WatchedTransport:
    """A device that is watched for as long as it is open."""

    def __init__(self, transport: SerialTransport, watch: PortWatch) -> None:
        self._transport = transport
        self._watch = watch
        self.read, self.write = transport.read, transport.write
        self.describe, self.restore_settings = transport.describe, transport.restore_settings

    def open(self) -> None:
        self._watch.end()
        self._transport.open()
        if (device := self._transport.device) is not None:
            self._watch.begin(device)

    def close(self) -> None:
        self._watch.end()
        self._transport.close()


def wait_until_alone(
    watch: PortWatch,
    transcript: Transcript,
    deadline: float = Deadlines.alone,
    restore: Callable[[], None] = lambda: None,
) -> bool:
    """Wait until no other program has the device open, and note what there was of it as incidents; whether there was.

    ``deadline`` counts from the beginning of an intrusion, so that one which stays is waited for once. Raises
    `BenchError` when it does. ``restore`` is called when another program has been there: it may have changed the
    settings of the device.
    """
    if (under_way := watch.under_way) is not None:
        watch.wait_free(max(0.0, under_way.begin + deadline - time.monotonic()))
    watch.settle()
    for item in (over := watch.take_over()):
        transcript.incident(
            say(
                "another program had the serial port open as well, for {seconds:.1f} s: {holder}",
                seconds=item.seconds,
                holder=item.holder,
            ),
            act=CLOSE_THE_OTHER,
            recovered=True,
            about="bench",
            begin=item.begin,
            end=item.end,
        )
    watch.check()
    if over:
        with contextlib.suppress(TransportLost):
            # A device that is gone is noticed where it is used.
            restore()
    return bool(over)
