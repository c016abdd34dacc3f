"""Where the suite lies, and how pytest is started for it: the one module that every pytest beside it loads.

An entry point names it, so that ``pytest --pyargs conformance`` works in any folder. It adds neither options nor
anything else to a run of somebody else's tests, and imports nothing of ours for one.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent
"""The folder of the packages: a checkout's, or where a wheel was installed."""
SUITE = ROOT / "conformance"
RELEASE = ROOT / "fixtures" / "release.json"
"""What a wheel was built from; a checkout has no such file."""
INSTALLED = RELEASE.exists()
INI = RELEASE.with_name("release.ini") if INSTALLED else ROOT / "pytest.ini"
OPTIONS = "fixtures.options"
_PLUGINS = "fixtures.plugins"
_PATHS = ("--rig", "--run-dir", "--pics", "--waivers", "--resume", "--replay", "--findings")
START = ("-c", str(INI), "--rootdir", str(ROOT), "-p", OPTIONS)
"""What names the suite's settings and options to pytest before it looks for a project of its own choice."""


def typed(config: pytest.Config) -> tuple[str, ...]:
    """The words of the command line without those that `pytest_load_initial_conftests` has put before them."""
    words = tuple(map(str, config.invocation_params.args))
    return words[len(START) :] if words[: len(START)] == START else words


def asked_for(config: pytest.Config) -> list[Path]:
    """The files and folders that a run was asked for, whatever of them; where none was, pytest's own choice."""
    pyargs = bool(config.getoption("pyargs"))
    return [_place(config, word.split("::")[0], pyargs) for word in config.args]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Load the plugins for a run of the suite, once pytest has the suite's settings and knows its options.

    pytest looks for its settings before it knows any plugin's options, so in ``pytest --rig /elsewhere/rig.toml`` it
    takes the rig file for a test and its folder for the project, and for an installed suite it never finds them.
    Started again with all of it named, it does.
    """
    if not _is_ours(early_config, args):
        return
    plugins = early_config.pluginmanager
    started = plugins.has_plugin(OPTIONS)
    at_home = (early_config.inipath, early_config.rootpath) == (INI, ROOT)
    if not started and not (at_home and not _has_path(args)):
        _start_again(early_config, at_home)
    if started and early_config.inipath != INI:
        return  # Somebody has named our options by hand, elsewhere.
    if started and early_config.rootpath != ROOT:
        raise pytest.UsageError(f"--rootdir {early_config.rootpath}: the suite has a place of its own: leave it out")
    plugins.import_plugin(_PLUGINS)


def _is_ours(config: pytest.Config, args: Sequence[str]) -> bool:
    """Whether this pytest was started for the suite.

    Where tests are named, they tell. Where none are, in a checkout, an option of ours tells, or that nothing but the
    project can be meant: pytest would collect whatever lies below the folder in which it was started.
    """
    if config.inipath == INI:
        return True
    named = _named(config, args)
    if named or INSTALLED:
        return any(place == ROOT or place.is_relative_to(SUITE) for place in named)
    above = config.inipath is None and ROOT.is_relative_to(config.invocation_params.dir.resolve())
    return above or any(word.split("=")[0] in our_options() for word in args)


def _named(config: pytest.Config, args: Sequence[str]) -> list[Path]:
    """The files and folders that were asked for, as far as pytest can tell before it knows our options."""
    options = {} if INSTALLED else our_options()
    values = {value for word, value in itertools.pairwise(args) if options.get(word)}
    known = config.known_args_namespace
    words = [word for word in known.file_or_dir if word not in values]
    return [_place(config, word.split("::")[0], known.pyargs) for word in words]


@cache
def our_options() -> dict[str, bool]:
    """The options of a run, each with whether a value follows it."""

    class Recorder:
        def __init__(self) -> None:
            self.options: dict[str, bool] = {}

        def getgroup(self, *_: str) -> Recorder:
            return self

        def addoption(self, *names: str, action: str = "store", **_: object) -> None:
            self.options |= dict.fromkeys(names, not action.startswith("store_"))

    recorder = Recorder()
    # Where others run their tests, a package of that name may be theirs.
    with suppress(ImportError):
        importlib.import_module(OPTIONS).pytest_addoption(recorder)
    return recorder.options


def _has_path(args: Sequence[str]) -> bool:
    """Whether a path stands behind its option as a word of its own: an unknown option does not take it along."""
    return any(word in _PATHS for word in args)


def _place(config: pytest.Config, word: str, pyargs: bool) -> Path:
    """What a word of the command line stands for; with ``pyargs`` the suite's modules may go by their names."""
    package, *modules = word.split(".")
    if pyargs and package == SUITE.name and (spec := importlib.util.find_spec(package)) and spec.origin:
        place = Path(spec.origin).parent.joinpath(*modules)
        return (place.with_suffix(".py") if modules and not place.is_dir() else place).resolve()
    return Path(os.path.realpath(config.invocation_params.dir / word))


def _start_again(config: pytest.Config, at_home: bool) -> None:
    if Path(sys.argv[0]).stem not in ("pytest", "py.test", "__main__"):
        if at_home:
            return
        raise pytest.UsageError("the conformance suite runs in a pytest of its own: start pytest --pyargs conformance")
    # Output is captured already at this point; the new process has to write to the terminal.
    if (capture := config.pluginmanager.get_plugin("capturemanager")) is not None:
        capture.suspend_global_capture(in_=True)
    words = list(map(str, config.invocation_params.args))
    elsewhere = not INSTALLED and config.invocation_params.dir.resolve() != ROOT
    suite = [str(SUITE)] if elsewhere and not _named(config, words) else []
    _become([*_python(), "-m", "pytest", *START, *words, *suite, *_of_earlier_run(words)])


def _of_earlier_run(words: Sequence[str]) -> list[str]:
    """What the run that ``--resume`` names was started with."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, separator, value = word.partition("=")
        if name == "--resume":
            from fixtures.resume import arguments_of

            return arguments_of(Path(value if separator else following))
    return []


def _python() -> list[str]:
    """The interpreter; the command ``pytest`` does not look for modules in the current folder, ``python -m`` does."""
    return [sys.executable] if Path(sys.argv[0]).stem == "__main__" else [sys.executable, "-P"]


def _become(command: list[str]) -> NoReturn:
    if os.name == "posix":
        os.execv(command[0], command)
    sys.exit(subprocess.call(command))
