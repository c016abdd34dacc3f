"""What PICS and waivers say, read from the files in the bundle by a reader of its own, against the record."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.bundle.contents import DoesNotHold
from reports.events import Event, Kind
from reports.inert import inert
from reports.pics import NO, REGIONS, YES
from reports.record import RunRecord

_ABOUT = ("vendor", "module", "firmware")
"""Keys of a PICS beside its claims."""


def check_declared(record: RunRecord, event: Event, path: Path, content: bytes) -> None:
    """Raise `DoesNotHold` where the event of PICS or waivers says something else than the file."""
    try:
        file = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise DoesNotHold("{file} is no TOML: {problem}", file=path.name, problem=inert(str(problem))) from problem
    if event.kind == Kind.PICS:
        _compare(event, path, dict(_claims(file.get("claims", {}))), event.data.get("claims"))
        for key in (key for key in _ABOUT if key in event.data):
            _compare(event, path, _bare(file.get(key)), event.data[key])
    else:
        known = list(record.requirements)
        said = [waiver for entry in file.get("waiver", []) for waiver in _waivers(entry, known)]
        _compare(event, path, said, [dict(waiver) for waiver in event.data["waivers"]])


def _compare(event: Event, path: Path, said: object, told: object) -> None:
    if said != told:
        raise DoesNotHold("event {event} tells of {file} what the file does not say", event=event.seq, file=path.name)


def _claims(claims: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The claims by name; regions one by one, of which a list names those that the module takes."""
    for name, value in claims.items():
        if name != "regions":
            yield name, value
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{region}", said) for region, said in value.items())
        else:
            yield from ((f"{name}.{region}", YES if region in value else NO) for region in REGIONS)


def _waivers(entry: Mapping[str, Any], known: list[str]) -> Iterator[dict[str, Any]]:
    """One waiver as the record tells it, for each member of a family."""
    day = entry.get("expires")
    words = {key: _bare(entry.get(key)) for key in ("firmware", "reason", "ticket", "owner")}
    name = str(_bare(entry["requirement"]))
    for member in [name] if name in known else [member for member in known if member.startswith(f"{name}-")]:
        yield {"requirement": member, **words, "expires": None if day is None else day.isoformat()}


def _bare(text: object) -> object:
    return text.strip() if isinstance(text, str) else text
