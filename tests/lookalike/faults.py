"""All faults; `python -m tests.lookalike.faults` prints them as JSON lines."""

from __future__ import annotations

import json

from . import (
    faults_answers,
    faults_collide,
    faults_identity,
    faults_login,
    faults_more,
    faults_more2,
    faults_mqttcfg,
    faults_network,
    faults_packets,
    faults_parser,
    faults_power,
    faults_publish,
    faults_receive,
    faults_robust,
    faults_session,
    faults_settings,
    faults_shapes,
    faults_subscribe,
)
from .registry import Fault

AREAS = (
    faults_identity,
    faults_settings,
    faults_mqttcfg,
    faults_power,
    faults_login,
    faults_session,
    faults_subscribe,
    faults_publish,
    faults_receive,
    faults_collide,
    faults_network,
    faults_packets,
    faults_parser,
    faults_shapes,
    faults_answers,
    faults_robust,
    faults_more,
    faults_more2,
)
FAULTS: dict[str, Fault] = {fault.name: fault for area in AREAS for fault in area.AREA.faults}


def main() -> None:
    """Print the registry."""
    for fault in FAULTS.values():
        shown = {"name": fault.name, "kind": fault.kind, "area": fault.area}
        print(json.dumps({**shown, "breaks": list(fault.breaks), "sentence": fault.sentence}, ensure_ascii=False))


if __name__ == "__main__":
    main()
