"""Malformed MQTT from the cloud: unasked for, as a message, and in the place of an answer."""

from __future__ import annotations

import pytest

from conformance.values import KEEPALIVES
from fixtures.online import Messages, Online
from fixtures.requirements import requirement, soak
from fixtures.verify import Verifier
from rigs.at.dialogue import Exchange
from rigs.cloud.events import RawSent
from rigs.cloud.instrument import Instrument
from rigs.cloud.malformations import MALFORMATIONS, Malformation
from rigs.cloud.packets import Connack, Packet, Pingreq, Pingresp, Puback, Publish, Suback, Unsuback

UNASKED = {
    "type-0": b"\x00\x00",
    "type-15": b"\xf0\x00",
    "connect": b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00",
    "second-connack": b"\x20\x02\x00\x00",
    "publish-without-identifier": b"\x32\x03\x00\x01a",
    "puback-nobody-waits-for": b"\x40\x02\x77\x77",
    "short-puback": b"\x40\x01\x00",
    "pubrec-nobody-waits-for": b"\x50\x02\x77\x77",
    "empty-pubrec": b"\x50\x00",
    "pubrel-with-identifier-0": b"\x62\x02\x00\x00",
    "pubrel-with-wrong-flags": b"\x60\x02\x00\x01",
    "long-pubcomp": b"\x70\x04\x00\x01\x00\x00",
    "subscribe": b"\x82\x06\x00\x01\x00\x01a\x00",
    "suback-nobody-waits-for": b"\x90\x03\x77\x77\x00",
    "short-suback": b"\x90\x01\x00",
    "unsubscribe": b"\xa2\x05\x00\x01\x00\x01a",
    "empty-unsuback": b"\xb0\x00",
    "pingreq": b"\xc0\x00",
    "pingresp-with-a-body": b"\xd0\x02\x00\x00",
    "disconnect": b"\xe0\x00",
    "endless-length": b"\x30\xff\xff\xff\xff\xff",
    "noise": bytes(range(256)),
}
"""By their types, packets that are malformed, or that no client is ever sent (MQTT 3.1.1, section 2.2.1)."""


UNANSWERED = ("longer than what comes", "identifier 0", "identifier that nobody waits for")
"""Ways to spoil an answer after which a module may wait in vain for as long as it waits for any answer."""


def ways(*kinds: type[Packet]) -> list[object]:
    """Every way to spoil a packet of these kinds, as parameters; those that cost a wait for one kind in each run."""
    return [
        pytest.param(
            kind,
            how,
            id=f"{kind.__name__.lower()}-{how.name.replace(' ', '-')}",
            marks=[soak]
            if how.name in UNANSWERED and kind is not kinds[UNANSWERED.index(how.name) % len(kinds)]
            else [],
        )
        for kind in kinds
        for how in MALFORMATIONS
        if kind in how.kinds
    ]


@requirement("SC-01")
@pytest.mark.parametrize("packet", UNASKED.values(), ids=UNASKED)
def test_a_malformed_packet_that_comes_unasked_does_not_kill_the_module(
    online: Online, gateway: Instrument, verify: Verifier, packet: bytes
) -> None:
    mark = online.cloud.journal.mark()
    gateway.send_raw(online.connection, packet)
    verify_alive(online, verify, since=mark)


@requirement("SC-01")
@pytest.mark.parametrize(("kind", "how"), ways(Publish))
def test_a_malformed_message_does_not_kill_the_module(
    online: Online, gateway: Instrument, verify: Verifier, kind: type[Packet], how: Malformation
) -> None:
    topic, mark = online.subscribed_topic(), online.cloud.journal.mark()
    with gateway.malforming(kind, how):
        online.cloud_publishes(topic, "spoiled on its way")
        verify_alive(online, verify, since=mark)


@requirement("SC-01")
@pytest.mark.parametrize(("kind", "how"), ways(Connack, Suback, Unsuback, Puback))
def test_a_malformed_answer_does_not_kill_the_module(
    messages: Messages, gateway: Instrument, verify: Verifier, kind: type[Packet], how: Malformation
) -> None:
    if kind is Connack:
        messages.module.configure_session(impatient=True)
    else:
        messages.came_online(impatient=True)
    mark = messages.cloud.journal.mark()
    with gateway.malforming(kind, how):
        verify(ask_for(kind, messages)).answered()
        # OK of a publish need not wait for its PUBACK.
        await_spoiled(messages, since=mark)
    verify_alive(messages, verify, since=mark)


@soak
@requirement("SC-01")
@pytest.mark.parametrize(("kind", "how"), ways(Pingresp))
def test_a_malformed_answer_to_a_ping_does_not_kill_the_module(
    messages: Messages, gateway: Instrument, verify: Verifier, kind: type[Packet], how: Malformation
) -> None:
    connection = messages.came_online(keepalive=messages.module.shortest_accepted_keepalive(*KEEPALIVES))
    mark = messages.cloud.journal.mark()
    with gateway.malforming(kind, how):
        if not connection.wait_packet(Pingreq, 2.0 * connection.announced_keepalive):
            verify.give_up("the module sent no PINGREQ that could be answered; NW-01 judges that")
        verify_alive(messages, verify, since=mark)


def ask_for(answer: type[Packet], messages: Messages) -> Exchange:
    """A command that ends with this packet from the cloud."""
    module, topic = messages.module, messages.topic()
    if answer is Connack:
        return module.open()
    if answer is Puback:
        return module.publish(topic, "to be acknowledged", 1)
    return module.unsubscribe(topic) if answer is Unsuback else module.subscribe(topic, 1)


def await_spoiled(messages: Messages, *, since: int) -> bool:
    """Wait until malformed bytes have gone to the module; False when none go."""
    deadline = messages.deadlines.cloud
    return messages.cloud.journal.wait_for(lambda event: isinstance(event, RawSent), deadline, since) is not None


def verify_alive(messages: Messages, verify: Verifier, *, since: int) -> None:
    """Judge that AT and CLOSE are answered, and that OPEN brings the module online again.

    ``since`` is the position in the cloud's journal just before the malformed bytes, which have to be on their way.
    """
    module = messages.module
    if not await_spoiled(messages, since=since):
        verify.give_up("no malformed packet went to the module")
    verify(module.send("AT")).ok()
    # What comes over the network need not have been taken in before AT: CLOSE has to go there, too.
    verify(module.close()).answered()
    verify(module.send("AT")).ok()
    messages.cloud.hang_up()
    module.configure_session()
    connection, exchange = module.try_open()
    verify(exchange).ok()
    verify.came_online(connection, "again")
