"""By what a page was rendered: a fingerprint of everything that its bytes depend on besides the record."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGES = Path(__file__).parents[2]
_ROOT = "reports.html.render"
_IMPORT = re.compile(r"^\s*(?:from|import)\s+(reports[\w.]*)(?:\s+import\s+(\([^)]*\)|[^\n#]*))?", re.MULTILINE)
_TEMPLATES = "*.jinja", "*.css", "*.js"


@cache
def renderer() -> Mapping[str, str]:
    """What renders pages here: the SHA-256 of code, words and templates, and the versions of what they are run by."""
    return {
        "code": _code(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "unicode": unicodedata.unidata_version,
        "jinja2": version("jinja2"),
        "markupsafe": version("markupsafe"),
    }


def _code() -> str:
    """However a checkout ends its lines."""
    digest = hashlib.sha256()
    for path in sources():
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(_PACKAGES).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def sources() -> list[Path]:
    """The files that take part in rendering: all that is imported by it, and the templates."""
    found: dict[str, Path] = {}
    waiting = [_ROOT]
    while waiting:
        for name in _with_packages(waiting.pop()):
            path = _file(name)
            if path is not None and name not in found:
                found[name] = path
                waiting += _imported(path.read_text(encoding="utf-8"))
    templates = [path for pattern in _TEMPLATES for path in (Path(__file__).parent / "templates").glob(pattern)]
    return sorted((*found.values(), *templates), key=lambda path: path.as_posix())


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _imported(source: str) -> Iterator[str]:
    """The modules that a source imports, and whatever else it imports from them, which may be modules too."""
    for match in _IMPORT.finditer(source):
        yield match[1]
        yield from (f"{match[1]}.{name}" for name in re.findall(r"\w+", match[2] or ""))


def _file(name: str) -> Path | None:
    path = _PACKAGES.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
