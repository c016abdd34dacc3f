"""Every wait of the bench has its limit here, in seconds: its patience, which decides no verdict.

The numbers that verdicts rest on are the catalogue's; patience is never less than they are. The values come from the
field: a module registers up to minutes after power-up, and a host leaves at least 20 ms between a final result code and
the next command line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Deadlines:
    """The longest wait for each kind of event, in seconds."""

    command: float = 10.0
    """A final result code of a command that needs no network."""
    network: float = 60.0
    """A final result code of a command that needs an answer from the cloud."""
    open: float = 150.0
    """A final result code of AT+ALYMQTTOPEN."""
    repeated_silence: float = 5.0
    """A command that was met with silence the last time: waiting the whole time again tells nothing new.

    An answer that comes after it is taken for the answer all the same, and brings the whole time back.
    """
    hopeless_silence: float = 1.0
    """A command that was met with silence several times in a row."""
    byte: float = 1 / 960
    """One byte on the slowest line that is reckoned with, 9600 baud; what a command line takes comes on top."""
    line_byte: float = 0.0
    """One byte on this rig's own line, as its baud rate says; 0 where that is not known."""
    quick: float = 1.0
    """An answer to AT within this time shows that the line is not what makes other answers late."""
    registration: float = 180.0
    """A module that says it is not registered in the network to come back into it."""
    network_poll: float = 1.0
    """The pause between two questions whether the network is back."""
    mute_network: float = 60.0
    """OPEN to reach the cloud again, of a module that has been online and does not tell of its network."""
    settled_network: float = 10.0
    """OPEN to reach the cloud, of a module that has registered a moment ago."""
    profile: float = 30.0
    """After power-up a module may still load its stored profile, which is no restart."""
    downlink: float = 10.0
    """A downlink message or a URC that was provoked."""
    cloud: float = 10.0
    """A packet at the gateway, or an answer of the broker to the bench's own client."""
    recovery: float = 10.0
    """The first OK to AT after the module fell silent, before its power is cycled."""
    boot: float = 30.0
    """The first OK to AT after power-up; the rig file's power.boot_seconds."""
    first_poll: float = 0.02
    """The pause behind the first AT to a module that may not be up; it doubles from one AT to the next."""
    poll: float = 0.5
    """The longest pause between two AT while a module boots."""
    port: float = 15.0
    """A serial port that vanished and should come back."""
    write: float = 10.0
    """The serial driver taking the bytes of one command line."""
    power_command: float = 60.0
    """A power driver switching."""
    guard: float = 0.02
    """Silence the bench keeps between a final result code and its next command line."""
    quiet: float = 0.25
    """A line on which nothing came for this long is taken to be drained."""
    unterminated: float = 0.25
    """A line end that a final result code still lacks, from a module known to leave it out."""
    read: float = 0.25
    """One read of a serial driver that cannot be interrupted: so long may closing its port take."""
    reader_end: float = 5.0
    """The thread that reads the port, after the port was closed."""
    turned_away: float = 0.1
    """A server closing the connection that it does not want, because somebody else holds the port."""
    alone: float = 60.0
    """Another program closing the serial port again, from the moment it has opened it."""

    def for_simulator(self) -> Deadlines:
        """The same limits without the pauses of a physical line: only the built-in simulator is known to need none."""
        return replace(self, guard=0.0, line_byte=0.0, quiet=0.03, poll=0.05, network_poll=0.1)
