"""The platform as the bench's cloud: the second device, the ways between the two, and what cannot be seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rigs.cloud.client import CloudClient
from rigs.cloud.credentials import Credential, Credentials
from rigs.cloud.events import PacketSeen
from rigs.cloud.journal import Journal
from rigs.cloud.login import Device
from rigs.cloud.platform import NOT_SEEN, DeviceClient, Platform, Ways, public_host
from rigs.errors import BenchError, Unseen
from tests.fixtures.played_platform import PlayedPlatform, platform

MODULE, SECOND = Device("a1pk", "meter", "x" * 32), Device("a2pk", "second", "y" * 32)


@pytest.fixture(scope="module")
def played() -> Iterator[PlayedPlatform]:
    with platform() as played:
        yield played


@pytest.fixture
def reached(played: PlayedPlatform) -> Iterator[Platform]:
    """The bench's side of a running platform."""
    credentials = Credentials(
        Credential("the module's device", played.module, ("A",)), Credential("the second device", played.peer, ("B",))
    )
    with Platform(credentials, lambda _device: played.cloud.address, tls_port=443, region=2) as reached:
        yield reached


@pytest.fixture
def module(played: PlayedPlatform, reached: Platform) -> Iterator[CloudClient]:
    """A client that is logged in as the module's device, as the module would be."""
    with DeviceClient(played.cloud.address, Credential("the module", played.module, ()), Journal()).connect() as module:
        yield module


def test_the_module_has_to_be_the_device_that_the_platform_knows(reached: Platform, played: PlayedPlatform) -> None:
    assert reached.enrol(MODULE) == played.module
    assert reached.address == played.cloud.address
    assert (reached.tls_address[1], reached.region) == (443, 2)


def test_what_needs_packets_is_unseen(reached: Platform) -> None:
    session = reached.session_since(mark := reached.journal.mark())
    assert session is not None
    questions = [
        lambda: reached.gateway,
        lambda: reached.connections,
        lambda: reached.register_device("a", "b", "c"),
        lambda: reached.journal.of(PacketSeen, mark),
        lambda: session.connect,
        lambda: session.closed,
        lambda: session.wait_online(1.0),
    ]
    for question in questions:
        with pytest.raises(Unseen, match="the bench sees no packets") as caught:
            question()
        assert str(caught.value) == NOT_SEEN


@pytest.mark.parametrize("name", ["t1", "t1/leaf", "t1".ljust(90, "x")])
def test_messages_take_both_ways_under_the_modules_topics(
    reached: Platform, module: CloudClient, played: PlayedPlatform, name: str
) -> None:
    topic, application = played.module.topic(name), reached.new_client()
    application.subscribe(topic)
    module.publish(topic, "up")
    assert [(m.topic, m.payload) for m in application.wait_messages(1, 5.0)] == [(topic, b"up")]
    module.subscribe(topic)
    mark = module.mark()
    application.publish_all(topic, ["down 1", "down 2"])
    assert [m.payload for m in module.wait_messages(2, 5.0, since=mark)] == [b"down 1", b"down 2"]
    application.close()


def test_an_absence_is_proven_by_a_later_message_of_the_module(reached: Platform, module: CloudClient) -> None:
    application = reached.new_client()
    assert application.settle(module.publish)
    assert application.settle(module.publish), "and again"
    application.close()


def test_each_view_shows_its_own_messages_only(reached: Platform, module: CloudClient, played: PlayedPlatform) -> None:
    topic = played.module.topic("seen")
    first = reached.new_client()
    first.subscribe(topic)
    module.publish(topic, "early")
    assert len(first.wait_messages(1, 5.0)) == 1
    first.close()
    second = reached.new_client()
    second.subscribe(topic)
    assert second.messages == ()
    second.close()


def test_a_second_device_that_is_kicked_off_is_told_once_and_comes_back(
    reached: Platform, played: PlayedPlatform
) -> None:
    application = reached.new_client()
    with DeviceClient(played.cloud.address, Credential("a rival", played.peer, ()), Journal()).connect():
        with pytest.raises(BenchError, match="lost its broker"):
            application.wait_messages(1, 5.0)
        with pytest.raises(BenchError, match="lost its broker"):
            reached.check()
    reached.check()


def test_a_topic_that_the_rules_do_not_carry_is_unseen() -> None:
    ways = Ways(MODULE, SECOND, levels=1, length=len("/a1pk/meter/user/t1"))
    assert ways.up("/a1pk/meter/user/t1") == "/a2pk/second/user/up/t1"
    assert ways.down("/a1pk/meter/user/t1") == "/a2pk/second/user/down/t1"
    assert ways.back("/a2pk/second/user/up/t1") == "/a1pk/meter/user/t1"
    for topic in ("/a1pk/meter/user/a/b", "/a1pk/meter/user/t12", "/other/meter/user/t1", "t"):
        with pytest.raises(Unseen, match="does not carry the topic"):
            ways.up(topic)


def test_the_public_address_names_product_and_region() -> None:
    assert public_host("a1pk", "cn-shanghai") == "a1pk.iot-as-mqtt.cn-shanghai.aliyuncs.com"


def test_no_secret_shows_in_what_the_bench_says_of_itself() -> None:
    credential = Credential("the module's device", MODULE, ())
    assert MODULE.device_secret not in f"{credential} {credential!r} {Credentials(credential, credential)!r}"
