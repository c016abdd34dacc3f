"""Files that are handed in: whatever bytes are in them, what comes is an error of their reader, or none."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.catalogue import load as load_catalogue
from fixtures.declarations import DeclarationError, load_pics, load_waivers
from reports.__main__ import main
from reports.bundle.contents import DoesNotHold
from reports.bundle.verify import verify
from reports.events import RecordError
from reports.record import RunRecord
from reports.verdicts import conclude
from rigs.rigfile import RigFileError
from rigs.rigfile import load as load_rig
from tests.fixtures.runs import ROOT
from tests.reports.evidence import write_evidence

Damage = Callable[[bytes], bytes]
_OTHER = [
    b"",
    b"\x00",
    b"\xff",
    b'"',
    b"\n",
    b"{",
    b"[",
    b"]",
    b"=",
    b"null",
    b"-1",
    b"1e999",
    b"\xed\xa0\x80",
    b"9" * 5000,
]


def _damage(seed: int) -> Damage:
    """Some pieces of a file cut out, doubled or overwritten; the same for the same number."""

    def damage(whole: bytes) -> bytes:
        chance, data = random.Random(seed), bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            start = chance.randrange(len(data) + 1)
            end = min(len(data), start + chance.choice((0, 1, 2, 8, 64, 4096)))
            piece = bytes(data[start:end])
            data[start:end] = chance.choice((chance.choice(_OTHER), piece * 2, bytes(reversed(piece))))
        return bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.2 else data)

    return damage


damages = st.integers(0, 2**32).map(_damage)
few = settings(deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_evidence(tmp_path_factory.mktemp("any") / "run")


@pytest.fixture(scope="module")
def record(run_dir: Path) -> bytes:
    return (run_dir / "record.jsonl").read_bytes()


@pytest.fixture(scope="module")
def bundle(run_dir: Path) -> bytes:
    assert main(["bundle", str(run_dir)]) == 0
    return (run_dir / "bundle.zip").read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place") / "file"


def read_record(path: Path) -> None:
    with suppress(RecordError):
        found = RunRecord.load(path)
        conclude(found, found.strict)


@few
@given(st.binary(max_size=300))
def test_a_record_of_any_bytes(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    read_record(place)


@few
@given(damages)
def test_a_damaged_record(record: bytes, place: Path, damage: Damage) -> None:
    place.write_bytes(damage(record))
    read_record(place)


@few
@given(st.integers(0, 2**32))
def test_a_record_with_other_values_in_its_events(record: bytes, place: Path, seed: int) -> None:
    chance, lines = random.Random(seed), record.splitlines()
    number = chance.randrange(len(lines))
    event = json.loads(lines[number])
    key = chance.choice([*event])
    event[key] = chance.choice([None, True, -1, 2**70, 1e300, "", "\ud800", [], [[]], {}, {"a": None}])
    lines[number] = json.dumps(event).encode()
    place.write_bytes(b"\n".join(lines) + b"\n")
    read_record(place)


def verify_bundle(content: bytes) -> None:
    with suppress(DoesNotHold, RecordError):
        verify(io.BytesIO(content))


@few
@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda rest: b"PK\x03\x04" + rest))
def test_a_bundle_of_any_bytes(content: bytes) -> None:
    verify_bundle(content)


@few
@given(damages)
def test_a_damaged_bundle(bundle: bytes, damage: Damage) -> None:
    verify_bundle(damage(bundle))


def read_rig(path: Path) -> None:
    with suppress(RigFileError):
        load_rig(path)


def read_pics(path: Path) -> None:
    with suppress(DeclarationError):
        load_pics(path)


def read_waivers(path: Path) -> None:
    with suppress(DeclarationError):
        load_waivers(path, load_catalogue())


READERS = [
    pytest.param(read_rig, "rigs/example.toml", id="rig"),
    pytest.param(read_pics, "docs/pics.example.toml", id="pics"),
    pytest.param(read_waivers, "docs/waivers.example.toml", id="waivers"),
]


@pytest.mark.parametrize(("read", "example"), READERS)
@few
@given(content=st.binary(max_size=200))
def test_a_toml_file_of_any_bytes(place: Path, read: Callable[[Path], None], example: str, content: bytes) -> None:
    place.write_bytes(content)
    read(place)


@pytest.mark.parametrize(("read", "example"), READERS)
@settings(deadline=None, max_examples=200)
@given(damage=damages)
def test_a_damaged_toml_file(place: Path, read: Callable[[Path], None], example: str, damage: Damage) -> None:
    place.write_bytes(damage((ROOT / example).read_bytes()))
    read(place)


SCALARS = ["-1", "1e999", "nan", '""', '"\\u0000"', "[]", "[[1]]", "{}", "1979-05-27", "00:00:00", "9" * 30, "true"]


@pytest.mark.parametrize(("read", "example"), READERS)
def test_a_toml_file_with_another_value_in_each_place(place: Path, read: Callable[[Path], None], example: str) -> None:
    lines = (ROOT / example).read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        for value in SCALARS if equals and not key.startswith("#") else ():
            place.write_text("\n".join((*lines[:number], f"{key} = {value}", *lines[number + 1 :])), "utf-8")
            read(place)
