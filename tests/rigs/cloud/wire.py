"""MQTT by hand for the tests: bytes on a socket, written and read without the codec under test."""

from __future__ import annotations

import hmac
import socket
import ssl
import struct
from types import TracebackType

import pytest

from rigs.cloud.login import Device

DEADLINE = 10.0  # seconds; only ever used up by a failing test


def text(value: str | bytes) -> bytes:
    """A length-prefixed field."""
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def packet(first_byte: int, body: bytes) -> bytes:
    """A packet with its remaining length in as few bytes as will do."""
    digits, length = b"", len(body)
    while length > 127:
        digits += bytes((length % 128 | 0x80,))
        length //= 128
    return bytes((first_byte,)) + digits + bytes((length,)) + body


def connect(
    client_id: str,
    *,
    clean: bool = True,
    keep_alive: int = 0,
    will: tuple[str, bytes, int, bool] | None = None,
    username: str | None = None,
    password: bytes | None = None,
) -> bytes:
    flags, payload = 0x02 * clean, text(client_id)
    if will is not None:
        topic, message, qos, retain = will
        flags |= 0x04 | qos << 3 | retain << 5
        payload += text(topic) + text(message)
    if username is not None:
        flags |= 0x80
        payload += text(username)
    if password is not None:
        flags |= 0x40
        payload += text(password)
    return connect_packet(flags, payload, keep_alive=keep_alive)


def connect_packet(
    flags: int, payload: bytes, *, name: str | bytes = "MQTT", level: int = 4, keep_alive: int = 0
) -> bytes:
    """A CONNECT of any fields, fit for one another or not."""
    return packet(0x10, text(name) + bytes((level, flags)) + keep_alive.to_bytes(2, "big") + payload)


def device_connect(
    device: Device,
    *,
    tls: bool = False,
    clean: bool = True,
    keep_alive: int = 60,
    password: str | None = None,
    client_id: str = "module",
    timestamp: int | None = None,
    will: tuple[str, bytes] | None = None,
) -> bytes:
    """The CONNECT of a well-behaved device, signed here and not by the code under test."""
    signed = f"clientId{client_id}deviceName{device.device_name}productKey{device.product_key}"
    parameters = f"securemode={2 if tls else 3},signmethod=hmacsha1"
    if timestamp is not None:
        signed += f"timestamp{timestamp}"
        parameters += f",timestamp={timestamp}"
    digest = hmac.new(device.device_secret.encode(), signed.encode(), "sha1").hexdigest()
    flags = 0xC0 | 0x02 * clean | 0x04 * (will is not None)
    body = text("MQTT") + bytes((4, flags)) + keep_alive.to_bytes(2, "big")
    body += text(f"{client_id}|{parameters}|")
    body += b"".join(map(text, will or ()))
    body += text(f"{device.device_name}&{device.product_key}") + text(password or digest)
    return packet(0x10, body)


def subscribe(packet_id: int, *wishes: tuple[str | bytes, int]) -> bytes:
    return packet(0x82, packet_id.to_bytes(2, "big") + b"".join(text(f) + bytes((q,)) for f, q in wishes))


def suback(packet_id: int, *codes: int) -> bytes:
    return packet(0x90, packet_id.to_bytes(2, "big") + bytes(codes))


def unsubscribe(packet_id: int, *filters: str | bytes) -> bytes:
    return packet(0xA2, packet_id.to_bytes(2, "big") + b"".join(map(text, filters)))


def publish(
    topic: str | bytes, payload: bytes, qos: int = 0, packet_id: int = 0, *, dup: bool = False, retain: bool = False
) -> bytes:
    identifier = packet_id.to_bytes(2, "big") if qos else b""
    return packet(0x30 | dup << 3 | qos << 1 | retain, text(topic) + identifier + payload)


def ack(first_byte: int, packet_id: int) -> bytes:
    return bytes((first_byte, 2)) + packet_id.to_bytes(2, "big")


PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK = 0x40, 0x50, 0x62, 0x70, 0xB0
CONNACK_OK = b"\x20\x02\x00\x00"
CONNACK_PRESENT = b"\x20\x02\x01\x00"
PINGREQ, PINGRESP, DISCONNECT = b"\xc0\x00", b"\xd0\x00", b"\xe0\x00"


class Wire:
    """A TCP connection that expects exact bytes."""

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None = None, name: str = "localhost") -> None:
        self.socket = socket.create_connection(address, timeout=DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            try:
                self.socket = tls.wrap_socket(self.socket, server_hostname=name)
            except OSError:
                self.socket.close()
                raise

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Wire:
        self.socket.sendall(data)
        return self

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            assert more, f"closed after {data!r}, {count} bytes were due"
            data += more
        return data

    def read_packet(self) -> bytes:
        head = self.read(2)
        length, shift = head[1] & 0x7F, 7
        while head[-1] & 0x80:
            head += self.read(1)
            length |= (head[-1] & 0x7F) << shift
            shift += 7
        return head + self.read(length)

    def expect(self, *packets: bytes) -> Wire:
        for wanted in packets:
            assert self.read_packet() == wanted
        return self

    def expect_in_any_order(self, *packets: bytes) -> Wire:
        assert sorted(self.read_packet() for _ in packets) == sorted(packets)
        return self

    @property
    def closed(self) -> bool:
        """Whether the peer has ended the connection by now."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        finally:
            self.socket.settimeout(DEADLINE)

    def expect_closed(self) -> None:
        """The peer ends the connection, and sends nothing before."""
        try:
            rest = self.socket.recv(1024)
        except ConnectionResetError:
            rest = b""
        assert rest == b""

    def expect_quiet(self) -> Wire:
        """Nothing was on its way: the answer to a PINGREQ is the next packet."""
        return self.send(PINGREQ).expect(PINGRESP)

    def expect_nothing(self, seconds: float) -> None:
        """Neither a packet nor the end of the connection comes for so long."""
        self.socket.settimeout(seconds)
        with pytest.raises(TimeoutError):
            self.socket.recv(1)
        self.socket.settimeout(DEADLINE)

    def reset(self) -> None:
        """Close with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def log_in(self, client_id: str, *, clean: bool = True, present: bool = False) -> Wire:
        self.send(connect(client_id, clean=clean))
        return self.expect(CONNACK_PRESENT if present else CONNACK_OK)

    def subscribe(self, *wishes: tuple[str, int]) -> Wire:
        """SUBSCRIBE that is granted as wished."""
        return self.send(subscribe(1, *wishes)).expect(suback(1, *(qos for _, qos in wishes)))

    def publish(self, topic: str, payload: bytes, qos: int = 0, *, retain: bool = False) -> Wire:
        """PUBLISH by a client that subscribes to nothing here, seen through to its end."""
        self.send(publish(topic, payload, qos, 1, retain=retain))
        if qos == 0:
            return self.expect_quiet()
        if qos == 1:
            return self.expect(ack(PUBACK, 1))
        return self.expect(ack(PUBREC, 1)).send(ack(PUBREL, 1)).expect(ack(PUBCOMP, 1))

    def leave(self) -> None:
        """DISCONNECT, and wait until the server has taken note."""
        self.send(DISCONNECT).expect_closed()
