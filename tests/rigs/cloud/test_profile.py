"""What the gateway allows behind the login: all of MQTT 3.1.1, or what the platform does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.catalogue import BOUNDS
from rigs.cloud.events import Ending, PacketWithheld, Party, ProfileBreached
from rigs.cloud.login import Device
from rigs.cloud.packets import (
    Connect,
    Packet,
    Pingreq,
    Puback,
    Pubcomp,
    Publish,
    Pubrel,
    QoS,
    Suback,
    Subscribe,
    Subscription,
    Unsubscribe,
    Will,
)
from rigs.cloud.profile import PlatformRules, ProfileName, Rule, Rules, Ruling
from rigs.cloud.service import Cloud
from tests.rigs.cloud import wire as w
from tests.rigs.cloud.clauses import clause
from tests.rigs.cloud.wire import DEADLINE, Wire

Open = Callable[[], Wire]
OWN = "/a1pnQWj9dvs/test/user/"
OTHERS = "/a1pnQWj9dvs/other/user/t"
ONE, TWO = QoS.AT_LEAST_ONCE, QoS.EXACTLY_ONCE


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud(profile=ProfileName.PLATFORM) as running:
        yield running
        running.check()


@pytest.fixture
def one(module: Open, device: Device) -> Wire:
    """A device that is logged in at the platform."""
    return module().send(w.device_connect(device)).expect(w.CONNACK_OK)


def rules() -> PlatformRules:
    return PlatformRules(Device("a1pnQWj9dvs", "test", "s"))


def breaches(cloud: Cloud) -> list[tuple[Rule, str]]:
    return [(event.breach.rule, event.breach.consequence) for event in cloud.journal.of(ProfileBreached)]


@pytest.mark.parametrize(
    "packet",
    [
        Publish("any/topic", b"x", TWO, 7, retain=True),
        Subscribe(1, (Subscription("#", TWO),)),
        Pubrel(7),
        Pingreq(),
    ],
    ids=lambda packet: packet.TYPE.name,
)
def test_the_mqtt_profile_changes_nothing(packet: Packet) -> None:
    plain = Rules(Device("pk", "dn", "s"))
    assert plain.up(packet) == Ruling(packet)
    assert plain.down(packet) is packet
    connect = Connect("c", keep_alive=0, will=Will("w", b""))
    assert plain.admit(connect).connect is connect
    assert plain.admit(connect).refusal is None


@pytest.mark.parametrize("keep_alive", [30, 60, 1200])
def test_a_keep_alive_within_the_platforms_range_is_admitted(keep_alive: int) -> None:
    admission = rules().admit(Connect("c", keep_alive=keep_alive))
    assert (admission.refusal, admission.breaches) == (None, ())


def test_the_range_of_the_keep_alive_is_that_of_the_catalogue() -> None:
    allowed = PlatformRules.KEEP_ALIVES
    assert (allowed[0], allowed[-1]) == (BOUNDS.keepalive_min_seconds, BOUNDS.keepalive_max_seconds)


@pytest.mark.parametrize("keep_alive", [0, 1, 29, 1201, 65535])
def test_a_keep_alive_outside_the_platforms_range_is_refused_and_recorded(
    cloud: Cloud, module: Open, device: Device, keep_alive: int
) -> None:
    hello = w.device_connect(device, keep_alive=keep_alive)
    module().send(hello).expect(b"\x20\x02\x00\x03").expect_closed()
    (event,) = cloud.journal.of(ProfileBreached)
    assert event.breach.rule is Rule.KEEP_ALIVE
    end = cloud.connections[0].wait_closed(DEADLINE)
    assert end is not None
    assert end.by is Party.GATEWAY
    assert f"CONNACK 3: a keep-alive of {keep_alive} s, outside 30-1200 s" in end.reason
    record = event.to_record()
    assert (record["event"], record["rule"], record["packet"]) == ("profile-breach", "keep-alive", "CONNECT")
    assert len(bytes.fromhex(record["hex"])) == len(hello), "the bytes are recorded"
    assert bytes.fromhex(record["hex"]).endswith(b"*" * 40), "and the password is masked"


@pytest.mark.parametrize("profile", ProfileName)
def test_a_second_login_kicks_the_first_whatever_the_timestamp(profile: ProfileName) -> None:
    with Cloud(profile=profile) as cloud:
        device = cloud.register_device("pk", "dn", "s")
        with Wire(cloud.address) as first, Wire(cloud.address) as second:
            first.send(w.device_connect(device, timestamp=1)).expect(w.CONNACK_OK)
            second.send(w.device_connect(device, timestamp=2)).expect(w.CONNACK_OK)
            first.expect_closed()
            second.expect_quiet()
        end = cloud.connections[0].closed
        assert end is not None
        assert (end.by, end.reason) == (Party.BROKER, "second login of the same device [MQTT-3.1.4-2]")


def test_a_bad_login_is_refused_before_the_profile_is_asked(cloud: Cloud, module: Open, device: Device) -> None:
    hello = w.device_connect(device, keep_alive=0, password="0" * 40)
    module().send(hello).expect(b"\x20\x02\x00\x05").expect_closed()
    assert breaches(cloud) == []


def test_a_will_is_never_sent(cloud: Cloud, module: Open, device: Device) -> None:
    with cloud.new_client() as client:
        client.subscribe("#")
        one = module().send(w.device_connect(device, will=(f"{OWN}will", b"gone"))).expect(w.CONNACK_OK)
        one.reset()
        connection = cloud.connections[0]
        assert connection.wait_closed(DEADLINE)
        # Another client of that identifier ends what the broker still holds of the first one.
        cloud.forget_session(device.product_key, device.device_name)
        client.barrier()
        assert client.messages == ()
    assert breaches(cloud) == [(Rule.WILL, "the will is never sent")]


def test_a_message_with_retain_is_delivered_and_not_retained(cloud: Cloud, one: Wire) -> None:
    with cloud.new_client() as client:
        client.subscribe(f"{OWN}t")
        one.send(w.publish(f"{OWN}t", b"kept?", 1, 5, retain=True)).expect(w.ack(w.PUBACK, 5))
        message = client.receive(DEADLINE)
        assert message is not None
        assert message.payload == b"kept?"
    with cloud.new_client() as late:
        late.subscribe(f"{OWN}t")
        late.barrier()
        assert late.messages == ()
    assert breaches(cloud) == [(Rule.RETAIN, "the message is not retained")]
    assert cloud.connections[0].sent(Publish)[0].raw[0] & 1, "the record holds the packet as the module sent it"


def test_a_message_with_qos_2_ends_the_connection(cloud: Cloud, one: Wire) -> None:
    with cloud.new_client() as client:
        client.subscribe("#")
        one.send(w.publish(f"{OWN}t", b"x", 2, 5)).expect_closed()
        client.barrier()
        assert client.messages == ()
    assert breaches(cloud) == [(Rule.QOS_2, "the connection is closed")]
    end = cloud.connections[0].wait_closed(DEADLINE)
    assert end is not None
    assert (end.by, end.how) == (Party.GATEWAY, Ending.FIN)
    assert "QoS 2" in end.reason


def test_what_follows_a_packet_that_ends_the_connection_is_not_served(cloud: Cloud, one: Wire) -> None:
    with cloud.new_client() as client:
        client.subscribe("#")
        one.send(w.publish(f"{OWN}t", b"x", 2, 5) + w.publish(f"{OWN}t", b"late")).expect_closed()
        assert cloud.connections[0].wait_closed(DEADLINE)
        client.barrier()
        assert client.messages == ()


@clause("MQTT-3.3.5-2")
@pytest.mark.parametrize("topic", [OTHERS, "/a1pnQWj9dvs/test/update", "t", f"/x{OWN}t", "$SYS/t", OWN[1:] + "t"])
def test_a_message_to_a_foreign_topic_is_acknowledged_and_dropped(cloud: Cloud, one: Wire, topic: str) -> None:
    with cloud.new_client() as client:
        client.subscribe(topic)
        one.send(w.publish(topic, b"0"))
        one.send(w.publish(topic, b"1", 1, 5)).expect(w.ack(w.PUBACK, 5)).expect_quiet()
        client.barrier()
        assert client.messages == ()
    assert breaches(cloud) == [(Rule.OWN_TOPICS, "the message is dropped")] * 2


def test_the_acknowledgement_of_a_dropped_message_can_be_withheld(cloud: Cloud, one: Wire) -> None:
    with cloud.gateway.withholding_puback():
        one.send(w.publish(OTHERS, b"1", 1, 5)).expect_quiet()
    assert [event.packet for event in cloud.journal.of(PacketWithheld)] == [Puback(5)]


@pytest.mark.parametrize("topic", [f"{OWN}t", f"{OWN}a/b/c", "/sys/a1pnQWj9dvs/test/thing/event/property/post"])
def test_own_topics_are_free(cloud: Cloud, one: Wire, topic: str) -> None:
    one.send(w.subscribe(1, (topic, 0))).expect(b"\x90\x03\x00\x01\x00")
    one.send(w.publish(topic, b"loop")).expect(w.publish(topic, b"loop"))
    one.send(w.unsubscribe(2, topic)).expect(w.ack(w.UNSUBACK, 2)).expect_quiet()
    assert breaches(cloud) == []


@pytest.mark.parametrize(
    ("topic_filter", "allowed"),
    [
        (f"{OWN}#", True),
        (f"{OWN}+", True),
        (f"{OWN}+/t", True),
        ("/sys/a1pnQWj9dvs/test/#", True),
        ("#", False),
        ("/#", False),
        ("/a1pnQWj9dvs/test/#", False),
        ("/a1pnQWj9dvs/+/user/t", False),
        ("/+/test/user/t", False),
        ("/sys/#", False),
        ("$SYS/#", False),
        (OTHERS, False),
    ],
)
def test_a_filter_is_allowed_when_it_matches_own_topics_only(
    cloud: Cloud, one: Wire, topic_filter: str, allowed: bool
) -> None:
    one.send(w.subscribe(1, (topic_filter, 1))).expect(b"\x90\x03\x00\x01" + (b"\x01" if allowed else b"\x80"))
    assert breaches(cloud) == ([] if allowed else [(Rule.OWN_TOPICS, "SUBACK 0x80 for this filter")])


def test_foreign_filters_are_refused_and_the_others_of_the_packet_granted(cloud: Cloud, one: Wire) -> None:
    wishes = ((f"{OWN}zero", 0), (OTHERS, 1), (f"{OWN}one", 1), (f"{OWN}two", 2), ("#", 0))
    one.send(w.subscribe(9, *wishes)).expect(b"\x90\x07\x00\x09\x00\x80\x01\x01\x80")
    assert breaches(cloud) == [
        (Rule.OWN_TOPICS, "SUBACK 0x80 for this filter"),
        (Rule.QOS_2, "QoS 1 is granted"),
        (Rule.OWN_TOPICS, "SUBACK 0x80 for this filter"),
    ]
    with cloud.new_client() as client:
        client.publish(OTHERS, b"not for it", 0)
        client.publish(f"{OWN}one", b"for it", 0)
    one.expect(w.publish(f"{OWN}one", b"for it")).expect_quiet()


def test_what_the_broker_behind_refuses_is_refused() -> None:
    """An ordinary broker may have an opinion of its own on a filter."""
    subject = rules()
    asked = Subscribe(3, (Subscription(OTHERS, ONE), Subscription(f"{OWN}a", ONE), Subscription(f"{OWN}b", ONE)))
    assert subject.up(asked).passed_on == Subscribe(3, asked.subscriptions[1:])
    assert subject.down(Suback(3, (0x80, 1))) == Suback(3, (0x80, 0x80, 1))
    assert subject.down(Suback(3, (1,))) == Suback(3, (1,)), "nothing of that identifier is asked for any more"


def test_a_broker_that_answers_too_few_filters_grants_none_of_the_rest() -> None:
    subject = rules()
    subject.up(Subscribe(3, (Subscription(f"{OWN}a", ONE), Subscription(f"{OWN}b", ONE))))
    assert subject.down(Suback(3, (1,))) == Suback(3, (1, 0x80))


@pytest.mark.parametrize(
    "packet", [Pingreq(), Puback(3), Pubcomp(3), Unsubscribe(1, (OTHERS,)), Publish(f"{OWN}t", b"x", ONE, 3)]
)
def test_what_the_platform_allows_passes_unchanged(packet: Packet) -> None:
    assert rules().up(packet) == Ruling(packet)


def test_nothing_of_a_message_with_qos_2_is_passed_on() -> None:
    ruling = rules().up(Publish(OTHERS, b"", TWO, 1))
    assert (ruling.passed_on, ruling.answer, ruling.closes) == (None, None, True)


@pytest.mark.parametrize("granted", [0, 1])
@pytest.mark.parametrize("published", [0, 1])
def test_a_downlink_message_has_the_qos_of_its_publisher(cloud: Cloud, one: Wire, granted: int, published: int) -> None:
    one.send(w.subscribe(1, (f"{OWN}t", granted))).expect(b"\x90\x03\x00\x01" + bytes((granted,)))
    with cloud.new_client() as client:
        client.publish(f"{OWN}t", b"down", published)
    one.expect(w.publish(f"{OWN}t", b"down", published, 1))
    assert breaches(cloud) == []


def test_a_message_published_with_qos_2_comes_with_qos_1(cloud: Cloud, one: Wire) -> None:
    one.send(w.subscribe(1, (f"{OWN}t", 1))).expect(b"\x90\x03\x00\x01\x01")
    with cloud.new_client() as client:
        client.publish(f"{OWN}t", b"down", 2)
    one.expect(w.publish(f"{OWN}t", b"down", 1, 1))


def test_a_kept_session_keeps_the_qos_of_the_publisher(cloud: Cloud, module: Open, device: Device) -> None:
    one = module().send(w.device_connect(device, clean=False, timestamp=1)).expect(w.CONNACK_OK)
    one.send(w.subscribe(1, (f"{OWN}t", 0))).expect(b"\x90\x03\x00\x01\x00").send(w.DISCONNECT).expect_closed()
    with cloud.new_client() as client:
        client.publish(f"{OWN}t", b"meanwhile", 1)
    two = module().send(w.device_connect(device, clean=False, timestamp=2)).expect(w.CONNACK_PRESENT)
    two.expect(w.publish(f"{OWN}t", b"meanwhile", 1, 1))
