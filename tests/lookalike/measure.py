"""How much the suite catches of faults that others built into another module: ``python -m tests.lookalike.measure``.

Whoever wrote the module and its faults has read the manual and the requirements, and none of the tests. Each fault is
caught when a requirement that it breaks has a FAIL or a DEVIATION; the module without faults must have neither.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import select
import shlex
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fixtures.mutants import Mutant, Outcome, run_all, run_suite
from ml302_conformance import ROOT

_READY_SECONDS = 30.0
_PORTS = iter(range(10_000 + os.getpid() % 35 * 250, 20_000))
"""Below those of the self-tests and those that systems give to outgoing connections; each given once."""


@contextmanager
def attached(directory: Path, options: list[str]) -> Iterator[Path]:
    """The module, running with these options, on a rig of its own; the path of the rig file."""
    tcp, tls = (f"127.0.0.1:{_free_port()}" for _ in range(2))
    state, link, rig = directory / "state", directory / "port", directory / "rig.toml"
    state.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.lookalike.module", str(state), "--link", str(link)]
    with (directory / "module.log").open("wb") as log:
        module = subprocess.Popen(
            [*command, "--tcp", tcp, "--tls", tls, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert module.stdout
        if not select.select([module.stdout], [], [], _READY_SECONDS)[0] or not module.stdout.readline():
            raise RuntimeError(f"the look-alike did not start: {(directory / 'module.log').read_text('utf-8')[-300:]}")
        rig.write_text(_rig_file(directory.stem, state, link, tcp, tls), "utf-8")
        yield rig
    finally:
        module.kill()
        module.wait()
        if module.stdout:
            module.stdout.close()


def _free_port() -> int:
    """A port that nobody listens on and that this process has not given away yet."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is left for another rig")


def _rig_file(name: str, state: Path, link: Path, tcp: str, tls: str) -> str:
    switch = shlex.join([sys.executable, "-m", "tests.lookalike.power", str(state)])
    supply = f"cd {shlex.quote(str(ROOT))} && {switch}"
    return f"""
schema = 1
name = {json.dumps(re.sub(r"[^a-z0-9-]", "", name))}

[serial]
url = {json.dumps(str(link))}

[power]
driver = "command"
on = {json.dumps(f"{supply} on")}
off = {json.dumps(f"{supply} off")}
off_seconds = 0
boot_seconds = 20

[cloud]
listen = "{tcp}"
listen_tls = "{tls}"
"""


def listed() -> list[dict[str, object]]:
    """Every fault of the look-alike: ``name``, ``lie``, ``kind`` and the requirements that it ``breaks``."""
    command = [sys.executable, "-m", "tests.lookalike.faults"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measured(mutant: Mutant, directory: Path, module_options: list[str], *, full: bool) -> Outcome:
    """One run of the suite against the look-alike."""
    early = ("--first-catch", ",".join(mutant.breaks)) if mutant.breaks and not full else ()
    with attached(directory / f"{mutant.name}.module", [*module_options, *mutant.options]) as rig:
        # Its identity is nobody's: a fault may keep it from being read, and so from being given back.
        options = ("--rig", str(rig), "--overwrite-identity", *early)
        return run_suite(Mutant(mutant.name, (), mutant.breaks), directory, options)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lookalike.measure", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these faults")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of the faults, at random")
    parser.add_argument("--seed", type=int, default=302, help="of the sample")
    parser.add_argument("--think-ms", type=int, default=0, metavar="N", help="what the module waits before each answer")
    parser.add_argument("--full", action="store_true", help="whole runs instead of stopping at the first catch")
    parser.add_argument("--least", type=float, default=98.0, metavar="PERCENT", help="share that has to be caught")
    parser.add_argument("--jobs", type=int, default=3 * (os.cpu_count() or 1), metavar="N", help="runs at a time")
    arguments = parser.parse_args()
    rows = listed()
    if unknown := {*arguments.only} - {str(row["name"]) for row in rows}:
        parser.error(f"--only: the look-alike has no fault of this name: {', '.join(sorted(unknown))}")
    chosen = [row for row in rows if not arguments.only or row["name"] in arguments.only]
    if arguments.sample:
        chosen = random.Random(arguments.seed).sample(chosen, min(arguments.sample, len(chosen)))
    kinds = {str(row["name"]): str(row["kind"]) for row in chosen}
    faultless = Mutant("(no fault)", ())
    faulty = [Mutant(str(row["name"]), ("--fault", str(row["name"])), tuple(row["breaks"])) for row in chosen]  # type: ignore[arg-type]
    options = ["--think-ms", str(arguments.think_ms)]

    def judge(mutant: Mutant, directory: Path) -> Outcome:
        outcome = measured(mutant, directory, options, full=arguments.full)
        problem = outcome.problem_of_fault() if mutant.breaks else outcome.problem_of_habit()
        verdict = "WRONG" if problem else "caught" if mutant.breaks else "right"
        print(f"{verdict:8}{mutant.name:40}{problem or ' '.join(outcome.caught)}", flush=True)
        return outcome

    with tempfile.TemporaryDirectory(prefix="ml302-lookalike-") as kept:
        # What the bench keeps of a module's identity is no matter of the user's.
        os.environ["XDG_STATE_HOME"] = kept
        unharmed, *outcomes = run_all([faultless, *faulty], arguments.jobs, judge)
    missed = [outcome for outcome in outcomes if outcome.problem_of_fault()]
    print(f"\n{'kind':14}{'faults':>8}{'caught':>8}")
    of_kind, missed_of_kind = Counter(kinds.values()), Counter(kinds[outcome.mutant.name] for outcome in missed)
    for kind, number in of_kind.items():
        print(f"{kind:14}{number:8}{number - missed_of_kind[kind]:8}")
    share = 100 * (len(outcomes) - len(missed)) / len(outcomes) if outcomes else 100.0
    print(f"{'all':14}{len(outcomes):8}{len(outcomes) - len(missed):8}  {share:.1f} %")
    for outcome in missed:
        print(f"MISSED  {outcome.mutant.name}: {outcome.problem_of_fault()} (breaks {' '.join(outcome.mutant.breaks)})")
    if problem := unharmed.problem_of_habit():
        print(f"WRONG   {unharmed.explained(problem)}")
    return 1 if problem or share < arguments.least else 0


if __name__ == "__main__":
    sys.exit(main())
