"""Topic names and topic filters (MQTT 3.1.1, section 4.7)."""

from __future__ import annotations

from collections.abc import Sequence

from rigs.cloud.packets import MalformedPacket
from rigs.sentence import say


def check_topic_name(topic: str, clause: str = "MQTT-4.7.1-1") -> None:
    """Raise MalformedPacket unless ``topic`` may stand in a PUBLISH or a will."""
    if not topic:
        raise MalformedPacket(say("topic name is empty"), "MQTT-4.7.3-1")
    if "#" in topic or "+" in topic:
        raise MalformedPacket(say("topic name holds a wildcard"), clause)


def check_topic_filter(topic_filter: str) -> None:
    """Raise MalformedPacket unless ``topic_filter`` may stand in a SUBSCRIBE or an UNSUBSCRIBE."""
    if not topic_filter:
        raise MalformedPacket(say("topic filter is empty"), "MQTT-4.7.3-1")
    levels = topic_filter.split("/")
    for position, level in enumerate(levels):
        if "#" in level and (level != "#" or position != len(levels) - 1):
            raise MalformedPacket(say("'#' is not alone in the last level of a topic filter"), "MQTT-4.7.1-2")
        if "+" in level and level != "+":
            raise MalformedPacket(say("'+' does not fill its level of a topic filter"), "MQTT-4.7.1-3")


def matches(filter_levels: Sequence[str], topic_levels: Sequence[str]) -> bool:
    """Whether a filter matches a topic name, both already split at ``/``."""
    if topic_levels[0].startswith("$") and filter_levels[0] in ("#", "+"):
        return False  # MQTT-4.7.2-1
    for position, level in enumerate(filter_levels):
        if level == "#":
            return True  # also the parent level: "a/#" matches "a"
        if position == len(topic_levels) or level not in ("+", topic_levels[position]):
            return False
    return len(filter_levels) == len(topic_levels)
