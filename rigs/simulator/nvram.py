"""Non-volatile memory: the four identity values, in a JSON file that is always either the old one or the new one."""

from __future__ import annotations

import json
import os
from pathlib import Path

SCHEMA = 1


class StateFileError(Exception):
    """The state file exists and is not one of ours, or cannot be read."""


class NonVolatileMemory:
    """Named byte strings that outlive the module's process.

    Each value is stored as the JSON string of its latin-1 characters: any bytes survive, and the file stays readable.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self.durable = durable
        self._values = self.load(path)

    @staticmethod
    def load(path: Path) -> dict[str, bytes]:
        """Read the file; a missing one is an empty memory. Raises :class:`StateFileError`."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["schema"] != SCHEMA:
                raise StateFileError(f"{path}: schema {document['schema']!r}, expected {SCHEMA}")
            return {name: text.encode("latin-1") for name, text in document["identity"].items()}
        except FileNotFoundError:
            if not path.parent.is_dir():
                raise StateFileError(f"{path}: there is no directory {path.parent}") from None
            return {}
        except OSError as error:
            raise StateFileError(f"{path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateFileError(f"{path}: not a state file of this simulator") from error

    def read(self, name: str) -> bytes:
        """The value, empty when it was never set."""
        return self._values.get(name, b"")

    def write(self, name: str, value: bytes) -> None:
        """Store one value; it is on disk when this returns."""
        values = {**self._values, name: value}
        self.flush(values)
        self._values = values

    def flush(self, values: dict[str, bytes]) -> None:
        """Replace the file in one step: the process may be killed at any instant in here."""
        document = {"schema": SCHEMA, "identity": {name: value.decode("latin-1") for name, value in values.items()}}
        new = self.path.with_name(self.path.name + ".new")
        with new.open("wb", buffering=0) as file:
            file.write(json.dumps(document).encode("ascii"))
            if self.durable:
                os.fsync(file.fileno())
        new.replace(self.path)
