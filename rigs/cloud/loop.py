"""An asyncio event loop in a thread of its own, driven from synchronous code."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rigs.errors import BenchError
from rigs.sentence import say

_T = TypeVar("_T")
_DEADLINE = 30.0  # seconds for anything a test asks of the loop; none of it waits for the module


class LoopThread:
    """Starts with ``start``, ends with ``stop``; both may be called once."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Cancel what is left and end the thread; nothing to do for one that has ended or was never started."""
        if self._thread.ident is None:
            self._loop.close()
        elif self._thread.is_alive():
            try:
                self.run(_cancel_all())
            finally:
                with contextlib.suppress(RuntimeError):  # somebody else has stopped it at this moment
                    self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(_DEADLINE)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run ``coroutine`` in the loop and return its result. Raises what it raises, BenchError without a loop."""
        if not self.alive:
            coroutine.close()
            raise _not_running()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:  # it ended between these two lines
            coroutine.close()
            raise _not_running() from None
        try:
            return future.result(_DEADLINE)
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise BenchError(
                say("the cloud did not act within {deadline:g} s", deadline=_DEADLINE),
                act=say("report this defect of the bench"),
            ) from None

    def call(self, function: Callable[[], _T]) -> _T:
        """Call ``function`` in the loop and return its result."""

        async def act() -> _T:
            return function()

        return self.run(act())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())  # it looks up host names
        finally:
            with contextlib.suppress(RuntimeError):
                self._loop.close()


def _not_running() -> BenchError:
    return BenchError(say("the cloud is not running"), act=say("start it first; report a defect if it was started"))


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # lets transports that were closed let go of their sockets
