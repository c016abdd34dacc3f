"""The two devices that a run on the platform needs, from the environment: a rig file is no place for secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rigs.cloud.login import Device

_VALUES = ("PRODUCT_KEY", "DEVICE_NAME", "DEVICE_SECRET")
_MODULE, _PEER = "ML302_", "ML302_PEER_"


class CredentialsError(Exception):
    """The environment does not name two devices; the text is one line that says what to set."""


@dataclass(frozen=True)
class Credential:
    """One device, and where its values came from."""

    role: str
    device: Device
    variables: tuple[str, ...]
    """The environment variables that hold them: where to correct them."""

    def __str__(self) -> str:
        return f"{self.role} {self.device.product_key}/{self.device.device_name}"


@dataclass(frozen=True)
class Credentials:
    """The module's device, and the second one, which the bench logs in as to play the cloud's application."""

    module: Credential
    peer: Credential

    @property
    def both(self) -> tuple[Credential, Credential]:
        return self.module, self.peer

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Credentials:
        """Read both; raises `CredentialsError`."""
        missing = [name for name in (*_names(_MODULE), *_names(_PEER)) if not environment.get(name)]
        if missing:
            raise CredentialsError(
                f"not set or empty: {', '.join(missing)}: set the environment variables to the values of the module's "
                f"device ({_MODULE}...) and of a second device ({_PEER}...) of the platform"
            )
        module = _credential("the module's device", _MODULE, environment)
        peer = _credential("the second device", _PEER, environment)
        if module.device.stable_client_id == peer.device.stable_client_id:
            raise CredentialsError(
                f"{_MODULE}... and {_PEER}... name the same device, and the platform would end one login with the "
                f"other: set {', '.join(peer.variables)} to those of a second device"
            )
        return cls(module, peer)


def _names(prefix: str) -> tuple[str, ...]:
    return tuple(prefix + value for value in _VALUES)


def _credential(role: str, prefix: str, environment: Mapping[str, str]) -> Credential:
    variables = _names(prefix)
    return Credential(role, Device(*(environment[name] for name in variables)), variables)
