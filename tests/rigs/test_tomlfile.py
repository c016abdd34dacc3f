"""A TOML file that somebody wrote: what is wrong with it is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rigs.tomlfile import TomlFileError, read_toml


@pytest.mark.parametrize("content", ["a = ", f"a = {'9' * 5000}", "a = " + "[" * 5000], ids=["cut", "digits", "deep"])
def test_what_cannot_be_read_is_one_line_that_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(TomlFileError) as refusal:
        read_toml(path, "rig file", "--rig")
    assert str(refusal.value).startswith(f"{path}: not valid TOML: ")
    assert "\n" not in str(refusal.value)
