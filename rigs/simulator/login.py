"""The Alibaba Cloud IoT platform's login, as a device fills it in (platform documentation, "MQTT-TCP connection")."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field

REGIONS = ("cn-shanghai", "ap-southeast-1", "ap-northeast-1", "us-west-1", "eu-central-1", "cn-shanghai")
"""The platform's name of each region code. 5 is a custom one, and nothing tells which: it takes the default."""

DIGESTS = {"hmacmd5": hashlib.md5, "hmacsha1": hashlib.sha1, "hmacsha256": hashlib.sha256}


@dataclass(frozen=True)
class Login:
    """The three strings of a CONNECT packet."""

    client_id: str
    username: str
    password: str


def platform_host(product_key: str, region: int) -> str:
    """The host a device of this product logs in to."""
    return f"{product_key}.iot-as-mqtt.{REGIONS[region]}.aliyuncs.com"


def signature(signed: dict[str, str], device_secret: bytes, signmethod: str) -> str:
    """The password: the HMAC, in lower-case hex, over all keys in order, each followed by its value."""
    content = "".join(key + signed[key] for key in sorted(signed))
    return hmac.new(device_secret, content.encode(), DIGESTS[signmethod]).hexdigest()


@dataclass
class LoginForm:
    """How this firmware fills in the login; what differs between firmwares is an attribute.

    ``clock`` gives the timestamp in milliseconds, or None to leave it out. ``securemodes`` is indexed by the TLS flag.
    """

    signmethod: str = "hmacsha1"
    securemodes: tuple[int, int] = (3, 2)
    clock: Callable[[], int | None] = field(default=lambda: time.time_ns() // 1_000_000)

    def fill_in(self, product_key: str, device_name: str, device_secret: bytes, *, tls: bool) -> Login:
        """Sign with the device secret."""
        device = f"{product_key}.{device_name}"
        timestamp = self.clock()
        signed = {"clientId": device, "deviceName": device_name, "productKey": product_key}
        keys = {"securemode": str(self.securemodes[tls]), "signmethod": self.signmethod}
        if timestamp is not None:
            signed["timestamp"] = keys["timestamp"] = str(timestamp)
        return Login(
            client_id=f"{device}|{','.join(f'{key}={value}' for key, value in keys.items())}|",
            username=f"{device_name}&{product_key}",
            password=signature(signed, device_secret, self.signmethod),
        )
