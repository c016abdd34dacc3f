"""What was expected to be seen at the gateway and what was, in both languages: each side a text and its values."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from typing import Any, TypeAlias

from reports.events import Bilingual
from reports.judging.sights import (
    Acknowledged,
    Arrived,
    CleanSession,
    Disconnected,
    FirstDelivery,
    Granted,
    KeepAlive,
    LoggedIn,
    NotEnded,
    NothingPlain,
    OnlineOver,
    SentWith,
    Sight,
    StillOnline,
    Subscribed,
    Unquoted,
    Unsubscribed,
)
from reports.judging.wording import shown, text

_MOST = 10
"""Values that a sentence lists."""
_PARTIES = {"module": text("party.module"), "gateway": text("party.gateway"), "broker": text("party.broker")}
Sides: TypeAlias = tuple[Bilingual, Bilingual]


@singledispatch
def sides(sight: Sight, found: Any) -> Sides:
    """What was expected, and what was ``found``."""
    raise TypeError(f"no words for {sight}")


@sides.register
def _(sight: LoggedIn, found: Any) -> Sides:
    mode, user = sight.secure_mode, sight.user
    if user is not None:
        key = "expected.logged-in-user" if mode is None else "expected.logged-in-user-mode"
        expected = text(key, user=shown(user), mode=mode)
    else:
        expected = text("expected.logged-in") if mode is None else text("expected.logged-in-mode", mode=mode)
    if found is None:
        return expected, text("came.no-connection" if sight.connection is None else "came.no-connect")
    if found.accepted and user is not None:
        told = text("came.login-accepted-of", mode=_value(found.secure_mode), user=shown(found.user))
        return expected, told
    if found.accepted:
        return expected, text("came.login-accepted", mode=_value(found.secure_mode))
    return expected, text("came.login-refused", mode=_value(found.secure_mode), reason=shown(found.reason))


@sides.register
def _(sight: OnlineOver, found: Any) -> Sides:
    expected = text("expected.online-over-tls" if sight.tls else "expected.online-plain")
    if found is None:
        return expected, text("came.no-connection")
    return expected, text("came.online-over", tls=_yes(found[0]), online=_yes(found[1]))


@sides.register
def _(sight: CleanSession, found: Any) -> Sides:
    return text("expected.clean-session", clean=int(sight.clean)), _or_no_connect(None if found is None else int(found))


@sides.register
def _(sight: KeepAlive, found: Any) -> Sides:
    expected = text("expected.keep-alive", least=sight.least, most=sight.most)
    return expected, _or_no_connect(None if found is None else f"{found} s")


@sides.register
def _(sight: Subscribed, found: Any) -> Sides:
    expected = text("expected.subscribed", topic=shown(sight.topic), qos=sight.qos)
    return expected, text("came.qos", values=_values(found))


@sides.register
def _(sight: Granted, found: Any) -> Sides:
    return text("expected.granted", topic=shown(sight.topic)), text("came.codes", values=_values(found))


@sides.register
def _(sight: Unsubscribed, found: Any) -> Sides:
    return text("expected.unsubscribed", topic=shown(sight.topic)), text("came.times", count=found)


@sides.register
def _(sight: SentWith, found: Any) -> Sides:
    expected = text("expected.sent-with", topic=shown(sight.topic), qos=sight.qos)
    return expected, text("came.flags", values=_values(f"{qos}/{int(retain)}" for qos, retain in found))


@sides.register
def _(sight: FirstDelivery, found: Any) -> Sides:
    came = text("came.nothing") if found is None else text("came.value", value=f"DUP={int(found)}")
    return text("expected.first-delivery", topic=shown(sight.topic)), came


@sides.register
def _(sight: Acknowledged, found: Any) -> Sides:
    count, missing = found
    came = text("came.acknowledged", count=count, missing=_values(missing))
    return text("expected.acknowledged", topic=shown(sight.topic)), came


@sides.register
def _(sight: Disconnected, found: Any) -> Sides:
    came = text("came.not-ended") if found is None else text("came.disconnect", seen=_yes(found))
    return text("expected.disconnected"), came


@sides.register
def _(sight: NotEnded, found: Any) -> Sides:
    came = text("came.not-ended") if found is None else text("came.ended-by", party=_PARTIES.get(found, shown(found)))
    return text("expected.not-ended"), came


@sides.register
def _(sight: StillOnline, found: Any) -> Sides:
    return text("expected.still-online"), text("came.still-online", online=_yes(found))


@sides.register
def _(sight: NothingPlain, found: Any) -> Sides:
    return text("expected.nothing-plain"), text("came.connections", numbers=_values(found))


@sides.register
def _(sight: Unquoted, found: Any) -> Sides:
    came = text("came.quoted", lines=len(found), quoted=sum(found))
    return text("expected.unquoted", topic=shown(sight.topic)), came


@sides.register
def _(sight: Arrived, found: Any) -> Sides:
    expected = text("expected.arrived", topic=shown(sight.topic), payload=shown(sight.payload))
    return expected, text("came.times", count=found)


def _or_no_connect(value: object) -> Bilingual:
    return text("came.no-connect") if value is None else text("came.value", value=value)


def _yes(fact: bool) -> Bilingual:
    return text("said.yes" if fact else "said.no")


def _value(value: object) -> object:
    return text("came.nothing") if value is None else value


def _values(values: Iterable[object]) -> object:
    listed = [str(value) for value in values]
    more = [f"+{len(listed) - _MOST}"] if len(listed) > _MOST else []
    return ", ".join((*listed[:_MOST], *more)) if listed else text("came.nothing")
