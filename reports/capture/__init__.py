"""capture.pcapng: the MQTT packets of a run for Wireshark, with TLS removed.

Its bytes and times are the record's; the TCP around them is made up. It is written without a library: those that can
write comments, interface names and section options are no longer kept up or take a second to import, and the three
kinds of blocks that are needed never change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.capture.frames import Capture
from reports.capture.pcapng import enhanced_packet, interface_description, section_header
from reports.files import write_whole
from reports.inert import inert
from reports.record import RunRecord
from reports.verdicts import conclude

_INTERFACES = {False: "gateway, TCP", True: "gateway, TLS removed"}


def render_capture(record: RunRecord, strict: bool) -> bytes | None:
    """The run as a pcapng file; None when no MQTT went over any connection.

    Raises `RecordError` for a record whose bytes or times cannot be read.
    """
    capture = Capture(record, strict)
    if not capture.holds_mqtt:
        return None
    return b"".join(_blocks(record, capture, strict))


def _blocks(record: RunRecord, capture: Capture, strict: bool) -> Iterator[bytes]:
    host, suite = _mapping(record.run.get("host")), _mapping(record.run.get("suite"))
    application = " ".join(
        ["ml302-conformance", *(str(suite[key])[:12] for key in ("version", "commit") if suite.get(key))]
    )
    yield section_header(
        hardware=inert(str(host.get("machine") or "")),
        os=inert(str(host.get("system") or "")),
        application=inert(application),
        comment="\n".join(_about(record, strict)),
    )
    for tls, name in _INTERFACES.items():
        where = capture.listening.get(tls, "not recorded")
        yield interface_description(name=name, description=f"listening on {inert(where)}; TCP/IP headers made up")
    numbers = {tls: number for number, tls in enumerate(_INTERFACES)}
    for frame in capture.frames:
        yield enhanced_packet(numbers[frame.tls], frame.microseconds, frame.packet, frame.comments)


def _about(record: RunRecord, strict: bool) -> Iterator[str]:
    """Rig, firmware and outcome, line by line."""
    module, conclusion = record.module, conclude(record, strict)
    yield f"rig: {inert(str(record.rig.get('name')))}"
    if module is not None:
        known = [("model", module.model), ("revision", module.revision), ("serial number", module.serial_number)]
        yield "module: " + (", ".join(f"{name} {inert(str(value))}" for name, value in known if value) or "did not say")
    yield f"profile: {inert(str(record.run.get('profile')))}"
    yield f"verdict: {conclusion.verdict}" + (" (the run died)" if conclusion.died else "")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def write_capture(path: Path, record: RunRecord, strict: bool) -> bool:
    """Write capture.pcapng, whole or not at all; False when there is nothing to write.

    Raises `RecordError` when the disk refuses.
    """
    content = render_capture(record, strict)
    if content is None:
        return False
    write_whole(path, content)
    return True
