"""Every wait of the bench has its limit here, in seconds.

The values come from the field: hosts of this module wait 5 s for an answer, up to 150 s for an MQTT open on a bad
network, and leave at least 20 ms between a final result code and the next command line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Deadlines:
    """The longest wait for each kind of event, in seconds."""

    command: float = 5.0
    """A final result code of a command that needs no network."""
    network: float = 30.0
    """A final result code of a command that needs an answer from the cloud."""
    open: float = 150.0
    """A final result code of AT+ALYMQTTOPEN."""
    repeated_silence: float = 5.0
    """A command that has already been met with silence once: waiting the whole time again tells nothing new."""
    hopeless_silence: float = 1.0
    """A command that has been met with silence several times."""
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
        """The same limits without the pauses of a physical line and the patience for a carrier's network."""
        return replace(self, guard=0.0, quiet=0.03, poll=0.05, open=30.0, network=15.0)
