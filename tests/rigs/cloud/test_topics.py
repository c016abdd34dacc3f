from __future__ import annotations

import pytest

from rigs.cloud.packets import MalformedPacket
from rigs.cloud.topics import check_topic_filter, check_topic_name, matches


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a", "a", True),
        ("a", "A", False),
        ("a", "a/", False),
        ("/a", "a", False),
        ("sport/tennis/#", "sport/tennis", True),
        ("sport/tennis/#", "sport/tennis/p1/score", True),
        ("sport/tennis/#", "sport/tennisx", False),
        ("sport/+", "sport/p1", True),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("sport/+", "sport/p1/x", False),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("+/b/#", "a/b/c/d", True),
        ("#", "a/b", True),
        ("#", "/", True),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("$SYS/+", "$SYS/x", True),
        ("a/$x/+", "a/$x/b", True),
        ("+", "", True),
        ("a//b", "a//b", True),
        ("a/+/b", "a//b", True),
    ],
)
def test_filter_matches_as_section_4_7_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter.split("/"), topic.split("/")) is expected


@pytest.mark.parametrize("topic_filter", ["", "a#", "#/a", "a/#/b", "a+", "+a/b", "##", "++"])
def test_bad_filter_is_refused(topic_filter: str) -> None:
    with pytest.raises(MalformedPacket):
        check_topic_filter(topic_filter)


@pytest.mark.parametrize("topic_filter", ["a", "/", "#", "+", "+/#", "/+", "a/+/b/#", "$SYS/#", " ", "a b"])
def test_good_filter_is_taken(topic_filter: str) -> None:
    check_topic_filter(topic_filter)


@pytest.mark.parametrize("topic", ["", "+", "a/#", "a+b"])
def test_bad_topic_name_is_refused(topic: str) -> None:
    with pytest.raises(MalformedPacket):
        check_topic_name(topic)
