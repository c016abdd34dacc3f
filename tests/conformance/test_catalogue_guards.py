"""Each planted mistake in the catalogue's data is refused with one line that names the file and the key."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conformance.catalogue import CatalogueError, load, loader

FRAMING = "requirements/01-framing.toml"
IDENTITY = "requirements/02-identity.toml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loader.DATA, tmp_path / "data"))


def plant(data: Path, file: str, old: str, new: str) -> None:
    """Replace the first ``old`` in a file."""
    path = data / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(data: Path) -> str:
    """The one line with which the data are refused."""
    with pytest.raises(CatalogueError) as caught:
        loader.read(data)
    (problem,) = caught.value.problems
    assert "\n" not in problem
    return problem


OVERVIEW = '[[section]]\nkey = "1"\nen = "Overview"\nzh = "概述"\n'
AGAIN = '[[requirement]]\nid = "FMT-01"\nlevel = "M"\nsection = "2.3"\nen = "Again."\nzh = "重复。"\n'
USELESS = '[useless]\nvalue = 1\nunit = "s"\nen = "None."\nzh = "无。"\nrequirements = ["FMT-01"]\n'
MISTAKES = {
    "unknown key": (FRAMING, 'level = "M"', 'level = "M"\nlevle = "M"', "requirement.FMT-01.levle: Extra inputs"),
    "unknown level": (FRAMING, 'level = "M"', 'level = "X"', "requirement.FMT-01.level: Input should be 'M'"),
    "no level": (FRAMING, 'level = "M"\n', "", "requirement.FMT-01.level: Field required"),
    "ill-formed id": (FRAMING, '"FMT-02"', '"FMT-2"', "requirement.FMT-2.id: String should match"),
    "id twice": (FRAMING, "[[requirement]]", AGAIN + "[[requirement]]", "FMT-01: this ID is there twice"),
    "no English": (FRAMING, "en = ", 'en = ""\n#', "en: Value error, English text wanted"),
    "Chinese for English": (FRAMING, "en = ", 'en = "命令"\n#', "en: Value error, English text wanted"),
    "English for Chinese": (FRAMING, "zh = ", 'zh = "Framing"\n#', "zh: Value error, Chinese text wanted"),
    "no section": (FRAMING, 'section = "2.3"\n', "", "requirement.FMT-01: Value error, section is missing"),
    "unknown section": (FRAMING, 'section = "2.3"', 'section = "2.9"', "FMT-01: no section '2.9'"),
    "unknown suffix": (IDENTITY, '"PS"', '"PX"', "ID-01: no command has the suffix PX"),
    "suffix twice": (IDENTITY, '"PS"', '"PK"', "ID-01-PK: this ID is there twice"),
    "unknown placeholder": (IDENTITY, "of {limit};", "of {limits};", "ID-02: unknown placeholder {limits}"),
    "open brace": (IDENTITY, "of {limit};", "of limit};", "ID-02: unknown placeholder }"),
    "one text for all values": (IDENTITY, "Setting {value} is", "Setting it is", "ID-01.en: stands for several"),
    "value where there is none": (FRAMING, "CR ends", "{value} ends", "FMT-01: unknown placeholder {value}"),
    "code not in the enum": ("errors.toml", "code = 703", "code = 713", "NO_DEVICE_NAME: is 713, and 703 in"),
    "rule of other codes": ("errors.toml", "[[705, 706]]", "[[805, 806]]", "not-open: accepts none of the codes"),
    "rule backwards": ("errors.toml", "[[705, 706]]", "[[706, 705]]", "not-open.codes: Value error, a range of codes"),
    "rule twice": ("errors.toml", '"no-network"', '"not-open"', "not-open: this rule is there twice"),
    "rule for nobody": ("errors.toml", '["OP-05"]', '["OP-55"]', "no-network: no requirement OP-55"),
    "former ID of today": (
        FRAMING,
        'id = "FMT-02"',
        'id = "FMT-02"\nformerly = ["FMT-03"]',
        "was formerly FMT-03, which",
    ),
    "breach of no verdict": ("ambiguities.toml", '"DEVIATION"\n', '"PASS"\n', "AMB-01.breach: Input should be"),
    "default out of range": ("commands.toml", "default = 1883", "default = 0", "the default 0 is out of range"),
    "string for a number": ("commands.toml", "max_bytes = 32", 'max_bytes = "32"', "max_bytes: Input should be"),
    "limit of nothing": ("commands.toml", "max_bytes = 32", "max_bytes = 0", "max_bytes: Input should be"),
    "no limit": ("commands.toml", "max_bytes = 32\n", "", "command.+ALYDEVICENAME: Value error, an identity"),
    "choice left out": ("commands.toml", "value = 4", "value = 6", "choices must name each value"),
    "refused in range": ("commands.toml", "refused = [6,", "refused = [5,", "to be refused or recorded is in range"),
    "no default": ("commands.toml", "default = 2000\n", "", "command.+ALYMQTTCFG: Value error, every parameter"),
    "command twice": ("commands.toml", '"+ALYMQTTCLOSE"', '"+ALYMQTTOPEN"', "+ALYMQTTOPEN: this command is there"),
    "power cycle by nobody": ("commands.toml", '"PC-03"', '"PC-33"', "+ALYCONNECTCFG: no requirement PC-33"),
    "bound of no use": ("bounds.toml", "[burst_messages]", f"{USELESS}[burst_messages]", "useless: Extra inputs"),
    "bound without a reason": ("bounds.toml", "en = ", 'en = ""\n#', "keepalive_min_seconds.en: Value error, English"),
    "bound for nobody": ("bounds.toml", '["RV-03"]', '["RV-33"]', "burst_messages: no requirement RV-33"),
    "bound of another unit": ("bounds.toml", 'unit = "ms"', 'unit = "us"', "slowdown_milliseconds.unit: Input should"),
    "ruling for nobody": ("ambiguities.toml", '["FMT-03"]', '["FMT-33"]', "AMB-01: no requirement FMT-33"),
    "ruling out of order": ("ambiguities.toml", '"AMB-02"', '"AMB-52"', "AMB-52: AMB-02 belongs here"),
    "ruling on no section": ("ambiguities.toml", '["2.3", "2.4.1"]', '["2.5"]', "AMB-01: no section '2.5'"),
    "section twice": ("sections.toml", '"概述"\n', '"概述"\n' + OVERVIEW, "1: this section is there twice"),
    "not TOML": ("bounds.toml", "value = 50", "value 50", "not TOML"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_planted_mistake_is_refused_in_one_line(data: Path, mistake: tuple[str, str, str, str]) -> None:
    file, old, new, complaint = mistake
    plant(data, file, old, new)
    problem = refusal(data)
    assert problem.startswith(f"{file}: ")
    assert complaint in problem


def test_all_mistakes_of_a_file_are_told_at_once(data: Path) -> None:
    plant(data, FRAMING, '"FMT-02"', '"FMT-2"')
    plant(data, FRAMING, 'level = "O"', 'level = "0"')
    with pytest.raises(CatalogueError) as caught:
        loader.read(data)
    assert len(caught.value.problems) == 2


def test_a_missing_error_code_is_missed(data: Path) -> None:
    plant(data, "errors.toml", "NO_DEVICE_NAME", "NAMELESS")
    with pytest.raises(CatalogueError, match=re.escape("errors.toml: NAMELESS: must be in the data and in ErrorCode")):
        loader.read(data)


def test_a_missing_file_is_named(data: Path) -> None:
    (data / "bounds.toml").unlink()
    assert refusal(data).startswith("bounds.toml: ")


def test_a_bound_that_is_left_out_is_missed(data: Path) -> None:
    bounds = data / "bounds.toml"
    kept, _, gone = bounds.read_text("utf-8").partition("[burst_messages]")
    bounds.write_text(kept + gone[gone.index("[payload_min_bytes]") :], "utf-8")
    assert refusal(data) == "bounds.toml: burst_messages: Field required"


def test_a_lost_table_leaves_rulings_without_requirements(data: Path) -> None:
    (data / IDENTITY).unlink()
    with pytest.raises(CatalogueError, match=re.escape("ambiguities.toml: AMB-05: no requirement ID-01")):
        loader.read(data)


def test_the_hash_is_of_the_demands_alone(data: Path) -> None:
    bounds = data / "bounds.toml"
    bounds.write_bytes(b"# A remark.\r\n" + bounds.read_bytes().replace(b"\n", b"\r\n"))
    assert loader.read(data).sha256 == load().sha256
    plant(data, "bounds.toml", "value = 50", "value = 49")
    assert loader.read(data).sha256 != load().sha256
