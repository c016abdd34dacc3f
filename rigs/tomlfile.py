"""Reading a TOML file that somebody wrote: what is wrong with it is told in one line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


class TomlFileError(Exception):
    """A file that is no readable TOML; one line: file, what is wrong, what would be right."""


def read_toml(path: Path, called: str, option: str) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a file and what they say; ``called`` is its kind in words, ``option`` what names it."""
    try:
        content = path.read_bytes()
        return content, tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise TomlFileError(
            f"{path}: cannot be read ({error.strerror}): name an existing {called} with {option}"
        ) from error
    except UnicodeDecodeError as error:
        raise TomlFileError(f"{path}: not UTF-8 text (byte {error.start}): save the {called} as UTF-8") from error
    except (ValueError, RecursionError) as error:
        # Not only what the reader calls its own: an integer of thousands of digits is Python's ValueError.
        raise TomlFileError(f"{path}: not valid TOML: {error}: mend that line") from error
