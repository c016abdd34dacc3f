"""How the module introduces itself to the Alibaba Cloud IoT Platform."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

IMEI = b"866250061234567"
REGIONS = ("cn-shanghai", "ap-southeast-1", "ap-northeast-1", "us-west-1", "eu-central-1", "cn-shanghai")


@dataclass(frozen=True)
class Credentials:
    """What CONNECT carries."""

    client_id: bytes
    username: bytes
    password: bytes


class Login:
    """Client identifier, username and password; signed by HMAC-SHA256, hexadecimal in capitals."""

    method = b"hmacsha256"

    def own_id(self, values: dict[str, bytes]) -> bytes:
        """The part of the client identifier before its first bar: the module's serial number."""
        return IMEI

    def timestamp(self) -> bytes:
        """Milliseconds."""
        return b"%d" % (time.time_ns() // 1_000_000)

    def mode(self, tls: bool) -> bytes:
        """The securemode of a transport."""
        return b"2" if tls else b"3"

    def username(self, values: dict[str, bytes]) -> bytes:
        """Device and product."""
        return values["DN"] + b"&" + values["PK"]

    def sign(self, key: bytes, content: bytes) -> bytes:
        """The password."""
        return hmac.new(key, content, hashlib.sha256).hexdigest().upper().encode("ascii")

    def credentials(self, values: dict[str, bytes], tls: bool) -> Credentials:
        """All three."""
        own, stamp = self.own_id(values), self.timestamp()
        client_id = b"%s|securemode=%s,signmethod=%s,timestamp=%s|" % (own, self.mode(tls), self.method, stamp)
        content = b"clientId%sdeviceName%sproductKey%stimestamp%s" % (own, values["DN"], values["PK"], stamp)
        return Credentials(client_id, self.username(values), self.sign(values["DS"], content))

    def host(self, values: dict[str, bytes], region: int) -> str:
        """The name of the platform's server for this product."""
        return f"{values['PK'].decode('utf-8', 'replace')}.iot-as-mqtt.{REGIONS[region]}.aliyuncs.com"
