from __future__ import annotations

import pytest

from rigs.cloud.packets import MalformedPacket
from rigs.cloud.topics import check_topic_filter, check_topic_name, matches
from tests.rigs.cloud.clauses import case, clause
from tests.rigs.cloud.matching import MATCHES


@clause("MQTT-3.3.2-3", "MQTT-4.7.2-1", "MQTT-4.7.3-4")
@pytest.mark.parametrize(("topic_filter", "topic", "expected"), MATCHES)
def test_filter_matches_as_section_4_7_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter.split("/"), topic.split("/")) is expected


@pytest.mark.parametrize(
    ("topic_filter", "named"),
    [
        case("MQTT-4.7.3-1", "", "MQTT-4.7.3-1"),
        *(case("MQTT-4.7.1-2", bad, "MQTT-4.7.1-2") for bad in ("a#", "#/a", "a/#/b", "##", "#a", "/#/")),
        *(case("MQTT-4.7.1-3", bad, "MQTT-4.7.1-3") for bad in ("a+", "+a/b", "++", "a/+b", "a/b+/c")),
    ],
)
def test_bad_filter_is_refused(topic_filter: str, named: str) -> None:
    with pytest.raises(MalformedPacket) as caught:
        check_topic_filter(topic_filter)
    assert caught.value.clause == named


@pytest.mark.parametrize("topic_filter", ["a", "/", "#", "+", "+/#", "/+", "a/+/b/#", "$SYS/#", " ", "a b"])
def test_good_filter_is_taken(topic_filter: str) -> None:
    check_topic_filter(topic_filter)


@pytest.mark.parametrize("topic", ["", "+", "a/#", "a+b"])
def test_bad_topic_name_is_refused(topic: str) -> None:
    with pytest.raises(MalformedPacket):
        check_topic_name(topic)
