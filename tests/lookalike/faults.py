"""All faults; `python -m tests.lookalike.faults` prints them as JSON lines."""

from __future__ import annotations

import json

from . import faults_identity
from .registry import Fault

FAULTS: dict[str, Fault] = {fault.name: fault for area in (faults_identity.AREA,) for fault in area.faults}


def main() -> None:
    """Print the registry."""
    for fault in FAULTS.values():
        shown = {"name": fault.name, "kind": fault.kind, "area": fault.area}
        print(json.dumps({**shown, "breaks": list(fault.breaks), "sentence": fault.sentence}, ensure_ascii=False))


if __name__ == "__main__":
    main()
