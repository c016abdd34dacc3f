"""The certificates of the gateway: the platform's names, and the certificates that a careful module refuses."""

from __future__ import annotations

import enum
import ssl
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

import trustme

from rigs.cloud.authority import KEY_TYPE, new_authority

REGIONS = ("cn-shanghai", "ap-southeast-1", "ap-northeast-1", "us-west-1", "eu-central-1")
_ALL_CIPHERS = ("ALL", "eNULL")  # those that encrypt nothing, too
_NAMES = (*(f"*.iot-as-mqtt.{region}.aliyuncs.com" for region in REGIONS), "localhost", "127.0.0.1")


class Certificate(enum.Enum):
    """What the gateway's TLS port shows."""

    VALID = "valid"
    UNKNOWN_CA = "unknown CA"
    WRONG_NAME = "wrong name"
    EXPIRED = "expired"


class Pki:
    """Keys and certificates made on first use; nothing is written to disk. A given ``authority`` signs them.

    The valid one covers ``<productKey>.iot-as-mqtt.<region>.aliyuncs.com`` of all regions, localhost, 127.0.0.1.
    """

    def __init__(self, authority: trustme.CA | None = None) -> None:
        self._given = authority

    @cached_property
    def _authority(self) -> trustme.CA:
        return self._given or new_authority()

    @property
    def ca_pem(self) -> bytes:
        """The certificate of the authority (PEM) that the module has to trust."""
        return self._authority.cert_pem.bytes()

    def issue(self, certificate: Certificate = Certificate.VALID) -> None:
        """Make key and certificate now, so that no handshake has to wait for them."""
        self._issued(certificate)

    def server_context(
        self,
        certificate: Certificate = Certificate.VALID,
        *,
        maximum_version: ssl.TLSVersion | None = None,
        ciphers: Sequence[str] = (),
    ) -> ssl.SSLContext:
        """A new server side context. It takes every TLS version and cipher that OpenSSL has: what the module chose is
        the finding, so nothing is refused here, except versions above ``maximum_version`` and, where ``ciphers`` are
        given, all others up to TLS 1.2."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 and 1.1 are offered on purpose
            context.minimum_version = ssl.TLSVersion.TLSv1
            if maximum_version is not None:
                context.maximum_version = maximum_version
        context.set_ciphers(":".join([*(ciphers or _ALL_CIPHERS), "@SECLEVEL=0"]))
        context.set_alpn_protocols(["mqtt"])
        self._issued(certificate).configure_cert(context)
        return context

    def _issued(self, certificate: Certificate) -> trustme.LeafCert:
        match certificate:
            case Certificate.VALID:
                return self._valid
            case Certificate.UNKNOWN_CA:
                return self._unknown_ca
            case Certificate.WRONG_NAME:
                return self._wrong_name
            case Certificate.EXPIRED:
                return self._expired

    @cached_property
    def _valid(self) -> trustme.LeafCert:
        return self._authority.issue_cert(*_NAMES, key_type=KEY_TYPE)

    @cached_property
    def _unknown_ca(self) -> trustme.LeafCert:
        return new_authority("Nobody knows this authority").issue_cert(*_NAMES, key_type=KEY_TYPE)

    @cached_property
    def _wrong_name(self) -> trustme.LeafCert:
        return self._authority.issue_cert("wrong-name.invalid", key_type=KEY_TYPE)

    @cached_property
    def _expired(self) -> trustme.LeafCert:
        today = datetime.now(UTC)
        return self._authority.issue_cert(
            *_NAMES,
            not_before=today - timedelta(days=30),
            not_after=today - timedelta(days=1),
            key_type=KEY_TYPE,
        )
