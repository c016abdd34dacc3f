"""The search for lines that do harm: each cause is told once, the module brought back, and the search goes on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.again import Again
from conformance.canary import Canary, words_in
from conformance.catalogue import BOUNDS, Kind, load
from conformance.fuzz_session import FuzzedSession
from conformance.grammar import is_well_formed
from conformance.reproducer import Reproducer, folder_of, read_all, regressions
from conformance.shrink import Patience, shortest
from conformance.tried import NO_COMMAND, Cause, Symptom, Tried
from conformance.values import MANUAL_CODES
from fixtures.bring_back import bring_back, patience
from fixtures.findings import Breach, Inconclusive, ModuleRestarted
from fixtures.judged import Judged
from fixtures.module import Module
from fixtures.run import Run
from fixtures.verify import Verifier
from reports.judging import Answered, Judgement
from reports.why import Why
from rigs.at.dialogue import Exchange
from rigs.at.results import command_name
from rigs.restart import Restart
from rigs.sentence import say

_RECENT = 24
"""Lines before a finding that may have a part in it."""
REPRODUCERS = "reproducers"
"""Folder of a run for the files by which its findings can be seen again."""
_MOST_CAUSES = 6
"""Causes after which the search ends: the module is no good."""
_SECONDS_OF_HARM = {True: 40.0, False: 600.0}
"""Seconds, in the simulator and on hardware, that are spent on harm that lines have done."""
_TRIES, _SHRINKING_SECONDS = 150, 8.0
_PACED = 25
"""Answers of which the quickest tells the module's pace."""
_CHANCE = 3
"""Restarts that no line brings about, after which the module is no good for this search."""
_COMMANDS = frozenset(command.name for command in load().commands.values() if command.kind is not Kind.URC)


class Search:
    """Sends lines, looks at what they do, and keeps the causes apart.

    A cause is a symptom with the production or the mutation that brings it about.
    """

    def __init__(self, module: Module, verify: Verifier, run: Run, findings: Path | None = None) -> None:
        self._folders = [run.run_dir / REPRODUCERS]
        if findings is not None:
            self._folders.append(folder_of(findings, module.rig.owner.model))
        self._module = module
        self._verify = verify
        self._run = run
        self._recent: deque[Tried] = deque(maxlen=_RECENT)
        self._chance = 0
        self._seconds_of_harm = 0.0
        self._refused_to_open = False
        self._in_session = False
        self.canary = Canary(module, verify, run)
        self._again = Again(module, self.canary)
        self.session = FuzzedSession(module, verify, run)
        self.causes: list[Cause] = []
        self.probes: list[float] = []
        """Seconds that each answer to a known question took."""
        self.session_lines = 0
        """Lines that were sent while a session was open."""

    @property
    def exhausted(self) -> bool:
        """Whether the search has found so much that it ends."""
        one_is_enough = bool(self._run.first_catch) and bool(self.causes)
        too_long = self._seconds_of_harm > _SECONDS_OF_HARM[self._run.rig_file.simulated]
        return one_is_enough or len(self.causes) >= _MOST_CAUSES or too_long

    def open_session(self) -> None:
        """Have a session open for the next lines, where the module comes online at all."""
        if not self.session.believed_open and not self._refused_to_open:
            self._settle()
            self._guarded(self._open_session)

    def _open_session(self) -> None:
        self._refused_to_open = not self.canary.leads_to_cloud or not self.session.open()

    def end_session(self) -> None:
        """Judge the session and close it."""
        self._guarded(self._look_at_session)
        if not self._refused_to_open:
            self._guarded(self.session.end)

    def try_line(self, tried: Tried, *, even_if_known: bool = False) -> Exchange | None:
        """Send one line and judge what it does; its exchange, where it has one and did no harm.

        One that a known cause explains is not sent: it would cost the module's time and tell nothing.
        """
        if not even_if_known and any(cause.explains(tried) for cause in self.causes):
            return None
        self._settle()
        self.session_lines += self.session.believed_open
        self._in_session = self.session.believed_open
        self._recent.append(tried)
        return self._guarded(lambda: self._judged(tried))

    def try_earlier(self) -> None:
        """Try what earlier firmware of this model, and the regression cases, have shown."""
        for case in (
            *regressions(),
            *(case for folder in self._folders[1:] for case in read_all(folder, "--findings")),
        ):
            self.try_case(case)

    def try_case(self, case: Reproducer) -> None:
        """Send the lines of a finding that was made before, on the module in the known state."""
        if self.exhausted:
            return
        self._lost()
        if case.session:
            self.open_session()
        for tried in case.lines:
            self.try_line(tried, even_if_known=True)
        if case.session:
            self.end_session()
        self._guarded(self._look_at_all)
        self._recent.clear()

    def conclude(self) -> None:
        """Look at everything once more; raises `Breach` that names every cause."""
        self._guarded(self._look_at_all)
        if not self.causes:
            self._guarded(self._judge_pace)
        self._module.touch_everything()
        if self.causes:
            told = [f"{cause.message}\n  shown by {cause.count} line(s)" for cause in self.causes]
            raise Breach("\n".join(told), silence=True)

    def _settle(self) -> None:
        try:
            self.canary.settle()
        except ModuleRestarted as error:
            self._after_restart(error.restart)
        except Inconclusive:
            # A firmware may refuse settings while a session is open.
            self._guarded(self.session.end)
            self._settle_closed()

    def _settle_closed(self) -> None:
        try:
            self.canary.settle()
        except Inconclusive:
            if not self.causes:
                raise
            self.conclude()

    def _guarded(self, step: Callable[[], Exchange | None]) -> Exchange | None:
        began, known = time.monotonic(), sum(cause.count for cause in self.causes)
        try:
            return step()
        except ModuleRestarted as error:
            self._after_restart(error.restart)
            return None
        finally:
            if sum(cause.count for cause in self.causes) > known:
                self._seconds_of_harm += time.monotonic() - began

    def _judged(self, tried: Tried) -> Exchange | None:
        if tried.loose:
            wait = 0.0 if self.causes else self._module.deadlines.command
            sent = self._again.passes_by(tried, wait)
            if sent > 1 and tried.production == NO_COMMAND and self._swallows(tried, wait):
                self._found(
                    Symptom.POLLUTED,
                    say("the command right behind it is answered"),
                    say("no answer to it, twice; one to the same command sent again"),
                )
                return None
            if not sent:
                told = bring_back(self._module.rig, self._module.exchanges[-1])
                self._found(
                    Symptom.SILENCE, say("the next command is answered"), say("no answer; {sentence}", sentence=told)
                )
                return None
            self.session.note(tried.data, None)
            self.canary.doubt(words_in(tried.data))
            return self._next_command(tried, None)
        # A module that is known to fall silent is not waited for so long again.
        mute = any(cause.symptom in (Symptom.SILENCE, Symptom.RESTART) for cause in self.causes)
        answer = self._module.send_hostile(tried.data, patience(self._module.rig) if mute else None)
        if answer.silent:
            self._silence(answer)
            return None
        if not self._by_check(Symptom.LATE, answer, lambda: self._verify(answer, of="FZ-01").answered_in_time()):
            return None
        if answer.code is not None and not MANUAL_CODES.accepts(answer.code) and _has_to_be_read(tried.data):
            self._by_check(Symptom.CODE, answer, lambda: self._verify(answer, of="FMT-11").refused(MANUAL_CODES))
        self.session.note(tried.data, answer)
        if answer.ok and tried.data.strip().upper() != b"AT":
            # Other values than those that it names have to be as they were.
            self.canary.doubt(words_in(tried.data) or None)
            if not self.session.believed_open and "ALYMQTTOPEN" in words_in(tried.data):
                self._module.close()
        return self._next_command(tried, answer)

    def _swallows(self, tried: Tried, wait: float) -> bool:
        """Whether the command right behind a line is lost, and one behind that is answered.

        Nothing runs while it is sent, so that the module has no right to lose it.
        """
        lost = wait > 0 and not self._again.passes_by(tried, wait, at_once=True)
        return lost and bool(self._again.passes_by(replace(tried, data=b""), wait))

    def _next_command(self, tried: Tried, answer: Exchange | None) -> Exchange | None:
        if name := self.canary.next(words_in(tried.data)):
            self._look(name)
        return answer

    def _look(self, name: str) -> bool:
        """Judge that a value is what it has to be."""
        answer = self.canary.look(name)
        if self.canary.is_kept(answer, name):
            self.probes.append(answer.seconds)
            self._run.check()
            return True
        if answer.silent:
            self._silence(answer)
            return False
        self._run.check_surroundings()
        again = self.canary.look(name)
        symptom = Symptom.POLLUTED if self.canary.is_kept(again, name) else Symptom.CHANGED
        values = self.canary.values(name)
        self._found(
            symptom,
            say("{answer} and OK, as before the lines in front of it", answer=self._verify.expected(answer, values)),
            self._verify.answer(answer),
            answer,
        )
        return False

    def _look_at_all(self) -> None:
        for name in self.canary.known:
            if not self._look(name):
                return

    def _judge_pace(self) -> None:
        """Judge that answers to known questions come as soon as at first: the quickest of some do."""
        if len(self.probes) < 3 * _PACED:
            return
        start = min(self.probes[:_PACED])
        allowed = max(BOUNDS.slowdown_factor * start, start + BOUNDS.slowdown_milliseconds / 1000)
        if min(self.probes[-_PACED:]) > allowed:
            for _ in range(_PACED):
                self._look_at_all()
        now = min(self.probes[-_PACED:])
        if now > allowed:
            self._found(
                Symptom.SLOWER,
                say("answers within {ms:.1f} ms, as before the lines", ms=1000 * allowed),
                say("{first:.1f} ms at first, {last:.1f} ms at last", first=1000 * start, last=1000 * now),
            )

    def _look_at_session(self) -> None:
        if wrong := self.session.check():
            self._run.check_surroundings()
            self._found(Symptom.SESSION, wrong.expected, wrong.observed, evidence=wrong.evidence)

    def _silence(self, answer: Exchange) -> None:
        """Nothing came, or too little: bring the module back, then judge what it was."""
        bound, value, allowance = self._verify.bound_of(answer)
        expected = say(
            "{line}: a final result code within {seconds:g} s",
            line=self._verify.show(answer),
            seconds=value + allowance,
        )
        observed = say(
            "{answer}; {sentence}",
            answer=self._verify.answer(answer),
            sentence=bring_back(self._module.rig, answer),
        )
        restarted = self._module.rig.restart_behind(answer) is not None
        symptom = Symptom.RESTART if restarted else Symptom.SILENCE
        judged = self._verify.judge(lambda _: Answered.within(answer.evidence[1], bound, value, allowance), answer)
        self._found(symptom, expected, observed, answer, judged=judged)

    def _by_check(self, symptom: Symptom, answer: Exchange, judge: Callable[[], object]) -> bool:
        """Judge an exchange by an expectation; False where it is broken, which is then a cause."""
        if symptom is Symptom.CODE and (known := self._known(symptom)):
            known.count += 1
            return False
        try:
            judge()
        except Breach as breach:
            lines = tuple(self._recent)[-1:]
            self._write(Reproducer(symptom, f"no {symptom}", self._in_session, lines))
            self._keep(symptom, str(breach), lines, answer.evidence)
            return False
        return True

    def _found(
        self,
        symptom: Symptom,
        expected: str,
        observed: str,
        answer: Exchange | None = None,
        evidence: tuple[int, ...] = (),
        judged: Judged | None = None,
    ) -> None:
        """Judge what is no single exchange's: a new cause is told, another one of a known cause is counted."""
        if known := self._known(symptom):
            known.count += 1
            self._lost()
            return
        evidence = evidence if answer is None else answer.evidence
        suspects = tuple(self._recent)
        self._lost()
        session = self._in_session
        lines = self._shortest(symptom, suspects)
        if known := next((cause for cause in self.causes if cause.is_by(symptom, lines)), None):
            known.count += 1
            return
        found = Reproducer(symptom, expected, session, tuple(lines))
        if file := self._write(found):
            observed = say(
                "{observed}; shown again by pytest --replay {file}: {lines}",
                observed=observed,
                file=file,
                lines=" | ".join(found.typed),
            )
        try:
            self._verify.that(
                False,
                expected,
                observed,
                of="FZ-01",
                evidence=evidence,
                replay=[tried.data for tried in lines] + ([answer.command] if answer is not None else []),
                silence=True,
                judged=judged if judged is not None and judged.judgement is Judgement.BROKEN else None,
                why=None if judged is not None else _WHY.get(symptom, Why.POLLUTED),
            )
        except Breach as breach:
            self._keep(symptom, str(breach), lines, evidence)

    def _write(self, found: Reproducer) -> str:
        """Leave the file by which it can be seen again; its name, empty where the disk takes no file."""
        found = replace(found, firmware=self._module.rig.owner.revision or "")
        try:
            *_, path = [found.write(folder) for folder in self._folders]
        except OSError:
            return ""
        return f"{REPRODUCERS}/{path.name}"

    def _keep(self, symptom: Symptom, message: str, lines: Sequence[Tried], evidence: tuple[int, ...]) -> None:
        tried = lines[-1] if lines else Tried(b"AT", "", "")
        self.causes.append(Cause(symptom, tried, message, tuple(lines), evidence))
        if symptom not in (Symptom.CODE, Symptom.LATE):
            self._recent.clear()

    def _known(self, symptom: Symptom) -> Cause | None:
        if not self._recent:
            return None
        tried = self._recent[-1]
        for cause in self.causes:
            same = tried.production == cause.tried.production or tried.mutation == cause.tried.mutation
            if cause.symptom is symptom and (same or any(line in self._recent for line in cause.lines)):
                return cause
        return None

    def _lost(self) -> None:
        """Nothing of the module's state is known."""
        self._in_session = self.session.believed_open or self._in_session
        self.canary.doubt()
        self.session.forget()

    def _after_restart(self, restart: Restart) -> None:
        """The module has restarted by itself: the lines before brought it about, or chance did, which FZ-04 judges."""
        self._lost()
        suspects = tuple(self._recent)
        if known := self._known(Symptom.RESTART):
            known.count += 1
            self._again.settle()
            return
        self._again.settle()
        for lines in (suspects[-1:], suspects[-3:], suspects):
            if lines and self._happens(Symptom.RESTART, lines):
                self._found(
                    Symptom.RESTART,
                    say("no restart that nobody ordered"),
                    restart.told,
                    evidence=restart.evidence,
                )
                return
        self._chance += 1
        if self._chance > _CHANCE and not self.causes:
            raise ModuleRestarted(restart)
        self._recent.clear()

    def _happens(self, symptom: Symptom, lines: Sequence[Tried]) -> bool:
        try:
            return self._again.outcome(lines) is symptom
        finally:
            self._lost()

    def _shortest(self, symptom: Symptom, suspects: Sequence[Tried]) -> Sequence[Tried]:
        on_its_own = suspects[-1:]
        # On hardware another silence costs more of the module's time than a shorter sequence is worth.
        if symptom is Symptom.SLOWER:
            return suspects
        costly = symptom is Symptom.SILENCE and not self._run.rig_file.simulated
        if self._run.first_catch or costly or not suspects:
            return on_its_own
        if self._happens(symptom, on_its_own):
            suspects = on_its_own
        elif not self._happens(symptom, suspects):
            return suspects
        if not self._run.rig_file.simulated:
            return suspects
        return shortest(suspects, lambda lines: self._happens(symptom, lines), Patience(_TRIES, _SHRINKING_SECONDS))


_WHY = {Symptom.RESTART: Why.RESTARTS, Symptom.SLOWER: Why.PACES}


def _has_to_be_read(line: bytes) -> bool:
    """Whether only the command itself may refuse a line, so that its code is one of the manual's (FMT-11)."""
    return command_name(line).decode() in _COMMANDS and is_well_formed(line)
