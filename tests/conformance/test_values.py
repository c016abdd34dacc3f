"""The values that the tests try: those of one identity value are told apart from every other's."""

from __future__ import annotations

import itertools

from conformance.catalogue import IDENTITY_VALUES, IdentityValue
from conformance.values import PLATFORM_CHARACTERS, PRINTABLE, arranged, sample
from rigs.redaction import Redactor, guessable

VARIANTS = range(8)


def tried(value: IdentityValue) -> list[str]:
    samples = [sample(value, value.limit + 900, variant=variant) for variant in VARIANTS]
    return [*samples, arranged(PRINTABLE, value), arranged(PLATFORM_CHARACTERS, value)]


def windows(texts: list[str]) -> set[str]:
    return {text[start : start + 8] for text in texts for start in range(len(text) - 7)}


def test_no_eight_characters_of_one_value_stand_in_another() -> None:
    for one, other in itertools.combinations(IDENTITY_VALUES, 2):
        assert not windows(tried(one)) & windows(tried(other))


def test_what_masks_the_secrets_masks_no_other_value() -> None:
    redactor = Redactor()
    for value in (value for value in IDENTITY_VALUES if value.secret):
        for text in tried(value):
            redactor.add(text.encode())
    for value in (value for value in IDENTITY_VALUES if not value.secret):
        for text in tried(value):
            assert redactor.mask(text.encode()) == text.encode()


def test_samples_have_their_length_and_differ_from_the_first_characters_on() -> None:
    for value in IDENTITY_VALUES:
        samples = [sample(value, 40, variant=variant) for variant in VARIANTS]
        assert {len(text) for text in samples} == {40}
        assert len({text[:4] for text in samples}) == len(samples)
        assert not any(guessable(text.encode()) for text in samples)
        assert sorted(arranged(PRINTABLE, value)) == sorted(PRINTABLE)
