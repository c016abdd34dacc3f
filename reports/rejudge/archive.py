"""Many runs, each read and judged anew in a process of its own pool: what is kept of each is what came out."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from reports.catalogue import Catalogue
from reports.events import RecordError
from reports.inert import inert
from reports.judging.expectation import ExpectationError
from reports.record import RunRecord
from reports.rejudge.rejudged import Rejudged, rejudge
from reports.runs import read_record
from reports.sentences import Sentence, say

_OLDEST = 2
"""The first schema of records that tell what was expected as data."""
_AHEAD = 2
"""Runs that each process may be ahead of the one that is told next, so that results do not pile up."""


class NotRead(NamedTuple):
    """A run that cannot be judged anew; ``problem`` is one line and names it."""

    path: Path
    problem: Sentence


def rejudge_all(paths: Sequence[Path], today: Catalogue, jobs: int) -> Iterator[Rejudged | NotRead]:
    """Each run, in order, judged anew by so many processes at most."""
    jobs = min(jobs, len(paths))
    if jobs <= 1:
        yield from (_judged(path, today) for path in paths)
        return
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(today,)) as pool:
        try:
            yield from _in_order(pool, paths, jobs * _AHEAD)
        except BrokenProcessPool as problem:
            raise RecordError("a process that judges was ended from outside; try fewer with --jobs") from problem
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, paths: Iterable[Path], ahead: int) -> Iterator[Rejudged | NotRead]:
    coming: list[Future[Rejudged | NotRead]] = []
    for path in paths:
        coming.append(pool.submit(_in_pool, path))
        while len(coming) > ahead:
            yield coming.pop(0).result()
    for future in coming:
        yield future.result()


_today: Catalogue
"""In a process of the pool: what to judge by."""


def _begin(today: Catalogue) -> None:
    global _today
    _today = today
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's process waits for work for ever, also where whoever gives it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_pool(path: Path) -> Rejudged | NotRead:
    return _judged(path, _today)


def _judged(path: Path, today: Catalogue) -> Rejudged | NotRead:
    try:
        with _no_collector():
            return rejudge(_read(path), today)
    except ExpectationError as problem:
        return NotRead(path, say("{path}: {why}", path=path, why=problem).changed(inert))
    except RecordError as problem:
        return NotRead(path, problem.told.changed(inert))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        # A record may be well-formed and still hold what no run writes.
        why = f"{type(problem).__name__}: {problem}"
        return NotRead(path, say("{file}: not as a run writes it: {why}", file=path, why=why).changed(inert))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without the search for cycles: a record is a hundred thousand objects and holds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(path: Path) -> RunRecord:
    """The record of a run, with what was expected as data. Raises `RecordError`."""
    record = read_record(path, weigh=False)
    schema = record.run["schema"]
    if schema < _OLDEST:
        raise RecordError(
            "{path}: record schema {schema} does not tell what was expected as data: nothing of it can be judged anew",
            path=path,
            schema=schema,
        )
    return record
