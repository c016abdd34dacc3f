"""Rig files: TOML that says which module is under test, on which port, with which power control and which cloud.

``python -m rigs.rigfile`` prints the JSON Schema that editors can check rig files with.
"""

from __future__ import annotations

import json
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from rigs.cloud.profile import ProfileName
from rigs.tomlfile import TomlFileError, read_toml

SIMULATOR_URL = "simulator://"
WITHHELD = "***"
"""Stands in a record for what may be a secret."""
ALIYUN = "aliyun"
"""The broker of a module that talks to the Alibaba Cloud IoT Platform itself."""
_CUSTOM_REGION = 5
"""The region of +ALYCONNECTCFG that has no address of its own."""
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


class RigFileError(Exception):
    """A rig file that cannot be used; one line per problem: file, key, what is wrong, what would be right."""


class Driver(StrEnum):
    SIMULATOR = "simulator"
    COMMAND = "command"
    NONE = "none"


def parse_address(text: str) -> tuple[str, int]:
    """``host:port`` as a pair; raises ValueError saying what would be right."""
    match = re.fullmatch(r"([^\s:\[\]/]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", text)
    if match is None or int(match[2]) > 65_535:
        raise ValueError('must be "host:port" with a port of 0-65535, for example "127.0.0.1:1883"')
    return match[1].strip("[]"), int(match[2])


def _address(text: str) -> str:
    parse_address(text)
    return text


def _broker(text: str) -> str:
    if text in ("embedded", ALIYUN):
        return text
    try:
        url = urlsplit(text)
        rest = url.path.removeprefix("/") + url.query + url.fragment
        usable = url.scheme == "mqtt" and bool(url.hostname) and url.port != 0 and not rest
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('must be "embedded", "mqtt://host:port" or "aliyun"')
    if url.username or url.password:
        raise ValueError("must not hold credentials: a rig file is no place for secrets")
    return text


_OVER_TCP = {"socket": "socket://host:port", "rfc2217": "rfc2217://host:port?ign_set_control"}
_LOCAL = frozenset({"hwgrep", "alt", "spy", "cp2110"})
"""Kinds of ports of this machine that pyserial knows, besides a plain name."""


def _serial_url(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    if not separator or scheme in _LOCAL or text == SIMULATOR_URL:
        return text
    if scheme not in _OVER_TCP:
        raise ValueError(
            f'{scheme}:// is no kind of serial port: name a device, "hwgrep://pattern", "{SIMULATOR_URL}", or, of a '
            f'terminal server, "{_OVER_TCP["socket"]}" (raw) or "{_OVER_TCP["rfc2217"]}" (telnet)'
        )
    try:
        usable = bool(urlsplit(text).hostname and urlsplit(text).port)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f'must be "{_OVER_TCP[scheme]}", with a port of 1-65535')
    return text


def _rig_name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise ValueError('must be letters, digits and ". _ -" only, at most 64 of them: it names directories')
    return text


def _beside_the_rig_file(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


Address = Annotated[str, AfterValidator(_address)]
KeptPath = Annotated[Path, Field(strict=False), AfterValidator(_beside_the_rig_file)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Serial(_Table):
    """Where the module's AT port is."""

    url: Annotated[
        str,
        Field(min_length=1, description='device, COM port, "socket://host:port", "rfc2217://..." or "simulator://"'),
        AfterValidator(_serial_url),
    ]
    baudrate: Annotated[int, Field(gt=0, le=10_000_000, description="bits per second; 8N1, no flow control")] = 115_200


class Power(_Table):
    """How the module's supply is switched."""

    driver: Annotated[
        Driver | None, Field(strict=False, description="default: simulator for simulator://, else none")
    ] = None
    on: Annotated[str | None, Field(min_length=1, description="shell command that switches the supply on")] = None
    off: Annotated[str | None, Field(min_length=1, description="shell command that switches the supply off")] = None
    off_seconds: Annotated[float, Field(ge=0, le=600, description="how long the supply stays off")] = 2.0
    boot_seconds: Annotated[float, Field(gt=0, le=600, description="longest wait for the first OK after power-up")] = (
        30.0
    )

    @model_validator(mode="after")
    def _commands_go_with_the_command_driver(self) -> Self:
        if self.driver is Driver.COMMAND and not (self.on and self.off):
            raise ValueError('driver "command" needs both keys, on and off: the shell commands that switch the supply')
        if self.driver is not Driver.COMMAND and (self.on or self.off):
            raise ValueError('the keys on and off go with driver = "command" only')
        return self


class Cloud(_Table):
    """Where the module meets the bench's cloud, which broker stands behind it, and how much of MQTT it allows."""

    listen: Annotated[Address, Field(description="where the module reaches the gateway over TCP")] = "127.0.0.1:1883"
    listen_tls: Annotated[Address, Field(description="where the module reaches the gateway over TLS")] = (
        "127.0.0.1:8883"
    )
    broker: Annotated[
        str,
        AfterValidator(_broker),
        Field(description='"embedded", "mqtt://host:port", or "aliyun": the module talks to the platform itself'),
    ] = "embedded"
    region: Annotated[
        int | None,
        Field(ge=0, le=_CUSTOM_REGION, description="aliyun only: the devices' region as in +ALYCONNECTCFG; default 0"),
    ] = None
    endpoint: Annotated[
        Address | None,
        Field(description="aliyun only: where this machine reaches the platform; default the region's public address"),
    ] = None
    ca_file: Annotated[
        KeptPath | None,
        Field(description="the certificate to load into a module, PEM; relative to the rig file. Default: none kept"),
    ] = None
    ca_key_file: Annotated[
        KeptPath | None,
        Field(description="its private key, kept so that ca_file serves every run. Default: made anew in every run"),
    ] = None
    profile: Annotated[
        ProfileName,
        Field(strict=False, description="behind the platform's login: all of MQTT 3.1.1, or what the platform allows"),
    ] = ProfileName.MQTT

    @property
    def on_platform(self) -> bool:
        """Whether the module talks to the platform itself."""
        return self.broker == ALIYUN

    @model_validator(mode="after")
    def _keys_go_with_the_broker(self) -> Self:
        gateways = {"listen", "listen_tls", "ca_file", "ca_key_file", "profile"}
        platforms = {"region", "endpoint"}
        foreign = sorted((gateways if self.on_platform else platforms) & self.model_fields_set)
        if foreign and self.on_platform:
            raise ValueError(f'broker = "{ALIYUN}" has no gateway: leave out {", ".join(foreign)}')
        if foreign:
            raise ValueError(f'{", ".join(foreign)} go with broker = "{ALIYUN}" only')
        if self.endpoint and parse_address(self.endpoint)[1] == 0:
            raise ValueError("endpoint has port 0: name the platform's port, 1883 as a rule")
        if self.region == _CUSTOM_REGION and not self.endpoint:
            raise ValueError(f"region {_CUSTOM_REGION} has no address of its own: give endpoint as well")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.listen == self.listen_tls and parse_address(self.listen)[1] != 0:
            raise ValueError("listen and listen_tls are the same address: give TCP and TLS a port each")
        return self

    @model_validator(mode="after")
    def _key_goes_with_certificate(self) -> Self:
        if self.ca_key_file is not None and self.ca_file is None:
            raise ValueError("ca_key_file goes with ca_file only: name the file of the certificate, too")
        if self.ca_key_file is not None and self.ca_key_file == self.ca_file:
            raise ValueError("ca_file and ca_key_file are the same file: give certificate and private key one each")
        return self


class RigFile(_Table):
    """A whole rig file."""

    model_config = ConfigDict(title="ML302 rig file")

    version: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, AfterValidator(_rig_name)]
    serial: Serial
    power: Power = Power()
    cloud: Cloud = Cloud()

    @property
    def simulated(self) -> bool:
        """Whether the bench starts the built-in simulator itself."""
        return self.serial.url == SIMULATOR_URL

    @property
    def on_a_wire(self) -> bool:
        """Whether the module is on a physical line, so that its way to the cloud need not be this machine's."""
        if self.simulated:
            return False
        if self.serial.url.startswith("socket://"):
            host = urlsplit(self.serial.url).hostname or ""
            return host not in ("localhost", "::1") and not host.startswith("127.")
        return not os.path.realpath(self.serial.url).startswith("/dev/pts/")

    @property
    def driver(self) -> Driver:
        return self.power.driver or (Driver.SIMULATOR if self.simulated else Driver.NONE)

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.simulated and self.driver is Driver.COMMAND:
            raise ValueError('power.driver "command" cannot switch simulator://: use "simulator" or leave power out')
        if not self.simulated and self.driver is Driver.SIMULATOR:
            raise ValueError('power.driver "simulator" goes with serial.url = "simulator://" only')
        if self.simulated and self.cloud.on_platform:
            raise ValueError(
                f'cloud.broker "{ALIYUN}" needs a module of its own: simulator:// is led to the bench\'s gateway'
            )
        if not self.simulated:
            for key, address in (("listen", self.cloud.listen), ("listen_tls", self.cloud.listen_tls)):
                if parse_address(address)[1] == 0:
                    raise ValueError(
                        f"cloud.{key} has port 0 (any free port), which only the simulator can be told of: "
                        "name the port that the module reaches"
                    )
        return self

    def to_record(self) -> dict[str, Any]:
        """The configuration as used, for the run record. Nothing of it that may be a secret is there."""
        power = self.power.model_dump(mode="json") | {"driver": self.driver.value}
        return {
            "name": self.name,
            "serial": {**self.serial.model_dump(), "url": _without_user(self.serial.url)},
            "power": power | {key: _without_arguments(power[key]) for key in ("on", "off") if power[key]},
            "cloud": self.cloud.model_dump(mode="json", exclude={"ca_key_file"}),
        }

    def to_toml(self) -> str:
        """The same as a rig file; what was withheld of it has to be filled in before it can serve."""
        tables = {"schema": self.version, **self.to_record()}
        return tomli_w.dumps({key: _without_none(value) for key, value in tables.items()})


def _without_user(url: str) -> str:
    """``url`` without ``user:password@``."""
    return re.sub(r"(?<=://)[^/?#]*@", f"{WITHHELD}@", url)


def _without_arguments(command: str) -> str:
    """The program of a shell command; its arguments may hold the password of a relay."""
    program, *arguments = command.split(maxsplit=1)
    return f"{program if '=' not in program else WITHHELD} {WITHHELD}" if arguments or "=" in program else program


def _without_none(value: Any) -> Any:
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


def load(path: Path) -> RigFile:
    """Read and check a rig file; raises `RigFileError`."""
    try:
        _, data = read_toml(path, "rig file", "--rig")
    except TomlFileError as error:
        raise RigFileError(str(error)) from error
    try:
        return RigFile.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        problems = [f"{path}: {_explain(item)}" for item in error.errors(include_input=False, include_url=False)]
        raise RigFileError("\n".join(problems)) from error


def _explain(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            table = RigFile.model_fields.get(str(error["loc"][0])) if len(error["loc"]) > 1 else None
            model = table.annotation if table else RigFile
            known = ", ".join((f.alias or n) for n, f in getattr(model, "model_fields", {}).items())
            return f"{key}: unknown key; known here: {known}"
        case "missing":
            example = {"schema": "1", "name": '"lab-07"', "serial": '{ url = "/dev/ttyUSB0" }'}.get(
                key, '"/dev/ttyUSB0"'
            )
            return f"{key}: missing; for example {key} = {example}"
        case "value_error":
            message = str(error["ctx"]["error"])
            return f"{key}: {message}" if key else message
        case "literal_error":
            return f"{key}: must be {error['ctx']['expected']}, the only version there is"
        case "model_type":
            return f"{key}: must be a table: write [{key}] and its keys below it"
        case "path_type":
            return f'{key}: must be the path of a file, for example "ca.pem"'
        case "string_too_short":
            return f"{key}: must not be empty: give it a value or leave it out"
        case _:
            return f"{key}: {_plain(error['msg'])}"


def _plain(message: str) -> str:
    """pydantic's message in the words of the others."""
    for theirs, ours in (("Input should", "must"), ("a valid integer", "a whole number"), ("a valid ", "a ")):
        message = message.replace(theirs, ours)
    return message


def json_schema() -> str:
    """The JSON Schema that is published as ``rigs/rig.schema.json``."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **RigFile.model_json_schema()}
    return json.dumps(schema, indent=2)


if __name__ == "__main__":
    print(json_schema())
