"""The catalogue says what the requirement list and the manual say: expectations written out a second time."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from conformance import catalogue
from conformance.catalogue import CatalogueError, ErrorCode, Form, Kind, Level, UnknownRequirementError

LEVELS = """
FMT-01 M  FMT-02 M  FMT-03 M  FMT-04 O  FMT-05 M  FMT-06 O  FMT-07 I  FMT-08 I  FMT-09 O  FMT-10 I  FMT-11 M
FMT-12 I  FMT-13 I
ID-01-DN M  ID-01-DS M  ID-01-PK M  ID-01-PS M
ID-02-DN M  ID-02-DS M  ID-02-PK M  ID-02-PS M
ID-03-DN M  ID-03-DS M  ID-03-PK M  ID-03-PS M
ID-04-DN M  ID-04-DS M  ID-04-PK M  ID-04-PS M
ID-05-DN M  ID-05-DS M  ID-05-PK M  ID-05-PS M
ID-06-DN I  ID-06-DS I  ID-06-PK I  ID-06-PS I
ID-07-DN I  ID-07-DS I  ID-07-PK I  ID-07-PS I
ID-08-DN O  ID-08-DS O  ID-08-PK O  ID-08-PS O
CC-01 M  CC-02 M  CC-03 M  CC-04 I  CC-05 I  CC-06 M  CC-07 I
MC-01 M  MC-02 M  MC-03 M  MC-04 I  MC-05 O  MC-06 M  MC-07 I
PC-01-PK M  PC-01-DN M  PC-01-DS M  PC-02 I  PC-03 M  PC-04 I  PC-05 M  PC-06 I  PC-07 O
OP-01 M  OP-02 M  OP-03 M  OP-04 M  OP-05 M  OP-06 M  OP-07 I  OP-08 M
CL-01 M  CL-02 I  CL-03 I
TF-01 M  SU-01 M  SU-02 I  SU-03 M  SU-04 M  SU-05 I  SU-06 O  UN-01 M  UN-02 O
PU-01 M  PU-02 M  PU-03 M  PU-06 I  PU-04 I  PU-05 O
RV-01 M  RV-02 M  RV-07 I  RV-03 I  RV-04 I  RV-05 O  RV-06 I
LP-01 M  SE-01 M  SE-02 M
NW-01 I  NW-02 I  NW-03 O  NW-04 I  TL-01 M  TL-02 O  TL-03 O  SC-01 I  MQ-01 I
FZ-01 I  FZ-02 I  FZ-03 I  FZ-04 I
"""


def test_every_requirement_is_there_in_order_with_its_level() -> None:
    words = LEVELS.split()
    expected = list(zip(words[::2], words[1::2], strict=True))
    assert [(key, str(found.level)) for key, found in catalogue.load().requirements.items()] == expected
    assert all(key == found.id for key, found in catalogue.load().requirements.items())


@pytest.mark.parametrize(
    ("identifier", "section"),
    [
        ("FMT-01", "2.3"), ("ID-01-DN", "2.4.1"), ("ID-01-DS", "2.4.2"), ("ID-01-PK", "2.4.3"), ("ID-01-PS", "2.4.4"),
        ("CC-01", "2.4.5"), ("MC-02", "2.4.6"), ("PC-01-PK", "3"), ("OP-01", "2.4.7"), ("OP-03", "2.2"),
        ("CL-01", "2.4.8"), ("SU-01", "2.4.9"), ("UN-01", "2.4.10"), ("PU-01", "2.4.11"), ("RV-01", "2.4.12"),
        ("LP-01", "3"),
    ],
)  # fmt: skip
def test_requirements_cite_their_section(identifier: str, section: str) -> None:
    assert catalogue.load().get(identifier).section == section


def test_texts_are_in_two_languages_without_placeholders_and_all_different() -> None:
    loaded = catalogue.load()
    texts = [*loaded.requirements.values(), *loaded.tables.values(), *loaded.errors.values()]
    texts += [text for ambiguity in loaded.ambiguities for text in (ambiguity.what, ambiguity.ruling)]
    for text in texts:
        assert re.search("[\u4e00-\u9fff]", text.zh), text
        assert re.search("[a-z]", text.en), text
        assert not re.search("[\u4e00-\u9fff]", text.en), text
        assert not re.search("[{}]|None", text.en + text.zh), text
    for lang in ("en", "zh"):
        shown = [getattr(requirement, lang) for requirement in loaded.requirements.values()]
        assert len(set(shown)) == len(shown)


@pytest.mark.parametrize(
    ("identifier", "facts"),
    [
        ("ID-02-PK", ["1", "2", "19", "20"]),
        ("ID-03-DN", ["33", "708"]),
        ("ID-03-PS", ["65", "708"]),
        ("ID-04-DS", ["64", "UTF-8"]),
        ("ID-06-DN", ["-", "_", ".", ":", "@"]),
        ("CC-01", ["0,1883,0"]),
        ("CC-03", ["0-5", "708", "6, 255, 256, 65536, 4294967296", "0x1"]),
        ("CC-05", ["1-65535"]),
        ("MC-01", ["0,2000,60000"]),
        ("MC-07", ["30-1200", "2k"]),
        ("PC-03", ["0,1883,0"]),
        ("PC-04", ["0,2000,60000"]),
        ("OP-03", ["701", "703", "704", "702"]),
        ("OP-08", ["20"]),
        ("CL-01", ["5"]),
        ("CL-03", ["705", "706"]),
        ("RV-03", ["50", "QoS 0"]),
        ("PU-06", ["512"]),
        ("FMT-10", ["+CME ERROR: n", "+CME ERROR:n", "ERROR: n", "=err,n", ": err,n", "+CMEE=1", "INCONCLUSIVE"]),
        ("FMT-11", ["700-708", "3GPP TS 27.007"]),
    ],
)
def test_a_text_keeps_its_facts_in_both_languages(identifier: str, facts: list[str]) -> None:
    requirement = catalogue.load().get(identifier)
    for fact in facts:
        assert fact in requirement.en
        assert fact in requirement.zh


def test_a_family_stands_for_its_members() -> None:
    loaded = catalogue.load()
    assert loaded.expand("ID-03") == ("ID-03-DN", "ID-03-DS", "ID-03-PK", "ID-03-PS")
    assert loaded.expand("PC-01") == ("PC-01-PK", "PC-01-DN", "PC-01-DS")
    assert loaded.expand("ID-03-PK") == ("ID-03-PK",)
    assert loaded.expand("FMT-01") == ("FMT-01",)
    assert loaded.family("ID-03-PK") == "ID-03"
    assert loaded.family("PC-02") == "PC-02"
    assert loaded.get("ID-03-PK").suffix == "PK"


@pytest.mark.parametrize("identifier", ["ID-03", "ID-09-DN", "ID-01-XX", "", "FMT-1"])
def test_an_unknown_id_is_refused_by_name(identifier: str) -> None:
    with pytest.raises(UnknownRequirementError, match=re.escape(repr(identifier))):
        catalogue.load().get(identifier)


@pytest.mark.parametrize("identifier", ["ID-09", "ID", ""])
def test_an_unknown_family_is_refused_by_name(identifier: str) -> None:
    with pytest.raises(UnknownRequirementError, match=re.escape(repr(identifier))):
        catalogue.load().expand(identifier)


def test_a_slip_of_the_pen_is_answered_with_what_is_near_it() -> None:
    with pytest.raises(UnknownRequirementError, match="ID-03-DN"):
        catalogue.load().get("ID-3-DN")


def test_identity_values_are_the_manuals() -> None:
    values = [
        (value.name, value.suffix, value.limit, value.secret, value.survives) for value in catalogue.IDENTITY_VALUES
    ]
    assert values == [
        ("ALYDEVICENAME", "DN", 32, False, Level.MANDATED),
        ("ALYDEVICESECRET", "DS", 64, True, Level.MANDATED),
        ("ALYPRODUCTKEY", "PK", 20, False, Level.MANDATED),
        ("ALYPRODUCTSECRET", "PS", 64, True, Level.IMPLIED),
    ]
    assert catalogue.IDENTITY_VALUES == (
        catalogue.DEVICE_NAME,
        catalogue.DEVICE_SECRET,
        catalogue.PRODUCT_KEY,
        catalogue.PRODUCT_SECRET,
    )


def test_settings_are_the_manuals() -> None:
    connect, mqtt = catalogue.CONNECT_CFG, catalogue.MQTT_CFG
    assert (connect.name, mqtt.name) == ("ALYCONNECTCFG", "ALYMQTTCFG")
    assert [parameter.name for parameter in connect.parameters] == ["region", "port", "tls_flag"]
    assert [parameter.name for parameter in mqtt.parameters] == ["clean_session", "timeout", "keepalive"]
    assert connect.defaults == (0, 1883, 0)
    assert mqtt.defaults == (0, 2000, 60000)
    region, port = connect.parameter("region"), connect.parameter("port")
    assert list(region.values) == [0, 1, 2, 3, 4, 5]
    assert region.refused == (6, 255, 256, 65536, 4294967296)
    assert (port.min, port.max, port.recorded) == (1, 65535, (0,))
    assert list(connect.parameter("tls_flag").values) == list(mqtt.parameter("clean_session").values) == [0, 1]
    assert mqtt.parameter("timeout").unit == mqtt.parameter("keepalive").unit == "ms"


def test_settings_are_written_with_one_parameter_replaced() -> None:
    assert catalogue.CONNECT_CFG.replaced(region=5) == (5, 1883, 0)
    assert catalogue.MQTT_CFG.replaced(keepalive=30000, clean_session=1) == (1, 2000, 30000)
    with pytest.raises(KeyError, match="keep_alive"):
        catalogue.MQTT_CFG.replaced(keep_alive=30000)


def test_commands_are_the_manuals_twelve() -> None:
    query, settable, test, execute = Form.QUERY, Form.SET, Form.TEST, Form.EXECUTE
    expected = {
        "+ALYDEVICENAME": (Kind.IDENTITY, (query, settable), ["devicename"]),
        "+ALYDEVICESECRET": (Kind.IDENTITY, (query, settable), ["devicesecret"]),
        "+ALYPRODUCTKEY": (Kind.IDENTITY, (query, settable), ["productkey"]),
        "+ALYPRODUCTSECRET": (Kind.IDENTITY, (query, settable), ["productsecret"]),
        "+ALYCONNECTCFG": (Kind.SETTINGS, (query, settable), ["region", "port", "tls_flag"]),
        "+ALYMQTTCFG": (Kind.SETTINGS, (query, settable), ["clean_session", "timeout", "keepalive"]),
        "+ALYMQTTOPEN": (Kind.SESSION, (execute,), []),
        "+ALYMQTTCLOSE": (Kind.SESSION, (execute,), []),
        "+ALYMQTTSUB": (Kind.PUBSUB, (test, settable), ["topic", "qos"]),
        "+ALYMQTTUNSUB": (Kind.PUBSUB, (test, settable), ["topic"]),
        "+ALYMQTTPUB": (Kind.PUBSUB, (test, settable), ["topic", "qos", "payload"]),
        "+MQTTRECV": (Kind.URC, (), ["topic", "payload"]),
    }
    found = {
        name: (command.kind, command.forms, [parameter.name for parameter in command.parameters])
        for name, command in catalogue.load().commands.items()
    }
    assert found == expected
    assert catalogue.UNSUBSCRIBE.word == "ALYMQTTUNSUB"


@pytest.mark.parametrize("command", [catalogue.SUBSCRIBE, catalogue.PUBLISH])
def test_qos_is_0_or_1_with_2_recorded_and_3_refused(command: catalogue.Command) -> None:
    qos = command.parameter("qos")
    assert (list(qos.values), qos.recorded, qos.refused) == ([0, 1], (2,), (3,))


def test_error_codes_have_meanings() -> None:
    assert [code.value for code in catalogue.load().errors] == list(range(700, 709))
    assert catalogue.load().errors[ErrorCode.ALREADY_OPEN].en == "MQTT is open already"


@pytest.mark.parametrize(
    ("code", "accepted"),
    [(708, True), (0, True), (3, True), (4, True), (50, True), (53, True), (58, True), (100, True)]
    + [(code, False) for code in (-1, 101, 700, 701, 705, 706, 707, 709)],
)
def test_malformed_codes_are_708_and_the_general_ones(code: int, accepted: bool) -> None:
    rule = catalogue.load().code_rule("malformed")
    assert any(first <= code <= last for first, last in rule.codes) is accepted


def test_code_rules_are_the_rulings() -> None:
    rules = {name: (rule.codes, rule.exact) for name, rule in catalogue.load().code_rules.items()}
    assert rules == {
        "malformed": (((708, 708), (0, 100)), False),
        "wrong-parameter": (((708, 708),), True),
        "manual": (((700, 708),), True),
        "not-open": (((705, 706),), True),
        "already-open": (((707, 707),), True),
        "no-network": (((700, 700),), True),
        "no-product-key": (((701, 701),), True),
        "no-device-name": (((703, 703),), True),
        "no-device-secret": (((704, 704),), True),
        "no-secret-at-all": (((704, 704), (702, 702)), True),
    }


def test_only_the_rulings_on_separators_and_quotes_give_a_breach_a_verdict_of_its_own() -> None:
    ruled = {ambiguity.id: ambiguity.breach for ambiguity in catalogue.load().ambiguities if ambiguity.breach}
    assert ruled == {"AMB-01": "DEVIATION", "AMB-35": "DEVIATION"}
    with pytest.raises(CatalogueError, match="no ruling 'AMB-99'"):
        catalogue.load().ruling("AMB-99")
    with pytest.raises(CatalogueError, match="no code rule 'other'"):
        catalogue.load().code_rule("other")


def test_bounds_are_the_rulings() -> None:
    assert catalogue.BOUNDS.model_dump() == {
        "keepalive_min_seconds": 30,
        "keepalive_max_seconds": 1200,
        "keepalive_max_multiple": 2,
        "keepalive_periods": 2,
        "keepalive_late_factor": 1.5,
        "carrier_jitter_seconds": 0.7,
        "tls_port": 443,
        "answer_seconds": 10,
        "request_seconds": 60,
        "open_seconds": 150,
        "delivery_seconds": 10,
        "close_seconds": 5,
        "drop_notice_seconds": 30,
        "reconnect_seconds": 60,
        "open_close_rounds": 20,
        "burst_messages": 50,
        "payload_min_bytes": 1,
        "payload_max_bytes": 512,
        "line_max_bytes": 512,
        "slowdown_factor": 1.5,
        "slowdown_milliseconds": 2,
        "settling_factor": 3,
        "growth_milliseconds": 150,
        "standstill_seconds": 1,
        "standstill_factor": 5,
        "effort_seconds": 60,
        "effort_most_seconds": 360,
        "least_line_classes": 150,
        "least_generated_lines": 25,
        "least_corpus_lines": 122,
        "least_ignored_lines": 20,
        "least_sequences": 5,
        "least_pace_rounds": 20,
        "least_ordinary_rounds": 50,
        "least_messages": 257,
        "least_payload_sizes": 20,
        "least_character_texts": 92,
        "flood_bytes": 524_288,
        "chatter_bytes": 4096,
    }


def test_every_bound_is_recorded_with_its_unit_its_reason_and_what_rests_on_it() -> None:
    loaded = catalogue.load()
    entries = {entry["name"]: entry for entry in json.loads(json.dumps(loaded.bounds_to_record()))}
    assert list(entries) == list(catalogue.BOUNDS.model_dump())
    for entry in entries.values():
        assert set(entry) == {"name", "value", "unit", "en", "zh", "requirements"}
        assert set(entry["requirements"]) <= set(loaded.requirements)
    assert (entries["open_seconds"]["value"], entries["open_seconds"]["unit"]) == (150, "s")
    assert entries["open_seconds"]["requirements"] == ["OP-05", "OP-06", "NW-04"]


def _ruled_upon() -> set[str]:
    loaded = catalogue.load()
    return {key for ambiguity in loaded.ambiguities for name in ambiguity.requirements for key in loaded.expand(name)}


def test_whatever_the_manual_does_not_state_itself_rests_on_a_ruling_in_the_register() -> None:
    unstated = {key for key, found in catalogue.load().requirements.items() if found.level is not Level.MANDATED}
    assert sorted(unstated - _ruled_upon()) == []


@pytest.mark.parametrize("identifier", ["FMT-03", "ID-02-DS", "CL-01", "UN-01", "CC-02", "MC-01", "OP-03", "RV-01"])
def test_the_register_explains_where_a_mandate_rests_on_a_ruling(identifier: str) -> None:
    assert identifier in _ruled_upon()


def test_the_record_carries_the_register_with_every_family_spelled_out() -> None:
    loaded = catalogue.load()
    entries = json.loads(json.dumps(loaded.ambiguities_to_record()))
    assert [entry["id"] for entry in entries] == [ambiguity.id for ambiguity in loaded.ambiguities]
    for entry in entries:
        assert set(entry) - {"breach"} == {"id", "sections", "what", "ruling", "requirements"}
        assert set(entry["what"]) == set(entry["ruling"]) == {"en", "zh"}
        assert set(entry["requirements"]) <= set(loaded.requirements)
    assert entries[4]["requirements"] == ["FMT-03", "ID-01-DN", "ID-01-DS", "ID-01-PK", "ID-01-PS", "OP-07"]


def test_the_record_carries_the_commands_that_can_be_sent() -> None:
    entries = {entry["name"]: entry["forms"] for entry in catalogue.load().commands_to_record()}
    assert len(entries) == 11
    assert entries["+ALYMQTTPUB"] == ["test", "set"]
    assert "+MQTTRECV" not in entries


def test_the_record_carries_every_requirement_and_section_as_json() -> None:
    loaded = catalogue.load()
    requirements = json.loads(json.dumps(loaded.to_record()))["requirements"]
    assert [entry["id"] for entry in requirements] == list(loaded.requirements)
    assert set(requirements[0]) == {"id", "section", "table", "level", "en", "zh"}
    assert requirements[0]["level"] == "M"
    assert {entry["table"] for entry in requirements} == set(loaded.tables)
    assert {entry["section"] for entry in requirements} <= {entry["key"] for entry in loaded.sections_to_record()}


def test_nothing_can_be_changed() -> None:
    loaded = catalogue.load()
    with pytest.raises(TypeError):
        loaded.requirements["ID-99"] = loaded.get("FMT-01")  # type: ignore[index]
    with pytest.raises(ValueError, match="frozen"):
        loaded.get("FMT-01").en = "anything goes"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalogue.DEVICE_NAME.limit = 33  # type: ignore[misc]
