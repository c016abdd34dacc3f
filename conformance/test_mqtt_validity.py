"""MQTT 3.1.1, which section 2.2 builds on: every packet of the run, whatever test it was sent in."""

from __future__ import annotations

from fixtures.requirements import last, requirement
from fixtures.verify import Verifier
from reports.why import Why
from rigs.cloud.side import CloudSide
from rigs.cloud.validity import examine
from rigs.sentence import say


@last
@requirement("MQ-01")
def test_every_packet_of_the_run_was_valid_mqtt(cloud: CloudSide, verify: Verifier) -> None:
    examination = examine(cloud.journal.events())
    if not examination.packets and not examination.invalid:
        verify.give_up("the module sent no packet in this run; OP-01 says why")
    breaches = examination.breaches
    observed = say("every packet")
    if breaches:
        observed = say(
            "{count} of {packets} packets are not; {breaches}",
            count=len(breaches),
            packets=examination.packets,
            breaches=[str(breach) for breach in breaches[:5]],
        )
    verify.that(not breaches, say("every packet that the module sends is valid MQTT 3.1.1"), observed, why=Why.PACKETS)
