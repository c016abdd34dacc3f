"""Latency and time budget: worked out by hand for small records, and adding up for any."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.record import RunRecord
from reports.summary import summarise
from reports.timing import OTHER, Latency, Quantiles, TimeBudget, latencies, time_budget
from tests.reports.synthetic import HOSTILE, write_run
from tests.reports.timeline import Timeline

OK = "\r\nOK\r\n"
SLOW = {"url": "/dev/ttyUSB0", "baudrate": 1000}
"""10 ms for each byte."""


def parts(record: RunRecord) -> dict[str, float]:
    """The time budget, its empty parts left out."""
    return {name: round(seconds, 9) for name, seconds in time_budget(record).parts().items() if seconds}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("AT+ALYDEVICENAME?", "AT+ALYDEVICENAME?"),
        ('AT+ALYDEVICENAME="x"', "AT+ALYDEVICENAME="),
        ("AT+ALYDEVICENAME=", "AT+ALYDEVICENAME="),
        ("AT+ALYDEVICENAME=???", "AT+ALYDEVICENAME="),
        ('AT+ALYDEVICENAME="a\r\nb\x00"', "AT+ALYDEVICENAME="),
        ("AT+ALYMQTTPUB=?", "AT+ALYMQTTPUB=?"),
        ("AT+ALYMQTTOPEN", "AT+ALYMQTTOPEN"),
        ("AT", "AT"),
        ("AT+ALYDEVICENAME", OTHER),
        ("AT+ALYDEVICENAME=?", OTHER),
        ("AT+ALYDEVICENAME?x", OTHER),
        ("AT+ALYDEVICENAMES?", OTHER),
        ("AT+ALYMQTTOPEN=1", OTHER),
        ("AT+ALYMQTTOPEN\n", OTHER),
        ("at+alydevicename?", OTHER),
        ("ATE0", OTHER),
        ("", OTHER),
        (HOSTILE, OTHER),
    ],
)
def test_a_command_line_is_of_the_kind_that_its_name_and_form_say(tmp_path: Path, command: str, kind: str) -> None:
    record = Timeline().exchange(1.0, command, (1.5, OK)).load(tmp_path)
    assert list(latencies(record)) == [kind]


def test_kinds_come_in_the_order_of_the_manual(tmp_path: Path) -> None:
    timeline = Timeline()
    for t, command in enumerate(("ATI", "AT", "AT+ALYMQTTPUB=?", "AT+ALYDEVICENAME?", "AT+ALYDEVICENAME=")):
        timeline.exchange(float(t), command, (t + 0.5, OK))
    kinds = ["AT+ALYDEVICENAME?", "AT+ALYDEVICENAME=", "AT+ALYMQTTPUB=?", "AT", OTHER]
    assert list(latencies(timeline.load(tmp_path))) == kinds


@pytest.mark.parametrize(
    ("durations", "expected"),
    [
        ([0.5], Quantiles(0.5, 0.5, 0.5, 0.5, 0.5)),
        ([1.0, 2.0], Quantiles(1.25, 1.5, 1.75, 1.95, 2.0)),
        ([5.0, 3.0, 1.0, 4.0, 2.0], Quantiles(2.0, 3.0, 4.0, 4.8, 5.0)),
    ],
)
def test_quantiles_are_interpolated_between_the_shortest_and_the_longest(
    durations: list[float], expected: Quantiles
) -> None:
    assert Quantiles.of(durations) == expected


def test_silence_counts_apart(tmp_path: Path) -> None:
    record = (
        Timeline()
        .exchange(1.0, "AT", (1.25, OK))
        .exchange(2.0, "AT", seconds=5.0, silent=True)
        .exchange(8.0, "AT+ALYMQTTOPEN", seconds=150.0, silent=True)
        .load(tmp_path)
    )
    assert latencies(record) == {
        "AT+ALYMQTTOPEN": Latency(0, 1, None, None),
        "AT": Latency(1, 1, Quantiles(0.25, 0.25, 0.25, 0.25, 0.25), 0.25),
    }


def test_the_first_byte_is_not_that_of_the_echo(tmp_path: Path) -> None:
    answered = Timeline().exchange(1.0, "AT", (1.25, "\r\nO"), (1.5, "K\r\n")).load(tmp_path)
    echoed = Timeline().exchange(1.0, "AT", (1.25, "A"), (1.5, f"T\r{OK}")).load(tmp_path)
    assert latencies(answered)["AT"].first_byte == 0.25
    assert latencies(echoed)["AT"] == Latency(1, 0, Quantiles(0.5, 0.5, 0.5, 0.5, 0.5), None)


def test_bytes_that_were_held_back_for_masking_count_when_they_went_and_came(tmp_path: Path) -> None:
    timeline = Timeline()
    first = timeline.serial(1.0, "tx", "A")
    timeline.serial(1.5, "rx", OK)
    last = timeline.serial(1.0, "tx", "T\r")
    timeline.at(1.5, "exchange", exchange=0, silent=False, command="AT", seconds=0.5, to=last, **{"from": first})
    assert latencies(timeline.load(tmp_path))["AT"].first_byte == 0.5


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, "0.5", None, [1]])
def test_an_exchange_without_a_proper_duration_is_left_out(tmp_path: Path, seconds: object) -> None:
    timeline = Timeline()
    seq = timeline.serial(1.0, "tx", "AT\r")
    span = {"from": seq, "to": seq}
    timeline.at(1.5, "exchange", exchange=0, silent=False, command="AT", seconds=seconds, **span)
    record = timeline.ended(2.0).load(tmp_path)
    assert latencies(record) == {}
    assert parts(record) == {"bench": 2.0}


def test_the_summary_has_what_was_answered(tmp_path: Path) -> None:
    record = (
        Timeline()
        .exchange(1.0, "AT+ALYDEVICENAME?", (1.1, "\r\n+ALY"), (1.2, OK))
        .exchange(2.0, "AT+ALYDEVICENAME?", seconds=1.0, silent=True)
        .exchange(4.0, "AT", seconds=1.0, silent=True)
        .ended(6.0)
        .load(tmp_path)
    )
    summary = summarise(record, strict=False)
    quantiles = dict.fromkeys(("p25", "median", "p75", "p95", "max"), 0.2)
    assert summary["latency"] == {"AT+ALYDEVICENAME?": {"count": 1, **quantiles, "first_byte": 0.1, "silent": 1}}
    assert summary["time_budget"] == {"power": 0.0, "line": 0.0, "module": 2.2, "network": 0.0, "bench": 3.8}


def test_a_run_is_shared_out_among_line_module_power_network_and_bench(tmp_path: Path) -> None:
    timeline = Timeline(**SLOW)
    timeline.at(1.0, "test-start", requirements=[])
    # 3 bytes out (30 ms), 6 back (60 ms), and 0.41 s of thinking.
    timeline.exchange(2.0, "AT", (2.5, OK))
    # The bench waits for a packet, and then for a URC of 10 bytes.
    timeline.at(3.5, "mqtt", connection=1, dir="down", packet="PUBLISH", fields={}, hex="30")
    timeline.serial(4.5, "rx", "+MQTTRECV:")
    # Two seconds without power, in which the bench asks for an answer.
    timeline.at(5.0, "power", action="off")
    timeline.serial(6.0, "tx", "AT\r")
    timeline.at(7.0, "power", action="booted", seconds=1.0)
    timeline.at(8.0, "test-end", verdict="PASS", seconds=7.0)
    record = timeline.ended(9.0).load(tmp_path)
    assert parts(record) == {
        "power": 2.0,
        "line": 0.03 + 0.06 + 0.1,
        "module": 0.41,
        "network": 1.0 + 0.9,
        "bench": 9.0 - 2.0 - 0.19 - 0.41 - 1.9,
    }


@pytest.mark.parametrize(
    "serial",
    [
        {"url": "simulator://"},
        {"url": "simulator://", "baudrate": 9600},
        {"url": "/dev/ttyACM0", "baudrate": None},
        {"url": "/dev/ttyACM0", "baudrate": 0},
        {"url": "/dev/ttyACM0", "baudrate": "fast"},
        {"url": "/dev/ttyACM0", "baudrate": 100},
    ],
    ids=str,
)
def test_a_line_without_a_rate_or_evidently_faster_is_instant(tmp_path: Path, serial: dict[str, object]) -> None:
    record = Timeline(**serial).exchange(1.0, "AT", (1.5, OK)).ended(2.0).load(tmp_path)
    assert parts(record) == {"module": 0.5, "bench": 1.5}


def test_a_single_answer_that_is_too_fast_does_not_make_a_line_instant(tmp_path: Path) -> None:
    timeline = Timeline(**SLOW).exchange(1.0, "AT", (1.01, OK))
    for t in (2.0, 3.0):
        timeline.exchange(t, "AT", (t + 0.5, OK))
    assert parts(timeline.ended(4.0).load(tmp_path))["line"] > 0.18


def test_bytes_in_both_directions_at_once_take_their_time_once(tmp_path: Path) -> None:
    timeline = Timeline(**SLOW)
    timeline.serial(1.0, "tx", "x" * 50)
    timeline.serial(1.5, "rx", "y" * 50)
    assert parts(timeline.ended(2.0).load(tmp_path)) == {"line": 0.5, "bench": 1.5}


def test_a_line_is_busy_within_the_run_only(tmp_path: Path) -> None:
    timeline = Timeline(**SLOW)
    timeline.serial(0.25, "rx", "x" * 50)
    timeline.serial(0.75, "tx", "x" * 50)
    assert parts(timeline.ended(1.0).load(tmp_path)) == {"line": 0.5, "bench": 0.5}


def test_silence_is_the_modules_time(tmp_path: Path) -> None:
    record = Timeline().exchange(1.0, "AT", seconds=5.0, silent=True).ended(8.0).load(tmp_path)
    assert parts(record) == {"module": 5.0, "bench": 3.0}


def test_an_answer_to_a_probe_is_the_modules_time(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.serial(1.0, "tx", "AT\r")
    timeline.serial(1.5, "rx", OK)
    assert parts(timeline.ended(2.0).load(tmp_path)) == {"module": 0.5, "bench": 1.5}


@pytest.mark.parametrize(("then", "power"), [("nothing", 9.0), ("off", 5.0), ("exchange", 2.0)])
def test_power_that_nobody_saw_come_back_is_off_until_the_module_answers(
    tmp_path: Path, then: str, power: float
) -> None:
    timeline = Timeline()
    timeline.at(1.0, "power", action="off")
    timeline.at(2.0, "power", action="on")
    if then == "off":
        timeline.at(4.0, "power", action="off")
        timeline.at(6.0, "power", action="booted")
    elif then == "exchange":
        timeline.exchange(3.0, "AT", (3.5, OK))
    assert parts(timeline.ended(10.0).load(tmp_path))["power"] == power


def test_what_the_bench_does_to_the_cloud_is_not_waited_for(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.at(1.0, "test-start", requirements=[])
    for t, event in enumerate(("listening", "fault-on", "fault-off", "raw-sent", "rival-online", "rival-offline"), 2):
        timeline.at(float(t), "cloud", connection=None, event=event)
    timeline.at(9.0, "cloud", connection=1, event="closed")
    timeline.at(10.0, "test-end", verdict="PASS", seconds=9.0)
    assert parts(timeline.ended(11.0).load(tmp_path)) == {"network": 2.0, "bench": 9.0}


def test_nothing_is_waited_for_before_the_first_test_and_after_the_last(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.at(1.0, "cloud", connection=1, event="closed")
    timeline.at(2.0, "test-start", requirements=[])
    timeline.at(3.0, "test-end", verdict="PASS", seconds=1.0)
    timeline.at(4.0, "cloud", connection=1, event="closed")
    assert parts(timeline.ended(5.0).load(tmp_path)) == {"bench": 5.0}


def test_a_run_that_died_while_it_waited_has_waited(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.at(1.0, "test-start", requirements=[])
    timeline.at(4.0, "cloud", connection=1, event="connected")
    assert parts(timeline.load(tmp_path)) == {"network": 3.0, "bench": 1.0}


def test_a_wait_that_ended_with_its_deadline_stays_with_the_bench(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.at(1.0, "test-start", requirements=[])
    finding = {"requirement": None, "verdict": "PASS", "title": "", "expected": "", "observed": "", "evidence": []}
    timeline.at(11.0, "finding", **finding)
    timeline.at(12.0, "test-end", verdict="PASS", seconds=11.0)
    assert parts(timeline.ended(12.0).load(tmp_path)) == {"bench": 12.0}


_EVENTS = st.lists(
    st.tuples(
        st.floats(0, 100),
        st.sampled_from(["tx", "rx", "exchange", "silence", "off", "on", "booted", "mqtt", "closed", "start", "end"]),
        st.floats(0, 20),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(events=_EVENTS, baudrate=st.sampled_from([1, 50, 115200]), footer=st.booleans())
def test_whatever_happened_the_parts_add_up_to_the_run(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[float, str, float]], baudrate: int, footer: bool
) -> None:
    timeline = Timeline(url="/dev/ttyUSB0", baudrate=baudrate)
    for t, what, seconds in events:
        match what:
            case "tx" | "rx":
                timeline.serial(t, what, "x" * int(seconds))
            case "exchange":
                timeline.exchange(t, "AT", (t + seconds, OK))
            case "silence":
                timeline.exchange(t, "AT", seconds=seconds, silent=True)
            case "off" | "on" | "booted":
                timeline.at(t, "power", action=what)
            case "mqtt":
                timeline.at(t, "mqtt", connection=1, dir="up", packet="PINGREQ", fields={}, hex="c000")
            case "closed":
                timeline.at(t, "cloud", connection=1, event=what)
            case _:
                timeline.at(t, "test-start", requirements=[])
    if footer:
        timeline.ended(100.0)
    record = timeline.load(tmp_path_factory.mktemp("any"))
    budget = time_budget(record)
    assert min(budget.parts().values()) >= 0
    assert budget.total == pytest.approx(record.seconds)


def test_a_hostile_module_is_timed_like_any_other(tmp_path: Path) -> None:
    write_run(tmp_path / "record.jsonl")
    record = RunRecord.load(tmp_path / "record.jsonl")
    (kind,) = latencies(record)
    latency = latencies(record)[kind]
    assert kind == "AT+ALYMQTTPUB="
    assert latency.silent > 0
    assert latency.quantiles == Quantiles(*[0.0123] * 5)
    assert isinstance(time_budget(record), TimeBudget)
    assert time_budget(record).total == pytest.approx(record.seconds)
