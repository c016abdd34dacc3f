"""Sends lines once more, to a module in the known state, to see whether they do again what was seen of them."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.canary import Canary, words_in
from conformance.catalogue import CONNECT_CFG
from conformance.tried import Symptom, Tried
from fixtures.bring_back import bring_back, patience
from fixtures.findings import ModuleRestarted
from fixtures.module import Module
from rigs.at.dialogue import Exchange

_RESTARTS = 3
"""Restarts by chance that are borne while the known state is brought about."""


class Again:
    """Tries lines without judging them."""

    def __init__(self, module: Module, canary: Canary) -> None:
        self._module = module
        self._canary = canary

    def settle(self) -> None:
        """Bring the known state about, on a module that may restart meanwhile."""
        for _ in range(_RESTARTS):
            try:
                self._canary.settle()
                return
            except ModuleRestarted:
                self._canary.doubt()

    def passes_by(self, tried: Tried, wait: float, *, at_once: bool = False) -> int:
        """Send a line whose answers count for nothing; 0 when the next command is not answered after it either.

        Else how often that had to be sent; once is all there is to it where it has to be answered ``at_once``.
        """
        fences = [name for name in self._canary.known if name not in words_in(tried.data)]
        fence = (fences or self._canary.known or [CONNECT_CFG.name])[0]
        data = tried.data
        if tried.pauses:
            dialogue = self._module.rig.dialogue
            dialogue.write_unanswered(data)
            dialogue.listen(dialogue.deadlines.quiet)
            data = b""
        return self._module.pass_by(data, fence, wait, at_once=at_once)

    def outcome(self, lines: Sequence[Tried]) -> Symptom | None:
        """What these lines bring about on a module in the known state, which is brought back; None for no harm."""
        self.settle()
        boots = self._module.rig.boots
        try:
            for tried in lines:
                if tried.loose:
                    symptom, accepted = self._after_loose(tried), True
                else:
                    answer = self._module.send(tried.data, deadline=patience(self._module.rig))
                    symptom, accepted = self._silence(answer) if answer.silent else None, answer.ok
                if symptom is not None:
                    return symptom
                if accepted:
                    # What it may have set is set again, so that the next line finds what it found before.
                    self._canary.doubt(words_in(tried.data))
                    self._canary.settle()
            return self._values_after(boots)
        except ModuleRestarted:
            return Symptom.RESTART

    def _after_loose(self, tried: Tried) -> Symptom | None:
        if self.passes_by(tried, 0.0):
            return None
        bring_back(self._module.rig, self._module.exchanges[-1])
        return Symptom.SILENCE

    def _silence(self, answer: Exchange) -> Symptom:
        bring_back(self._module.rig, answer)
        return Symptom.RESTART if self._module.rig.restart_behind(answer) else Symptom.SILENCE

    def _values_after(self, boots: int) -> Symptom | None:
        for name in self._canary.known:
            answer = self._canary.look(name)
            if answer.silent:
                return self._silence(answer)
            if self._module.rig.boots != boots:
                return Symptom.SILENCE
            if not self._canary.is_kept(answer, name):
                kept_now = self._canary.is_kept(self._canary.look(name), name)
                return Symptom.POLLUTED if kept_now else Symptom.CHANGED
        return None
