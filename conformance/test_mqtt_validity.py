"""MQTT 3.1.1 as the module speaks it, judged over the whole run from what the gateway saw."""

from __future__ import annotations

import pytest

from fixtures.requirements import last, requirement
from fixtures.verify import Verifier
from rigs.cloud.events import Direction, Malformed, PacketSeen
from rigs.cloud.side import CloudSide


@last
@requirement("MQ-01")
@pytest.mark.usefixtures("gateway")
def test_every_packet_of_the_module_was_valid_mqtt(cloud: CloudSide, verify: Verifier) -> None:
    if not any(seen.direction is Direction.UP for seen in cloud.journal.of(PacketSeen)):
        verify.give_up("the gateway saw no packet of the module in this run")
    breaches = [f"{event.reason} [{event.clause}]" for event in cloud.journal.of(Malformed)]
    verify.that(not breaches, "valid MQTT 3.1.1 in every packet", f"{len(breaches)} breaches: {breaches[:5]}")
