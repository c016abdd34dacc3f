"""A made-up run of which only the network matters: records what the cloud would, in the cloud's own words."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

from reports.record import RecordWriter, RunRecord
from rigs.cloud.codec import encode
from rigs.cloud.events import Closed, Connected, Direction, Ending, Event, Listening, PacketSeen, Party
from rigs.cloud.packets import Connack, ConnackCode, Connect, Packet, Publish, QoS
from tests.reports.synthetic import run_fields

PASSWORD = b"4F3A0C7E5B7DAB0DF2A8"
CONNECT = Connect("device|securemode=3|", True, 60, "dn&pk", PASSWORD)
CONNACK = Connack(ConnackCode.ACCEPTED)


def publish(payload: bytes, topic: str = "/pk/dn/user/t") -> Publish:
    return Publish(topic, payload, QoS.AT_MOST_ONCE, None)


class Network:
    """Writes ``record.jsonl`` in a directory; each event comes a millisecond after the one before."""

    def __init__(self, run_dir: Path) -> None:
        self.path = run_dir / "record.jsonl"
        self._writer = RecordWriter(self.path)
        self._writer.write("run", **run_fields())
        self._writer.write("catalogue", requirements=[], sections=[], tests={})
        self.test: str | None = None
        self.now = time.monotonic()
        self.listening()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def read(self) -> RunRecord:
        self._writer.close()
        return RunRecord.load(self.path)

    def later(self) -> float:
        self.now += 0.001
        return self.now

    def add(self, event: Event) -> None:
        fields = event.to_record()
        self._writer.write(fields.pop("kind"), test=self.test, at=event.time, **fields)

    def write(self, kind: str, **fields: object) -> None:
        """An event as it stands, right or wrong."""
        self._writer.write(kind, test=self.test, at=self.later(), **fields)

    def listening(self, host: str = "127.0.0.1") -> None:
        self.add(Listening(self.later(), None, f"{host}:11883", False))
        self.add(Listening(self.later(), None, f"{host}:18883", True))

    def begin_test(self, nodeid: str) -> None:
        self.test = nodeid
        self.write("test-start", requirements=[])

    def end_test(self, verdict: str = "PASS") -> None:
        self.write("test-end", verdict=verdict, seconds=0.1)
        self.test = None

    def connected(self, number: int = 1, peer: str = "127.0.0.1:40001", *, tls: bool = False) -> None:
        self.add(Connected(self.later(), number, peer, tls))

    def up(self, packet: Packet, number: int = 1) -> None:
        self.add(PacketSeen(self.later(), number, Direction.UP, packet, encode(packet)))

    def down(self, packet: Packet, number: int = 1) -> None:
        self.add(PacketSeen(self.later(), number, Direction.DOWN, packet, encode(packet)))

    def online(self, number: int = 1, peer: str = "127.0.0.1:40001", *, tls: bool = False) -> None:
        """Connected and logged in."""
        self.connected(number, peer, tls=tls)
        self.up(CONNECT, number)
        self.down(CONNACK, number)

    def closed(
        self, number: int = 1, by: Party = Party.MODULE, how: Ending = Ending.FIN, reason: str = "closed by the module"
    ) -> None:
        self.add(Closed(self.later(), number, by, how, False, reason))

    def ended(self, verdict: str = "PASS") -> None:
        self.write("end", exit_status=0, verdict=verdict)
