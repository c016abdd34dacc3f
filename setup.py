"""What a wheel holds besides its packages: the commit that it was built from, and pytest's settings for the suite."""

from __future__ import annotations

import configparser
import json
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
OF_A_CHECKOUT = ("testpaths", "pythonpath")
"""Settings that make no sense where the suite is installed."""


class Build(build_py):
    """Adds ``fixtures/release.json`` and ``fixtures/release.ini``; an editable installation has neither."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return
        # What a former build has left may have been renamed since.
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        folder = Path(self.build_lib, "fixtures")
        (folder / "release.json").write_text(json.dumps(self._release(), indent=1) + "\n", "utf-8")
        settings = configparser.RawConfigParser()
        settings.read(HERE / "pytest.ini", "utf-8")
        for key in OF_A_CHECKOUT:
            settings.remove_option("pytest", key)
        with (folder / "release.ini").open("w", encoding="utf-8") as file:
            settings.write(file)

    def _release(self) -> dict[str, object]:
        commit, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
        return {
            "version": self.distribution.get_version(),
            "commit": commit,
            "dirty": None if changes is None else bool(changes),
        }


def _git(*arguments: str) -> str | None:
    """What git says; None without git, and where this folder is no checkout of its own."""
    if not (HERE / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "-C", HERE, *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


setup(cmdclass={"build_py": Build})
