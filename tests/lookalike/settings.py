"""What the module remembers: four identity values for good, connection and MQTT settings until the power goes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

BAD_VALUE = 708
LIMITS = {"DN": 32, "DS": 64, "PK": 20, "PS": 64}
NAMES = {"DN": "ALYDEVICENAME", "DS": "ALYDEVICESECRET", "PK": "ALYPRODUCTKEY", "PS": "ALYPRODUCTSECRET"}
MILLISECONDS_MAX = 2**31 - 1


class Store:
    """The non-volatile memory: a file that is on the disk before `save` returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "nv.json"

    def load(self) -> dict[str, bytes]:
        """Read everything; an empty memory when there is no file yet."""
        if not self.path.exists():
            return {}
        stored: dict[str, str] = json.loads(self.path.read_text("ascii"))
        return {key: bytes.fromhex(value) for key, value in stored.items()}

    def save(self, values: dict[str, bytes]) -> None:
        """Replace everything in one step: after a cut it is the old or the new."""
        fresh = self.folder / "nv.new"
        with fresh.open("w", encoding="ascii") as file:
            json.dump({key: value.hex() for key, value in values.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.path)


def is_text(value: bytes) -> bool:
    """Whether this is UTF-8 without control characters and non-characters: fit to be an MQTT string."""
    if value.isascii():
        return value.decode("ascii").isprintable()
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    for char in text:
        point = ord(char)
        if point < 0x20 or 0x7F <= point < 0xA0 or 0xFDD0 <= point < 0xFDF0 or point & 0xFFFE == 0xFFFE:
            return False
    return True


class Identity:
    """ProductKey, DeviceName, DeviceSecret and ProductSecret; an empty value is one that is not set."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.values = {"DN": b"", "DS": b"", "PK": b"", "PS": b""}
        self.values.update(self.load())
        self.kept = dict(self.values)

    def load(self) -> dict[str, bytes]:
        """What the memory holds after power-up."""
        return self.store.load()

    def get(self, key: str) -> bytes:
        """The value as it is shown and used."""
        return self.values[key]

    def fits(self, key: str, value: bytes) -> bool:
        """Whether this may be set: bytes are counted, and text it has to be."""
        return len(value) <= LIMITS[key] and is_text(value)

    def put(self, key: str, value: bytes) -> None:
        """Set one value and keep it for good."""
        self.values[key] = value
        self.keep(key, value)

    def keep(self, key: str, value: bytes) -> None:
        """Write one value into the memory."""
        if self.kept.get(key) == value and self.store.path.exists():
            return
        self.kept[key] = value
        self.store.save(self.kept)


@dataclass(frozen=True)
class Connection:
    """AT+ALYCONNECTCFG."""

    region: int = 0
    port: int = 1883
    tls: int = 0


@dataclass(frozen=True)
class Mqtt:
    """AT+ALYMQTTCFG; times in milliseconds."""

    clean: int = 0
    timeout: int = 2000
    keepalive: int = 60000


class Settings:
    """Both groups of settings that a power cut takes away."""

    def __init__(self) -> None:
        self.connection = self.first_connection()
        self.mqtt = self.first_mqtt()

    def first_connection(self) -> Connection:
        """Connection settings after power-up."""
        return Connection()

    def first_mqtt(self) -> Mqtt:
        """MQTT settings after power-up."""
        return Mqtt()

    def connection_fits(self, new: Connection) -> bool:
        """Whether each of the three is in its range."""
        return new.region <= 5 and 1 <= new.port <= 65535 and new.tls <= 1

    def mqtt_fits(self, new: Mqtt) -> bool:
        """Whether each of the three is in its range."""
        return new.clean <= 1 and new.timeout <= MILLISECONDS_MAX and new.keepalive <= MILLISECONDS_MAX

    def set_connection(self, new: Connection) -> None:
        """Take new connection settings."""
        self.connection = new

    def set_mqtt(self, new: Mqtt) -> None:
        """Take new MQTT settings."""
        self.mqtt = new
