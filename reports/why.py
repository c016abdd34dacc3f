"""Why a judgement is told in words only and cannot be made again from the record."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """The reason, as the run record names it."""

    PACES = "paces"
    """The times of very many answers are compared with each other, the bench's own pauses taken into account."""
    RESTARTS = "restarts"
    """A restart is told by several signs together, which the rig weighs while it happens."""
    PACKETS = "packets"
    """Every packet is held against all of MQTT 3.1.1, by the gateway's own reader."""
    LINK = "link"
    """The time without a packet ends where the bench stopped watching, at no event."""
    POLLUTED = "polluted"
    """Which of many lines did it is found out by trying them again."""
    UNSEEN = "unseen"
    """Nobody on this rig sees the module's packets: only those who received its messages can tell."""
    MASKED = "masked"
    """A secret that the record does not show hides what it would take."""
    PARSERS = "parsers"
    """The record's own parser sees it otherwise than the bench did: one of the two is wrong."""
    NOT_JUDGED = "not-judged"
    """Nothing was judged; the finding says why."""
    WORDS = "words"
    """An older suite, or one that does not say why."""
