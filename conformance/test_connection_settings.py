"""Section 2.4.5: region, port and tls_flag."""

from __future__ import annotations

import pytest

from conformance.catalogue import CONNECT_CFG
from conformance.values import MALFORMED, NO_INTEGERS, WRONG_PARAMETER
from fixtures.module import Module
from fixtures.online import Online
from fixtures.requirements import requirement, smoke
from fixtures.verify import Verifier
from rigs.at.commands import Bare

REGION, PORT, TLS_FLAG = CONNECT_CFG.parameters
PORTS_APART = 997
"""A prime, so that the ports tried between the boundaries have no pattern of bits in common."""
OLD = (2, 2883, 1)
"""Differs from the defaults, and from what the refused lines carry, in every field."""


@smoke
@requirement("CC-02")
@pytest.mark.parametrize(("port", "flag"), [(1883, 0), (443, 1)])
@pytest.mark.parametrize("region", REGION.values)
def test_every_region_is_accepted_and_returned(
    module: Module, verify: Verifier, region: int, port: int, flag: int
) -> None:
    setting, query = module.set(CONNECT_CFG, region, port, flag), module.query(CONNECT_CFG)
    returned = query.says(region, port, flag)
    verify.observe(region=region, accepted=setting.ok, returned=returned, evidence=(*setting.evidence, *query.evidence))
    verify(setting).ok()
    verify(query).answers(region, port, flag)


@requirement("CC-02")
def test_settings_that_are_accepted_while_open_are_there_at_once(online: Online, verify: Verifier) -> None:
    setting = verify(online.module.set(CONNECT_CFG, *OLD)).answered()
    verify.observe(accepted_while_open=setting.ok, evidence=setting.evidence)
    if setting.ok:
        verify(online.module.query(CONNECT_CFG)).answers(*OLD)


@smoke
@requirement("CC-03")
@pytest.mark.parametrize("region", REGION.refused)
def test_a_region_out_of_range_is_refused(module: Module, verify: Verifier, region: int) -> None:
    module.hold(CONNECT_CFG, *OLD)
    verify(module.set(CONNECT_CFG, region, 1883, 0)).refused(WRONG_PARAMETER)
    verify(module.query(CONNECT_CFG)).still_answers(*OLD)


@requirement("CC-03")
@pytest.mark.parametrize("region", NO_INTEGERS, ids=["negative", "letter", "empty", "hexadecimal"])
def test_a_region_that_is_no_integer_is_refused(module: Module, verify: Verifier, region: Bare) -> None:
    module.hold(CONNECT_CFG, *OLD)
    verify(module.set(CONNECT_CFG, region, 1883, 0)).refused(MALFORMED)
    verify(module.query(CONNECT_CFG)).still_answers(*OLD)


@requirement("CC-04")
@pytest.mark.parametrize("region", [0, 4])
@pytest.mark.parametrize("flag", TLS_FLAG.values)
def test_both_tls_flags_are_accepted_and_returned(module: Module, verify: Verifier, flag: int, region: int) -> None:
    verify(module.set(CONNECT_CFG, region, 8883, flag)).ok()
    verify(module.query(CONNECT_CFG)).answers(region, 8883, flag)


@requirement("CC-04")
@pytest.mark.parametrize("flag", [*TLS_FLAG.refused, *NO_INTEGERS], ids=repr)
def test_any_other_tls_flag_is_refused(module: Module, verify: Verifier, flag: int | Bare) -> None:
    verify(module.set(CONNECT_CFG, 0, 1883, flag)).refused()


@requirement("CC-05")
@pytest.mark.parametrize("port", [1, 2, 80, 255, 256, 443, 1024, 8883, 32767, 32768, 65534, 65535])
def test_ports_around_every_boundary_are_accepted_and_returned(module: Module, verify: Verifier, port: int) -> None:
    verify(module.set(CONNECT_CFG, 0, port, 0)).ok()
    verify(module.query(CONNECT_CFG)).answers(0, port, 0)


@requirement("CC-05")
def test_ports_all_over_the_range_are_accepted_and_returned(module: Module, verify: Verifier) -> None:
    for port in range(PORTS_APART, PORT.values.stop, PORTS_APART):
        verify(module.set(CONNECT_CFG, 0, port, 0)).ok()
        verify(module.query(CONNECT_CFG)).answers(0, port, 0)


@requirement("CC-05")
@pytest.mark.parametrize("port", [*PORT.refused, 65536 + 1883, 4294967296 + 1883, *NO_INTEGERS], ids=repr)
def test_a_port_out_of_range_is_refused(module: Module, verify: Verifier, port: int | Bare) -> None:
    verify(module.set(CONNECT_CFG, 0, port, 0)).refused()


@requirement("CC-05")
def test_how_port_0_is_treated(module: Module, verify: Verifier) -> None:
    answer = verify(module.set(CONNECT_CFG, 0, 0, 0)).answered()
    verify.observe(port_0_accepted=answer.ok, evidence=answer.evidence)


@requirement("CC-06")
@pytest.mark.parametrize("refused", [(6, 1884, 0), (1, 65536, 0), (1, 1884, 2), (1, 1884, Bare(b"x"))], ids=repr)
def test_a_refused_set_changes_no_field(module: Module, verify: Verifier, refused: tuple[int | Bare, ...]) -> None:
    module.hold(CONNECT_CFG, *OLD)
    if module.set(CONNECT_CFG, *refused).ok:
        verify.give_up("the line was accepted, so nothing can be said of a refused one")
    verify(module.query(CONNECT_CFG)).still_answers(*OLD)


@requirement("CC-07")
@pytest.mark.parametrize("arguments", [(Bare(b""),), (0,), (0, 1883), (0, 1883, 0, 0)], ids=["none", "1", "2", "4"])
def test_the_wrong_number_of_parameters_is_refused(
    module: Module, verify: Verifier, arguments: tuple[int | Bare, ...]
) -> None:
    module.hold(CONNECT_CFG, *OLD)
    verify(module.set(CONNECT_CFG, *arguments)).refused(MALFORMED)
    verify(module.query(CONNECT_CFG)).still_answers(*OLD)
