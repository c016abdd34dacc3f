"""Malformed lines, in combination: which comma or quote is wrong, how long the value is, and what comes next."""

from __future__ import annotations

from conformance.catalogue import CONNECT_CFG, IDENTITY_VALUES, MQTT_CFG, IdentityValue, Row
from conformance.combinations import through
from conformance.held import CHANGES
from conformance.shapes import shaped
from conformance.test_combinations_identity import length_of
from conformance.test_combinations_settings import CONNECTION, MQTT, Judged
from conformance.values import MALFORMED, sample
from fixtures.module import Module
from fixtures.requirements import derived, requirement
from fixtures.verify import Verifier
from rigs.at.commands import Bare

TEXTS = {
    "unclosed": '"{text}',
    "unclosed-second": '"{text}","',
    "unclosed-comma": '"{text},',
    "trailing-comma": '"{text}",',
    "leading-comma": ',"{text}"',
    "doubled-comma": '"{text}",,"x"',
    "extra-blank": '"{text}", ',
    "extra-empty": '"{text}",""',
    "extra-number": '"{text}",1',
    "extra-text": '"{text}","more"',
    "text-behind-quote": '"{text}"more',
    "quote-inside": '{text}"{text}',
    "quote-at-end": '{text}"',
}
"""What follows the = of a set of an identity value."""
LEFT_OPEN = ("text-behind-quote", "quote-inside", "quote-at-end")
"""Where a firmware may see a text: it is judged by what it holds after it has refused one."""
QUOTES = ("quote-before", "quote-behind", "only-a-quote")


@derived
@requirement("ID-07", each=IDENTITY_VALUES)
@requirement("FMT-12")
def test_a_malformed_value_changes_nothing_whatever_its_length(
    module: Module, verify: Verifier, value: IdentityValue
) -> None:
    def judge(row: Row) -> None:
        wrong, follows = str(row["wrong"]), str(row["next"])
        old = shaped("mixed", length_of(row["old"], value), f"{value.name} old")
        length = value.limit + 1 if row["length"] == "over" else length_of(row["length"], value)
        line = TEXTS[wrong].format(text=shaped("mixed", length, f"{value.name} malformed"))
        module.hold(value, old)
        for _ in range(int(row["times"])):
            answer = module.set(value, Bare(line.encode()))
            if wrong not in LEFT_OPEN:
                verify(answer, of=of).refused(MALFORMED)
            elif answer.silent:
                verify.given(answer)
        if not answer.error:
            return
        works(follows, value)
        if follows != "set":
            verify(module.query(value), of=of).still_answers(old)

    def works(word: str, value: IdentityValue) -> None:
        """Judge that the next command does."""
        match word:
            case "at":
                verify(module.send("AT"), of="FMT-12").ok()
            case "set":
                sets(value)
            case "set-other":
                sets(other)
            case "query-other":
                verify(module.query(other), of="FMT-12").answers(others)
            case "settings":
                new = CHANGES[CONNECT_CFG.name][0]
                verify(module.set(CONNECT_CFG, *new), of="FMT-12").ok()
                verify(module.query(CONNECT_CFG), of="FMT-12").answers(*new)

    def sets(one: IdentityValue) -> None:
        text = others if one is other else sample(one, variant=3)
        verify(module.set(one, text), of="FMT-12").ok()
        verify(module.query(one), of="FMT-12").answers(text)

    of = f"ID-07-{value.suffix}"
    other = IDENTITY_VALUES[IDENTITY_VALUES.index(value) - 1]
    module.hold(other, others := sample(other, variant=2))
    through(verify, "identity-malformed", judge, share=0.5)


@derived
@requirement("CC-03", "CC-04", "CC-05", "CC-06", "CC-07", "FMT-12")
def test_malformed_connection_settings_change_nothing(module: Module, verify: Verifier) -> None:
    go_through_malformed(module, verify, "connection-malformed", CONNECTION)


@derived
@requirement("MC-02", "MC-04", "FMT-12")
def test_malformed_mqtt_settings_change_nothing(module: Module, verify: Verifier) -> None:
    go_through_malformed(module, verify, "mqtt-malformed", MQTT)


def go_through_malformed(module: Module, verify: Verifier, name: str, judged: Judged) -> None:
    """Judge that lines with wrong commas and quotes are refused in every combination, and that the old values stay."""

    def judge(row: Row) -> None:
        wrong, place, old = str(row["wrong"]), int(row["place"]), judged.olds[str(row["old"])]
        values = {"as-held": old, "new": CHANGES[judged.settings.name][0], "highest": judged.olds["highest"]}
        line = numbers(wrong, place, values[str(row["values"])])
        module.hold(judged.settings, *old)
        for _ in range(int(row["times"])):
            answer = module.set(judged.settings, Bare(line.encode()))
            if wrong in QUOTES:
                verify(answer, of=judged.refused[judged.fields[place - 1]]).refused()
            else:
                verify(answer, of=judged.refused["count"]).refused(MALFORMED)
        works(str(row["next"]))
        if row["next"] != "set":
            verify(module.query(judged.settings), of=judged.kept).still_answers(*old)

    def works(word: str) -> None:
        """Judge that the next command does."""
        match word:
            case "at":
                verify(module.send("AT"), of="FMT-12").ok()
            case "set":
                new = CHANGES[judged.settings.name][1]
                verify(module.set(judged.settings, *new), of="FMT-12").ok()
                verify(module.query(judged.settings), of="FMT-12").answers(*new)
            case "query-other":
                verify(module.query(other), of="FMT-12").answers(*held)
            case "identity":
                text = sample(value, variant=3)
                verify(module.set(value, text), of="FMT-12").ok()
                verify(module.query(value), of="FMT-12").answers(text)

    value, other = IDENTITY_VALUES[0], MQTT_CFG if judged is CONNECTION else CONNECT_CFG
    module.hold(other, *(held := CHANGES[other.name][1]))
    through(verify, name, judge)


def numbers(wrong: str, place: int, values: tuple[int, ...]) -> str:
    """What follows the = of a set of three numbers, with something wrong at the first, second or third."""
    texts = [str(value) for value in values]
    before, behind = ",".join(texts[:place]), ",".join(texts[place:])
    quoted = {"quote-before": f'"{texts[place - 1]}', "quote-behind": f'{texts[place - 1]}"'}.get(wrong, '"')
    return {
        "trailing-comma": ",".join([*texts, ""]),
        "leading-comma": ",".join(["", *texts]),
        "doubled-comma": f"{before},,{behind}",
        "extra-number": ",".join([*texts, texts[place - 1]]),
        "extra-text": ",".join([*texts, '"more"']),
        "extra-empty": ",".join([*texts, '""']),
    }.get(wrong) or ",".join([*texts[: place - 1], quoted, *texts[place:]])
