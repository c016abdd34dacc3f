"""Every way to spoil a packet really makes it malformed, or an answer that belongs to nothing."""

from __future__ import annotations

import pytest

from rigs.cloud.codec import Decoder, encode
from rigs.cloud.malformations import MALFORMATIONS, Malformation
from rigs.cloud.packets import (
    Connack,
    ConnackCode,
    MalformedPacket,
    Packet,
    Pingresp,
    Puback,
    Publish,
    QoS,
    Suback,
    Unsuback,
)

SAMPLES: dict[type[Packet], Packet] = {
    Connack: Connack(ConnackCode.ACCEPTED),
    Publish: Publish("a/b", b"x" * 200, QoS.AT_LEAST_ONCE, 5),
    Puback: Puback(5),
    Suback: Suback(5, (1,)),
    Unsuback: Unsuback(5),
    Pingresp: Pingresp(),
}
CASES = [(how, kind) for how in MALFORMATIONS for kind in how.kinds]


@pytest.mark.parametrize(("how", "kind"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_spoiled_packet_is_no_mqtt_any_more(how: Malformation, kind: type[Packet]) -> None:
    decoder, raw = Decoder(), how.of(encode(SAMPLES[kind]))
    if how.name == "longer than what comes":
        assert decoder.feed(raw) == []
        assert decoder.pending == raw
    elif how.name in ("identifier that nobody waits for", "a return code too many"):
        ((packet, _),) = decoder.feed(raw)
        assert type(packet) is kind
        assert packet != SAMPLES[kind]
    else:
        with pytest.raises(MalformedPacket) as caught:
            decoder.feed(raw)
        assert caught.value.decoded == []


def test_there_is_a_way_to_spoil_every_packet_that_answers_a_module() -> None:
    assert {kind for _, kind in CASES} == SAMPLES.keys()


def test_names_are_different() -> None:
    assert len({how.name for how in MALFORMATIONS}) == len(MALFORMATIONS)
