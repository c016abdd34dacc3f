"""Sections 2.4.1 to 2.4.4, in combination: what a value is made of, what it was, and what comes before and after."""

from __future__ import annotations

from conformance.catalogue import BOUNDS, IDENTITY_VALUES, IdentityValue, Row
from conformance.catalogue.factors import Pattern
from conformance.combinations import through
from conformance.held import Held, takes_bare
from conformance.sessions import NO_TLS, Sessions, has_tls
from conformance.shapes import akin, shaped
from conformance.values import MALFORMED, PRINTABLE, arranged, sample, too_long
from fixtures.module import Module
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier
from rigs.at.commands import Bare
from rigs.at.dialogue import Exchange
from rigs.cloud.instrument import Instrument

SHORT = 3
MALFORMATIONS: dict[str, tuple[str | Bare, ...]] = {
    "nothing": (Bare(b""),),
    "two": ("one", "two"),
    "second-empty": ("one", Bare(b"")),
    "three": ("one", "two", "three"),
    "unclosed": (Bare(b'"open'),),
    "only-a-quote": (Bare(b'"'),),
}
BY_SUFFIX = {value.suffix: value for value in IDENTITY_VALUES}


@derived
@requirement("ID-01", each=IDENTITY_VALUES)
def test_values_of_every_class_and_length_are_returned(module: Module, verify: Verifier, value: IdentityValue) -> None:
    def judge(row: Row) -> None:
        text = shaped(str(row["shape"]), length_of(row["length"], value), value.name)
        held.set(value, text, bare=row["form"] == "bare", of=f"ID-01-{value.suffix}")
        held.look(value, of=f"ID-01-{value.suffix}")

    held = Held(module, verify)
    beyond = tuple(length for length in (16,) if length >= value.limit - 1)
    through(verify, "identity-text", judge, without={**quoted_only(module, value), "length": beyond}, share=0.5)


@derived
@requirement("ID-01", each=IDENTITY_VALUES)
def test_every_character_is_returned_alone_and_at_an_end(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    characters = arranged(PRINTABLE.replace('"', "").replace("\\", "").replace(" ", ""), value)
    half = len(characters) // 2
    ends = [f"{first}mid{last}" for first, last in zip(characters[:half], characters[half:], strict=True)]
    texts = [*characters, *ends]
    budget = verify.budget("character-texts", len(texts), BOUNDS.least_character_texts, share=0.5)
    for text in budget.of(texts):
        verify(module.set(value, text)).ok()
        verify(module.query(value)).answers(text)
    verify.effort(budget.effort)


@derived
@requirement("ID-01", "ID-03", "ID-05", "ID-07", each=IDENTITY_VALUES)
def test_a_value_is_replaced_whatever_it_was_and_whatever_comes_between(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    def judge(row: Row) -> None:
        bare, replaced = row["form"] == "bare", of("ID-01", "ID-05")
        new = shaped("mixed", length_of(row["length"], value), f"{value.name} new")
        bring_about(str(row["kin"]), new)
        history(str(row["history"]), new, bare)
        held.beside(str(row["before"]), value)
        held.set(value, new, bare=bare, of=of("ID-01"))
        held.look(value, of=follow(str(row["after"])) or replaced)

    def bring_about(kin: str, new: str) -> None:
        if kin == "neighbour":
            held.take(held.neighbour(value), new)
        held.set(value, old_of(kin, new, value), of=of("ID-01"))

    def history(word: str, new: str, bare: bool) -> None:
        old, ok = str(held.values(value)[0]), of("ID-01")
        for text in {
            "again": [new],
            "three-times": [new, new],
            "twice-before": [old],
            "and-back": [new, old],
        }.get(word, []):
            held.set(value, text, bare=bare and text == new, of=ok)
        if word == "after-refused":
            refused(verify, module.set(value, sample(value, value.limit + 1)), of=of("ID-03"))
        if word == "after-malformed":
            verify(module.set(value, Bare(b'"open')), of=of("ID-07")).refused(MALFORMED)

    def follow(word: str) -> tuple[str, ...] | None:
        """Does what comes between the set and its query; whose matter it is if the value does not stand that."""
        match word:
            case "refused":
                refused(verify, module.set(value, sample(value, value.limit + 1)), of=of("ID-03"))
                return of("ID-03")
            case "malformed":
                verify(module.set(value, "one", "two"), of=of("ID-07")).refused(MALFORMED)
                return of("ID-07")
            case "others":
                held.look_at_others(value, of=of("ID-05"))
                return None
        held.beside(word, value)
        return of("ID-05") if word == "set-of-other" else None

    def of(*families: str) -> tuple[str, ...]:
        return tuple(f"{family}-{value.suffix}" for family in families)

    held = Held(module, verify)
    held.begin(*(other for other in IDENTITY_VALUES if other is not value))
    through(verify, "identity-set", judge, without=quoted_only(module, value), share=0.5)


@derived
@requirement("ID-03", "ID-07", each=IDENTITY_VALUES)
def test_a_value_stays_whatever_is_refused(module: Module, verify: Verifier, value: IdentityValue) -> None:
    def judge(row: Row) -> None:
        old = shaped("mixed", length_of(row["old"], value), f"{value.name} old")
        wrong, bare = str(row["wrong"]), row["form"] == "bare"
        family = f"ID-03-{value.suffix}" if wrong.startswith("over-") else f"ID-07-{value.suffix}"
        arguments = wrong_arguments(wrong, str(row["shape"]), old, value)
        if bare:
            arguments = tuple(Bare(argument.encode()) for argument in arguments if isinstance(argument, str))
        for _ in range(refusals(str(row["history"]), old)):
            refused(verify, module.set(value, *arguments), of=(family,), bare=bare)
        held.beside(str(row["after"]), value)
        verify(module.query(value), of=family).still_answers(old)

    def refusals(history: str, old: str) -> int:
        """Brings the old value about; how often the wrong line is sent."""
        for _ in range(2 if history == "set-twice" else 1):
            module.hold(value, old)
        return 2 if history == "refused-twice" else 1

    held = Held(module, verify)
    through(verify, "identity-refused", judge, without=quoted_only(module, value), share=0.5)


@derived
@requirement(*(f"{family}-{suffix}" for family in ("ID-01", "ID-03", "ID-05", "ID-07") for suffix in BY_SUFFIX))
def test_values_are_set_and_refused_in_every_state(module: Module, gateway: Instrument, verify: Verifier) -> None:
    def judge(row: Row) -> None:
        value, bare, after = BY_SUFFIX[str(row["value"])], row["form"] == "bare", str(row["after"])
        if sessions.be(str(row["state"])):
            held.rest()
        old = sample(value, value.limit // 2, variant=5)
        if not held.take(value, old).ok:
            return
        if row["act"] in ("refused", "malformed"):
            keeps(value, old, malformed=row["act"] == "malformed", bare=bare, after=after)
            return
        new = akin(str(row["kin"]), old, value.name)
        for _ in range(2 if row["act"] == "set-twice" else 1):
            setting = held.take(value, new, bare=bare)
        beside(after, value)
        if setting.ok:
            held.look(value, of=(f"ID-01-{value.suffix}", f"ID-05-{value.suffix}"))

    def keeps(value: IdentityValue, old: str, *, malformed: bool, bare: bool, after: str) -> None:
        of = f"{'ID-07' if malformed else 'ID-03'}-{value.suffix}"
        text = sample(value, value.limit + 1)
        argument = Bare(b'"open') if malformed else Bare(text.encode()) if bare else text
        # While open another code may come first.
        verify(module.set(value, argument), of=of).refused()
        beside(after, value)
        verify(module.query(value), of=of).still_answers(old)

    def beside(word: str, value: IdentityValue) -> None:
        if word == "others":
            held.look_at_others(value, of=f"ID-05-{value.suffix}")
        else:
            held.beside(word, value)

    held, sessions = Held(module, verify), Sessions(module, gateway)
    bare = all(takes_bare(module, value) for value in IDENTITY_VALUES)
    without = {**({} if bare else {"form": ("bare",)}), **({} if has_tls(module) else {"state": NO_TLS})}
    held.rest()
    through(verify, "identity-in-session", judge, without=without, together="state")


def length_of(word: str | int, value: IdentityValue) -> int:
    """A length in bytes, by its number or its word."""
    words: dict[str | int, int] = {
        "short": SHORT,
        "middle": value.limit // 2,
        "below-limit": value.limit - 1,
        "limit": value.limit,
    }
    return int(words.get(word, word))


def old_of(kin: str, new: str, value: IdentityValue) -> str:
    """What the value is before it is set to ``new``, within its limit; of a neighbour's text nothing can be akin."""
    kin = {"neighbour": "other"}.get(kin, kin)
    # What is to be longer than the old one has an old one that is shorter.
    turned = {"longer": "shorter", "shorter": "longer"}.get(kin, kin)
    return akin(turned, new, value.name)


def wrong_arguments(wrong: str, shape: str, old: str, value: IdentityValue) -> tuple[str | Bare, ...]:
    """The arguments of a set that is refused."""
    if wrong.startswith("over-"):
        length = value.limit + int(wrong.removeprefix("over-"))
        if shape == "begins-with-old":
            return ((old + shaped("mixed", length, f"{value.name} more"))[:length],)
        return (shaped(shape, length, f"{value.name} over"),)
    return (old, old) if wrong == "two-equal" else MALFORMATIONS[wrong]


def refused(verify: Verifier, exchange: Exchange, *, of: tuple[str, ...], bare: bool = False) -> None:
    """Judge that a set is refused, with the code of its fault."""
    malformed = any("ID-07" in requirement for requirement in of)
    if bare or malformed:
        verify(exchange, of=of).refused(MALFORMED)
    else:
        verify(exchange, of=of).refused(too_long(len(exchange.command)))


def quoted_only(module: Module, value: IdentityValue) -> Pattern:
    """What is left out where the module takes strings in quotes only (FMT-09)."""
    return {} if takes_bare(module, value) else {"form": ("bare",)}
