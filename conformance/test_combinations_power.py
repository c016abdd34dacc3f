"""Section 2.4.5 and chapter 3, in combination: how values came to be what they are, and what the power is cut in.

Many values are set before each power cut, each in another way, and all of them are looked at behind it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from conformance.catalogue import Row
from conformance.combinations import effort_of_groups, groups, groups_for, rows_of
from conformance.cuts import LASTING, VOLATILE, Cuts
from conformance.sessions import has_tls
from fixtures.module import Module
from fixtures.power import Power
from fixtures.requirements import derived, requirement, tells
from fixtures.verify import Verifier
from rigs.cloud.instrument import Instrument
from rigs.errors import Unseen

IDENTITY, SETTINGS = (
    {"power-identity": "value", "power-text": "value"},
    {
        "power-settings": "command",
        "power-fields": "command",
    },
)
"""Models, and the factor of which each round has every level once at most."""
SESSION = "power-session"
Turns = list[tuple[str, list[Row]]]
"""Model and group for each round."""


@derived
@requirement("PC-01-PK", "PC-01-DN", "PC-01-DS", "PC-02", "PC-03", "PC-04", "PC-05")
@tells("ID-01", "ID-03", "ID-07", "CC-02", "MC-03", "OP-01", "CL-03", "SU-03")
def test_what_survives_a_power_cut_whatever_it_is_cut_in(module: Module, power: Power, verify: Verifier) -> None:
    identity, settings = by_turns(IDENTITY), by_turns(SETTINGS)
    gateway = gateway_of(module)
    without = {} if gateway is None or has_tls(module) else {"transport": ("tls",)}
    sessions = [] if gateway is None else rows_of(SESSION, without)
    least = max(rounds_for(turns, name) for turns in (identity, settings) for name in dict(turns))
    budget = verify.budget("power-cycles", max(len(identity), len(settings), len(sessions)), least)
    cuts = Cuts(module, power, verify, gateway)
    try:
        for number in budget.rounds():
            rows = [row for turns in (identity, settings) for _, group in turns[number : number + 1] for row in group]
            cuts.cut(number, rows, sessions[number] if number < len(sessions) else None)
    finally:
        # Other secrets have been made known for it.
        module.cloud.enrol(module.device)
    cuts.conclude()
    effort, lasting = budget.effort, (*dict.fromkeys(LASTING.values()), "PC-05")
    for turns, of in ((identity, lasting), (settings, (*VOLATILE.values(),))):
        for name in dict(turns):
            grouped = [group for turn, group in turns if turn == name]
            done = [turn for turn, _ in turns[: effort.done]].count(name)
            verify.effort(effort_of_groups(name, grouped, done, effort.cut), of=of)
    if sessions:
        done = min(effort.done, len(sessions))
        of_sessions = effort_of_groups(SESSION, [[row] for row in sessions], done, effort.cut)
        verify.effort(of_sessions, of=(*lasting, *VOLATILE.values()))


def by_turns(models: Mapping[str, str]) -> Turns:
    """The groups of several models, one of each by turns."""
    named = [[(name, group) for group in groups(name, factor)] for name, factor in models.items()]
    return [turn for together in itertools.zip_longest(*named) for turn in together if turn is not None]


def rounds_for(turns: Turns, name: str) -> int:
    """How many rounds it takes until the least number of rows of a model is done."""
    places = [number for number, (turn, _) in enumerate(turns, 1) if turn == name]
    return places[groups_for(name, [group for turn, group in turns if turn == name]) - 1]


def gateway_of(module: Module) -> Instrument | None:
    """The gateway, where there is one: without it no session is brought about before a power cut."""
    try:
        return module.cloud.gateway
    except Unseen:
        return None
