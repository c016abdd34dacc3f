"""One connection to the gateway: checks its login, carries packets to and from the broker behind, records each."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from rigs.cloud.codec import Decoder, encode
from rigs.cloud.events import (
    Closed,
    Direction,
    Ending,
    LoginChecked,
    Malformed,
    Online,
    PacketSeen,
    PacketWithheld,
    Party,
    ProfileBreached,
    RawSent,
    Unfinished,
)
from rigs.cloud.faults import (
    ActiveFaults,
    AnsweringConnack,
    Dropping,
    Malforming,
    RefusingSubscriptions,
    SilentOnConnect,
    WithholdingPuback,
)
from rigs.cloud.journal import Journal
from rigs.cloud.login import Device, check_login
from rigs.cloud.packets import (
    SUBACK_FAILURE,
    Connack,
    ConnackCode,
    Connect,
    Disconnect,
    ForeignConnect,
    MalformedPacket,
    Packet,
    Pingresp,
    Puback,
    Suback,
    Subscribe,
    Unsuback,
)
from rigs.cloud.pipe import Chunk, Piece, Pipe
from rigs.cloud.probe import greet
from rigs.cloud.profile import Breach, Rules
from rigs.cloud.streams import Stream, connected
from rigs.cloud.visitors import Visitors
from rigs.errors import BenchError
from rigs.sentence import Sentence, say

BROKER_DEADLINE = 20.0  # seconds for the broker behind to accept TCP and to answer CONNECT
_DISCONNECT_GRACE = 2.0  # seconds for the module to close TCP after its DISCONNECT (MQTT-3.14.4-1)
_LINGER = 2.0  # seconds for the module to end its side after the gateway's FIN
_READ_SIZE = 65536
_STRANGERS_BYTES = 65536  # of a stranger's unfinished packet, and of a CONNECT
_STRANGERS_PACKETS = 64


@dataclass
class Surroundings:
    """What all relays of a gateway share."""

    journal: Journal
    visitors: Visitors
    faults: ActiveFaults
    broker: tuple[str, int]
    fail: Callable[[Sentence, Sentence], None]  # message and who should act: the bench is broken
    rules: type[Rules]
    stopping: bool = False
    devices: dict[tuple[str, str], Device] = field(default_factory=dict)
    online: dict[str, object] = field(default_factory=dict)  # by stable client identifier, who logged in last


class Relay:
    """Carries one module connection until it is over."""

    def __init__(self, number: int, module: Stream, *, tls: bool, around: Surroundings) -> None:
        self.number = number
        self._module = module
        self._tls = tls
        self._note = around.visitors.note
        self._packets = 0
        self._around = around
        self._up = Pipe(around.faults, self._deliver_up, splits=False)
        self._down = Pipe(around.faults, self._deliver_down, splits=True)
        self._decoder = Decoder()
        self._upstream: Stream | None = None
        self._client_id: str | None = None
        self._rules: Rules | None = None  # once the device is known
        self._connect_seen = False
        self._disconnect_seen = False
        self._answered = False  # the broker behind has accepted the login
        self._mute = False  # a fault, a refusal or a violation: nothing more is passed on
        self._closed = False
        self._lingers = False  # its FIN is out, and what the module still sends is read over
        self._farewell: tuple[Party, str] = (Party.BROKER, say("closed by the broker"))
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def closed(self) -> bool:
        """Whether the module's connection is over (what it has sent may still be on its way to the broker)."""
        return self._closed

    async def run(self) -> None:
        """Returns when both connections are closed."""
        self._start(self._read_module())
        self._start(self._carry(self._up))
        self._start(self._carry(self._down))
        try:
            await self._over.wait()
        finally:
            by, reason = self._farewell
            self._close_module(by, Ending.FIN, reason)
            if self._upstream is not None:
                self._upstream.close()
            if self._client_id is not None and self._around.online.get(self._client_id) is self:
                del self._around.online[self._client_id]
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._lingers:
                await self._module.end(0.0 if self._around.stopping else _LINGER, self._heard)

    def drop(self, how: Ending, reason: str) -> None:
        """Cut the module off; the broker behind sees a connection lost without DISCONNECT."""
        self._close_module(Party.GATEWAY, how, reason)
        self._over.set()

    def send_raw(self, raw: bytes) -> None:
        """Send bytes to the module behind what is on its way already."""
        self._down.put(Chunk(raw, None))

    def _start(self, actor: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._guarded(actor)))

    async def _guarded(self, actor: Coroutine[Any, Any, None]) -> None:
        try:
            await actor
        except Exception as error:
            self._farewell = (Party.GATEWAY, say("the gateway failed"))
            self._around.fail(say("the gateway failed: {why}", why=repr(error)), say("report this defect of the bench"))
            self._over.set()

    async def _carry(self, pipe: Pipe) -> None:
        await pipe.run()
        self._over.set()

    # From the module

    async def _read_module(self) -> None:
        how = Ending.FIN
        reason: str = say("closed by the module")
        try:
            while data := await self._module.reader.read(_READ_SIZE):
                if not self._take(data):
                    self._up.end()
                    return
        except ConnectionError:
            how, reason = Ending.RST, say("reset by the module")
        except OSError as error:
            how, reason = Ending.LOST, str(error)
        self._close_module(Party.MODULE, how, reason)
        self._up.end()

    def _take(self, data: bytes) -> bool:
        """Record and queue the packets in ``data``; False after something that MQTT forbids."""
        malformed = None
        self._heard(data)
        try:
            packets = self._decoder.feed(data)
        except MalformedPacket as error:
            packets, malformed = error.decoded, error
        self._find_out_whose(packets, malformed)
        for packet, raw in packets:
            self._note(PacketSeen(time.monotonic(), self.number, Direction.UP, packet, raw))
            if (misplaced := self._misplaced(packet)) is not None:
                return self._violation(raw, *misplaced)
            self._connect_seen = True
            self._disconnect_seen |= isinstance(packet, Disconnect)
            self._up.put(Chunk(raw, packet))
        if malformed is not None:
            return self._violation(malformed.raw, malformed.reason, malformed.clause)
        self._packets += len(packets)
        too_much = self._packets > _STRANGERS_PACKETS or self._decoder.held > _STRANGERS_BYTES
        if too_much and not self._around.visitors.is_module(self.number):
            self._farewell = (Party.GATEWAY, say("sends much without being the module"))
            return False
        return True

    def _heard(self, data: bytes) -> None:
        if not self._connect_seen:
            self._around.visitors.heard(self.number, data)

    def _find_out_whose(self, packets: list[tuple[Packet, bytes]], malformed: MalformedPacket | None) -> None:
        if self._connect_seen or not (packets or malformed):
            return
        if packets and isinstance(connect := packets[0][0], Connect):
            self._around.visitors.connect(self.number, connect)
        else:
            self._around.visitors.nonsense(self.number)

    def _misplaced(self, packet: Packet) -> tuple[Sentence, str] | None:
        if isinstance(packet, Connect | ForeignConnect):
            return (say("second CONNECT"), "MQTT-3.1.0-2") if self._connect_seen else None
        if not self._connect_seen:
            return say("{packet} before CONNECT", packet=packet.TYPE.name), "MQTT-3.1.0-1"
        if isinstance(packet, Connack | Suback | Unsuback | Pingresp):
            return say("{packet} from a client", packet=packet.TYPE.name), "MQTT section 2.2.1"
        if self._disconnect_seen:
            return say("{packet} after DISCONNECT", packet=packet.TYPE.name), "MQTT-3.14.4-2"
        return None

    def _violation(self, raw: bytes, reason: Sentence, clause: str) -> bool:
        self._note(Malformed(time.monotonic(), self.number, raw, reason, clause))
        self._farewell = (Party.GATEWAY, say("{reason} [{clause}]", reason=reason, clause=clause))
        return False

    async def _deliver_up(self, piece: Piece) -> None:
        chunk = piece.chunk
        packet, faults = chunk.packet, self._around.faults
        if self._mute or packet is None:
            return
        if dropping := faults.find(Dropping, lambda fault: isinstance(packet, fault.on)):
            self._withheld(Direction.UP, packet, chunk.raw)
            self._mute = True
            self.drop(dropping.how, str(dropping))
            return
        match packet:
            case Connect():
                await self._log_in(packet, chunk.raw)
            case ForeignConnect():
                self._refuse(ConnackCode.UNACCEPTABLE_PROTOCOL_VERSION, say("another protocol level [MQTT-3.1.2-2]"))
            case Subscribe() if faults.find(RefusingSubscriptions):
                self._withheld(Direction.UP, packet, chunk.raw)
                self._queue_down(Suback(packet.packet_id, (SUBACK_FAILURE,) * len(packet.subscriptions)))
            case _:
                await self._pass_on(packet, chunk.raw)

    async def _log_in(self, connect: Connect, raw: bytes) -> None:
        around = self._around
        login = check_login(connect, around.devices, tls=self._tls)
        self._note(LoginChecked(time.monotonic(), self.number, login))
        if around.faults.find(SilentOnConnect):
            self._withheld(Direction.UP, connect, raw)
            self._mute = True
        elif fault := around.faults.find(AnsweringConnack):
            self._refuse(fault.code, str(fault))
        elif login.device is None or not login.accepted:
            self._refuse(login.code, login.reason)
        else:
            await self._enter(connect, raw, login.device)

    async def _enter(self, connect: Connect, raw: bytes, device: Device) -> None:
        """The login is good: the profile has the last word on the CONNECT."""
        self._rules = self._around.rules(device)
        admission = self._rules.admit(connect)
        self._breached(admission.breaches, connect, raw)
        if admission.refusal is not None:
            self._refuse(admission.refusal, admission.breaches[0].reason)
            return
        self._client_id = device.stable_client_id
        await self._open_upstream(
            replace(admission.connect, client_id=self._client_id, username=None, password=None), self._client_id
        )

    async def _pass_on(self, packet: Packet, raw: bytes) -> None:
        if self._rules is None:
            return
        ruling = self._rules.up(packet)
        self._breached(ruling.breaches, packet, raw)
        if ruling.closes:
            self._mute = True
            self._farewell = (Party.GATEWAY, ruling.breaches[0].reason)
            self._down.end()
            return
        if ruling.answer is not None:
            self._from_broker(ruling.answer, encode(ruling.answer))
        if ruling.passed_on is not None:
            await self._send_upstream(raw if ruling.passed_on is packet else encode(ruling.passed_on))

    def _breached(self, breaches: Iterable[Breach], packet: Packet, raw: bytes) -> None:
        for breach in breaches:
            self._note(ProfileBreached(time.monotonic(), self.number, breach, packet, raw))

    def _refuse(self, code: ConnackCode, reason: str) -> None:
        """CONNACK and the end of the connection (MQTT-3.2.2-5)."""
        self._mute = True
        self._farewell = (Party.GATEWAY, say("CONNACK {code}: {reason}", code=int(code), reason=reason))
        self._queue_down(Connack(code))
        self._down.end()

    # To and from the broker behind

    async def _open_upstream(self, connect: Connect, client_id: str) -> None:
        host, port = self._around.broker
        try:
            self._upstream = await connected(host, port, BROKER_DEADLINE)
        except OSError as error:
            self._broker_failed(say("cannot be reached: {why}", why=error or type(error).__name__))
            return
        self._around.online[client_id] = self
        await self._send_upstream(encode(connect))
        self._start(self._read_upstream(self._upstream))

    async def _send_upstream(self, data: bytes) -> None:
        if self._upstream is None:
            return
        try:
            self._upstream.writer.write(data)
            await self._upstream.writer.drain()
        except OSError:
            return  # the reading side finds out why

    async def _read_upstream(self, upstream: Stream) -> None:
        decoder = Decoder()
        try:
            while data := await self._read_answer(upstream):
                for packet, raw in decoder.feed(data):
                    if not self._answered and not self._accepted(packet):
                        return
                    self._answered = True
                    self._from_broker(packet, raw)
        except TimeoutError:
            self._broker_failed(say("does not answer CONNECT within {seconds:g} s", seconds=BROKER_DEADLINE))
            return
        except MalformedPacket as error:
            self._broker_failed(say("sends malformed packets: {why}", why=error))
            return
        except OSError:
            pass  # a reset; whether the broker lives is asked below
        await self._broker_closed()

    async def _read_answer(self, upstream: Stream) -> bytes:
        async with asyncio.timeout(None if self._answered else BROKER_DEADLINE):
            return await upstream.reader.read(_READ_SIZE)

    def _accepted(self, packet: Packet) -> bool:
        if not isinstance(packet, Connack):
            self._broker_failed(say("answers CONNECT with {packet}", packet=packet.TYPE.name))
        elif packet.code is not ConnackCode.ACCEPTED:
            self._broker_failed(say("refuses the gateway's CONNECT with CONNACK {code}", code=int(packet.code)))
        else:
            return True
        return False

    def _from_broker(self, packet: Packet, raw: bytes) -> None:
        if isinstance(packet, Puback) and self._around.faults.find(WithholdingPuback):
            self._withheld(Direction.DOWN, packet, raw)
        else:
            shown = packet if self._rules is None else self._rules.down(packet)
            self._queue_down(shown, raw if shown is packet else None)

    async def _broker_closed(self) -> None:
        if self._disconnect_seen:
            # The broker may close first; it is the module's duty, and how it does that is a finding.
            await asyncio.sleep(_DISCONNECT_GRACE)
            self._farewell = (Party.GATEWAY, say("left open by the module after DISCONNECT [MQTT-3.14.4-1]"))
        elif self._client_id is not None and self._around.online.get(self._client_id) is not self:
            self._farewell = (Party.BROKER, say("second login of the same device [MQTT-3.1.4-2]"))
        elif not self._answered:
            self._broker_failed(say("closes the gateway's connection without a CONNACK"))
            return
        elif not await self._broker_lives():
            self._broker_failed(say("died"))
            return
        self._down.end()

    async def _broker_lives(self) -> bool:
        # A whole login: a process that is being killed still accepts TCP for a moment.
        try:
            await greet(self._around.broker, f"bench-{uuid.uuid4().hex[:16]}", BROKER_DEADLINE)
        except BenchError:
            return False
        return True

    def _broker_failed(self, what: Sentence) -> None:
        host, port = self._around.broker
        self._around.fail(
            say("the broker behind the gateway ({host}:{port}) {what}", host=host, port=port, what=what),
            say("whoever runs that broker looks after it (rig file: cloud.broker)"),
        )
        if self._answered:
            self._mute = True
            self._farewell = (Party.BROKER, say("the broker behind the gateway failed"))
            self._down.end()
        else:
            self._refuse(ConnackCode.SERVER_UNAVAILABLE, say("the broker behind the gateway failed"))

    # To the module

    def _queue_down(self, packet: Packet, raw: bytes | None = None) -> None:
        raw = encode(packet) if raw is None else raw
        if malforming := self._around.faults.find(Malforming, lambda fault: isinstance(packet, fault.kind)):
            self._withheld(Direction.DOWN, packet, raw)
            self.send_raw(malforming.how.of(raw))
        else:
            self._down.put(Chunk(raw, packet))

    async def _deliver_down(self, piece: Piece) -> None:
        if self._closed:
            return
        if piece.last:
            self._record_down(piece.chunk)
        try:
            self._module.writer.write(piece.data)
            await self._module.writer.drain()
        except OSError:
            return  # the reading side records how the module went

    def _record_down(self, chunk: Chunk) -> None:
        now = time.monotonic()
        if chunk.packet is None:
            self._note(RawSent(now, self.number, chunk.raw))
            return
        self._note(PacketSeen(now, self.number, Direction.DOWN, chunk.packet, chunk.raw))
        if isinstance(chunk.packet, Connack) and chunk.packet.code is ConnackCode.ACCEPTED:
            self._note(Online(now, self.number, chunk.packet.session_present))

    def _withheld(self, direction: Direction, packet: Packet, raw: bytes) -> None:
        self._note(PacketWithheld(time.monotonic(), self.number, direction, packet, raw))

    def _close_module(self, by: Party, how: Ending, reason: str) -> None:
        if self._closed:
            return
        self._closed = True
        if unfinished := self._decoder.unfinished:
            self._note(Unfinished(time.monotonic(), self.number, unfinished[:_STRANGERS_BYTES]))
        self._note(Closed(time.monotonic(), self.number, by, how, self._disconnect_seen, reason))
        self._lingers = by is not Party.MODULE and how is Ending.FIN and self._module.half_close()
        if not self._lingers:
            self._module.close(how if by is Party.GATEWAY else Ending.FIN)
