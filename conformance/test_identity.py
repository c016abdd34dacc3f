"""Sections 2.4.1 to 2.4.4: DeviceName, DeviceSecret, ProductKey and ProductSecret."""

from __future__ import annotations

import pytest

from conformance.catalogue import IDENTITY_VALUES, IdentityValue
from conformance.values import MALFORMED, PLATFORM_CHARACTERS, PRINTABLE, arranged, longest, sample, too_long
from fixtures.module import Module
from fixtures.online import Online
from fixtures.requirements import requirement, smoke
from fixtures.verify import Verifier
from rigs.at.commands import Bare

QUOTES_AND_BACKSLASHES = {"quotes": 'a"b"c', "only-a-quote": '"', "backslash": "a\\b", "only-a-backslash": "\\"}
"""By names that may be shown where the value is a secret."""


@smoke
@requirement("ID-01", each=IDENTITY_VALUES)
def test_a_value_that_was_set_is_returned_byte_for_byte(module: Module, verify: Verifier, value: IdentityValue) -> None:
    verify(module.set(value, text := sample(value))).ok()
    answer = verify(module.query(value)).answers(text)
    verify.observe(quoted=answer.information[0].value.lstrip().startswith(b'"'), evidence=answer.evidence)


@requirement("ID-01", each=IDENTITY_VALUES)
def test_every_printable_character_is_returned_unchanged(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    characters = arranged(PRINTABLE.replace('"', "").replace("\\", ""), value)
    for start in range(0, len(characters), value.limit - 2):
        # A blank at either end is a character, too.
        text = f"x{characters[start : start + value.limit - 2]}y"
        verify(module.set(value, text)).ok()
        verify(module.query(value)).answers(text)


@requirement("ID-01", each=IDENTITY_VALUES)
@pytest.mark.parametrize("what", QUOTES_AND_BACKSLASHES)
def test_how_quotes_and_backslashes_are_treated(
    module: Module, verify: Verifier, value: IdentityValue, what: str
) -> None:
    setting = verify(module.set(value, text := QUOTES_AND_BACKSLASHES[what])).answered()
    returned = module.query(value)
    verify.observe(
        value_with=what, accepted=setting.ok, returned_unchanged=returned.says(text), evidence=setting.evidence
    )


@requirement("ID-01", each=IDENTITY_VALUES)
def test_a_value_that_is_accepted_while_open_is_there_at_once(
    online: Online, verify: Verifier, value: IdentityValue
) -> None:
    setting = verify(online.module.set(value, text := sample(value, variant=2))).answered()
    verify.observe(accepted_while_open=setting.ok, evidence=setting.evidence)
    if setting.ok:
        verify(online.module.query(value)).answers(text)


@smoke
@requirement("ID-02", each=IDENTITY_VALUES)
def test_the_shortest_and_the_longest_values_are_accepted(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    for length in (1, 2, value.limit - 1, value.limit):
        verify(module.set(value, text := sample(value, length))).ok()
        verify(module.query(value)).answers(text)


@requirement("ID-02", each=IDENTITY_VALUES)
def test_every_length_up_to_the_limit_is_accepted(module: Module, verify: Verifier, value: IdentityValue) -> None:
    for length in range(1, value.limit + 1):
        verify(module.set(value, text := sample(value, length, variant=length % 3))).ok()
        verify(module.query(value)).answers(text)


@smoke
@requirement("ID-03", each=IDENTITY_VALUES)
@pytest.mark.parametrize("excess", [1, 2, 3, 16, 64, 128, 224, 256, 512, 900])
def test_a_value_beyond_the_limit_is_refused_and_the_old_one_stays(
    module: Module, verify: Verifier, value: IdentityValue, excess: int
) -> None:
    module.hold(value, old := sample(value))
    answer = module.set(value, sample(value, value.limit + excess, variant=1))
    verify(answer).refused(too_long(len(answer.command)))
    verify(module.query(value)).still_answers(old)


@requirement("ID-04", each=IDENTITY_VALUES)
@pytest.mark.parametrize("character", ["设", "é", "😀"], ids=["three-bytes", "two-bytes", "four-bytes"])
def test_the_limit_counts_bytes_not_characters(
    module: Module, verify: Verifier, value: IdentityValue, character: str
) -> None:
    if module.set(value, character).error:
        verify.give_up(
            "not even one {character} is accepted, so nothing can be said of how it is counted",
            character=repr(character),
        )
    module.hold(value, old := sample(value))
    width = len(character.encode())
    for count in (value.limit // width + 1, value.limit):
        verify(module.set(value, character * count)).refused()
        verify(module.query(value)).still_answers(old)


@requirement("ID-04", each=IDENTITY_VALUES)
def test_whether_text_beyond_ascii_is_accepted(module: Module, verify: Verifier, value: IdentityValue) -> None:
    setting = verify(module.set(value, text := "设备")).answered()
    returned = module.query(value)
    kept = any(text.encode() in item.value for item in returned.information)
    verify.observe(accepted=setting.ok, returned_unchanged=kept, evidence=setting.evidence)


@requirement("ID-05", each=IDENTITY_VALUES)
def test_setting_one_value_leaves_the_others_and_setting_again_replaces(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    long = module.longest_held(value, longest(value, variant=1))
    others = {other: module.longest_held(other, longest(other)) for other in IDENTITY_VALUES if other is not value}
    for text in (sample(value, 3, variant=2), long, sample(value, variant=3), long):
        verify.given(module.set(value, text))
        verify(module.query(value)).still_answers(text)
        for other, held in others.items():
            verify(module.query(other)).still_answers(held)


@requirement("ID-05", each=IDENTITY_VALUES)
def test_setting_a_value_again_replaces_it(module: Module, verify: Verifier, value: IdentityValue) -> None:
    for variant in (1, 2, 3):
        before = module.query(value)
        verify.given(module.set(value, sample(value, variant=variant)))
        after = verify.given(module.query(value))
        # Whether it is the right value is for ID-01 to say.
        verify(after).answers_other(than=before)


@requirement("ID-06", each=IDENTITY_VALUES)
def test_case_and_the_characters_of_the_platform_survive(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    characters = arranged(PLATFORM_CHARACTERS, value)
    for start in range(0, len(characters), value.limit // 2):
        verify(module.set(value, text := characters[start : start + value.limit // 2])).ok()
        verify(module.query(value)).answers(text)


@requirement("ID-07", each=IDENTITY_VALUES)
@pytest.mark.parametrize(
    "arguments",
    [(Bare(b""),), ("one", "two"), (Bare(b'"open'),)],
    ids=["no-argument", "two-arguments", "unclosed-quote"],
)
def test_a_malformed_set_is_refused_and_the_old_value_stays(
    module: Module, verify: Verifier, value: IdentityValue, arguments: tuple[str | Bare, ...]
) -> None:
    module.hold(value, old := sample(value))
    verify(module.set(value, *arguments)).refused(MALFORMED)
    verify(module.query(value)).still_answers(old)


@requirement("ID-08", each=IDENTITY_VALUES)
def test_what_setting_an_empty_value_does(module: Module, verify: Verifier, value: IdentityValue) -> None:
    module.hold(value, old := sample(value))
    setting = verify(module.set(value, "")).answered()
    after = module.query(value)
    kept = any(old.encode() in item.value for item in after.information)
    verify.observe(accepted=setting.ok, old_value_kept=kept, code=setting.code, evidence=setting.evidence)
