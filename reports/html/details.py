"""A test in full, as a tree: its findings with their evidence, how to replay it, and its transcript in lanes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from reports.finding import Finding
from reports.html.diff import diff_nodes
from reports.html.transcript import MAX_ROWS, Column, Gap, Lane, Row, cited, rows_of, shortened
from reports.html.tree import Node, element
from reports.html.views import GOOD, worth_showing
from reports.html.words import both_nodes, shown, shown_bytes, shown_masked, word_nodes
from reports.record import RunRecord
from reports.replay import Line, Replay, Replays, judged_last, pytest_command
from reports.verdicts import Verdict

MAX_BYTES = 1200
"""Bytes shown of one piece of serial data: more than a command line can hold."""
MAX_LOG = 20_000
MAX_LINES = 40
"""Command lines shown of one replay; ``show`` has all of them."""
_MAX_EVIDENCE = 12
_LAST_ROWS = 6
_HEX, _HEX_OF_GOOD = 512, 48
_HEX_COLUMNS = 16
_ARROWS = {Lane.TX: "→ ", Lane.RX: "← ", Lane.UP: "→ ", Lane.DOWN: "← "}


class Details:
    """The tests of one record; ``logs`` are what pytest captured of them."""

    def __init__(self, record: RunRecord, logs: Mapping[str, str] | None = None) -> None:
        self._record = record
        self._logs = logs or {}
        self._rows: dict[str, list[Row]] = {}
        self._replays = Replays(record)

    def of_test(self, nodeid: str, limit: int = MAX_ROWS) -> list[Node]:
        """Everything about a test. Raises KeyError for one that the record lacks."""
        findings = self._record.findings_of(nodeid)
        worth = worth_showing(findings)
        rows = shortened(self._all_rows(nodeid), worth, limit)
        row_of = {seq: row.seqs[0] for row in rows if isinstance(row, Row) for seq in row.seqs}
        nodes: list[Node] = [element("h4", *word_nodes("findings"))]
        if worth:
            nodes.append(element("ol.findings", *(self._card(finding, row_of) for finding in worth)))
        else:
            nodes.append(element("p", *word_nodes("no-findings")))
        if len(findings) > len(worth):
            nodes.append(element("p", *word_nodes("findings-more", count=len(findings) - len(worth))))
        return [*nodes, *self._replay(nodeid), *self._log(nodeid), *self._transcript(nodeid, rows)]

    def of_finding(self, finding: Finding) -> list[Node]:
        """What a finding expected and what came instead, with the bytes, the time, and how to see it again."""
        nodes = self._judgement(finding)
        if finding.test is None or finding.test not in self._record.tests:
            return nodes
        nodes += self._evidence(finding, {})
        return [*nodes, *self._replay(finding.test, finding)]

    def _all_rows(self, nodeid: str) -> list[Row]:
        if nodeid not in self._rows:
            self._rows[nodeid] = rows_of(self._record, nodeid)
        return self._rows[nodeid]

    def _card(self, finding: Finding, row_of: Mapping[int, int]) -> Node:
        head: list[Node] = [chip_node(finding.verdict), " "]
        requirement = self._record.requirements.get(finding.requirement or "")
        if requirement is not None:
            head += [element("a", element("strong", requirement.id), href=f"#{requirement.id}"), " "]
            if finding.verdict not in GOOD:
                head += both_nodes(requirement.en, requirement.zh)
        body = [*self._judgement(finding), *self._evidence(finding, row_of)]
        if finding.observation is not None:
            body.append(element("p", element("code", *shown(json.dumps(finding.observation, ensure_ascii=False)))))
        if finding.verdict not in GOOD and finding.test is not None:
            body += self._lines(finding)
        return element("li", element("p", *head), *body)

    def _judgement(self, finding: Finding) -> list[Node]:
        terms: list[Node] = []
        if finding.title not in (finding.expected, finding.observed):
            terms += [element("dt", *word_nodes("checked")), element("dd", *both_nodes(*finding.title_in_both))]
        expected, observed = _both_sides(finding)
        terms += [
            *(element("dt", *word_nodes("expected")), element("dd", *expected)),
            *(element("dt", *word_nodes("observed")), element("dd", *observed)),
        ]
        if finding.test in self._record.tests:
            events = self._record.events
            start, event = events[self._record.tests[finding.test].first], events[finding.seq]
            wall = self._record.wall_of(event).replace("T", " ").removesuffix("Z")
            when = word_nodes("timing-at", at=f"{event.t - start.t:.3f}", wall=wall)
            terms += [element("dt", *word_nodes("timing")), element("dd", *when)]
        beside = diff_nodes(finding.compared) if finding.compared is not None else []
        return [element("dl.expectation", *terms), *beside]

    def _evidence(self, finding: Finding, row_of: Mapping[int, int]) -> list[Node]:
        """The bytes that a finding rests on, readable and in hex; of a bad one that names none, what came last."""
        if finding.test is None:
            return []
        wanted = set(cited(finding))
        if not wanted and finding.verdict in GOOD:
            return []
        end = judged_last(finding)
        rows = [
            row
            for row in self._all_rows(finding.test)
            if (not wanted.isdisjoint(row.seqs) if wanted else row.seqs[0] <= end) and row.column is not Column.BENCH
        ]
        if not wanted:
            rows = rows[-_LAST_ROWS:]
        if not rows:
            return []
        most = _HEX_OF_GOOD if finding.verdict in GOOD else _HEX
        titles = ("evidence" if wanted else "evidence-last", "escaped", "hex")
        body: list[Node] = [_evidence_row(row, most, row_of.get(row.seqs[0])) for row in rows[:_MAX_EVIDENCE]]
        if len(rows) > _MAX_EVIDENCE:
            more = word_nodes("evidence-more", count=len(rows) - _MAX_EVIDENCE)
            body.append(element("tr", element("td", *more, colspan="3")))
        return [
            element(
                "table.bytes",
                element("thead", element("tr", *(element("th", *word_nodes(key), scope="col") for key in titles))),
                element("tbody", *body),
            )
        ]

    def _replay(self, nodeid: str, finding: Finding | None = None) -> list[Node]:
        command = pytest_command(self._record, nodeid)
        return [
            element("p.replay", *word_nodes("replay-test"), " ", element("code", *shown(command))),
            *(self._lines(finding) if finding is not None else ()),
        ]

    def _lines(self, finding: Finding) -> list[Node]:
        whole = self._replays.of(finding)
        if whole is None or not any(line.data for line in whole.lines):
            return []
        replay, left_out = whole.shortened(MAX_LINES)
        nodes: list[Node] = [element("p.replay", *word_nodes("replay-lines"))]
        if left_out:
            nodes.append(element("p", *word_nodes("replay-more", count=left_out, event=finding.seq)))
        for number, block in enumerate(replay.blocks):
            if number:
                nodes.append(element("p", *word_nodes("replay-power")))
            nodes += [element("pre.replay", *_pasted(block))] if block else []
        return [*nodes, *_replay_notes(replay)]

    def _log(self, nodeid: str) -> list[Node]:
        log = self._logs.get(nodeid)
        if not log:
            return []
        lines: list[Node] = []
        for line in log[:MAX_LOG].split("\n"):
            lines += [*shown(line), "\n"]
        return [element("h4", *word_nodes("log")), element("pre.log", *lines)]

    def _transcript(self, nodeid: str, rows: Sequence[Row | Gap]) -> list[Node]:
        nodes: list[Node] = [element("h4", *word_nodes("transcript"))]
        if not rows:
            return [*nodes, element("p", *word_nodes("no-events"))]
        start = self._record.events[self._record.tests[nodeid].first].t
        nodes.append(element("p", element("small", *word_nodes("transcript-start", at=f"{start:.3f}"))))
        if any(isinstance(row, Row) and row.masked for row in rows):
            nodes.append(element("p", element("small", *word_nodes("masked-note"))))
        head = element(
            "thead",
            element(
                "tr",
                element("th", *word_nodes("time"), scope="col"),
                *(element("th", *word_nodes(f"column.{column}"), scope="col") for column in Column),
            ),
        )
        table = element("table.transcript", head, element("tbody", *map(_transcript_row, rows)))
        return [*nodes, element("div.lanes", element("p.choice", *_choice()), table)]


def chip_node(verdict: Verdict) -> Node:
    """A verdict as the page shows it."""
    return element(f"b.chip.{css_class(verdict)}", verdict.value)


def css_class(verdict: Verdict) -> str:
    return verdict.lower().replace(" ", "-")


def _choice() -> Iterator[Node]:
    """Checkboxes that show or hide a lane; the style sheet does it, without script."""
    yield from word_nodes("lanes")
    for column in Column:
        box = element(f"input.{column}", type="checkbox", checked="", autocomplete="off")
        yield element("label", box, " ", *word_nodes(f"column.{column}"))


def _transcript_row(row: Row | Gap) -> Node:
    if isinstance(row, Gap):
        left_out = word_nodes("omitted", count=row.count, first=row.first, last=row.last)
        return element("tr.gap", element("td", *left_out, colspan="4"))
    cells = [element("td", *_content(row)) if column is row.column else element("td") for column in Column]
    return element(f"tr.{row.column}.{row.lane}", element("td", f"{row.t:.4f}"), *cells, id=f"e{row.seqs[0]}")


def _content(row: Row) -> Iterator[Node]:
    if row.exchange is not None:
        yield element("small.outcome", *_outcome(row))
    if row.verdict is not None:
        yield chip_node(row.verdict)
        yield " "
    if row.lane in _ARROWS:
        yield _ARROWS[row.lane]
    if row.data is None:
        yield from both_nodes(*row.in_both)
    else:
        yield from _bytes(row)
        yield from _cut(len(row.data) - MAX_BYTES)
        yield from _dropped(row)


def _outcome(row: Row) -> Iterator[Node]:
    yield f"#{row.exchange} "
    yield from shown(row.outcome or "") if row.answered else word_nodes("silence")
    if row.seconds is not None:
        yield f" {row.seconds * 1000:.1f} ms"


def _evidence_row(row: Row, most: int, anchored: int | None) -> Node:
    raw = row.raw
    # The link is the row of the transcript, where that is on the page.
    when: Node = f"{row.t:.4f} s"
    if anchored is not None:
        when = element("a", when, href=f"#e{anchored}")
    who = word_nodes(f"lane.{row.lane}")
    text = both_nodes(*row.in_both) if row.data is None else _bytes(row)
    outcome = [element("small.outcome", *_outcome(row))] if row.exchange is not None else []
    return element(
        "tr",
        element("td", *who, " ", element("small", when)),
        element("td", *outcome, *text, *_cut(len(row.data or "") - MAX_BYTES), *_dropped(row)),
        element("td", _hex(raw[:most], row.masked), *_cut(len(raw) - most)),
    )


def _bytes(row: Row) -> list[Node]:
    """A row's bytes, as many as are shown."""
    masked = [(first, min(last, MAX_BYTES)) for first, last in row.masked if first < MAX_BYTES]
    return shown_masked((row.data or "")[:MAX_BYTES], masked)


def _hex(raw: bytes, masked: Sequence[tuple[int, int]]) -> str:
    """Bytes in hex; ``**`` for those that the bench has masked."""
    shown = [f"{byte:02x}" for byte in raw]
    for first, last in masked:
        for at in range(first, min(last, len(shown))):
            shown[at] = "**"
    return "\n".join(" ".join(shown[at : at + _HEX_COLUMNS]) for at in range(0, len(shown), _HEX_COLUMNS))


def _dropped(row: Row) -> list[Node]:
    return [" ", element("small", *word_nodes("dropped", count=row.dropped))] if row.dropped else []


def _cut(count: int) -> list[Node]:
    return [" ", element("small", *word_nodes("cut", count=count))] if count > 0 else []


def _pasted(lines: Sequence[Line]) -> Iterator[Node]:
    """Lines as text to be copied, one to a row."""
    for line in lines:
        yield from shown_bytes(line.data)
        yield "\n"


def _replay_notes(replay: Replay) -> Iterator[Node]:
    if replay.has_stand_ins:
        yield element("p", element("small", *word_nodes("replay-stand-ins")))
    if replay.untypable:
        yield element("p", element("small", *word_nodes("replay-untypable", count=replay.untypable)))


def _both_sides(finding: Finding) -> tuple[Sequence[Node], Sequence[Node]]:
    """What was expected, and what came; in both languages where that follows from data."""
    expected, observed = finding.in_both
    return both_nodes(*expected), both_nodes(*observed)
