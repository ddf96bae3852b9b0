"""Our functions as source files for another Python: under a private name, and without what only newer ones know.

LibreOffice brings its own Python on Windows and on the Mac: 3.8 in LibreOffice 7.4. The name is private, so that a
valuehour installed in that Python is never in the way.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import accumulate

PRIVATE = "valuehour_in_calc"
CELLS = "hosts.calc.cells"
COMPONENT = "hosts.calc.component"

OLDEST_PYTHON = (3, 8)
_COMPATIBILITY = f"{PRIVATE}.compatibility"
_NEWER_TYPES = ("ParamSpec", "TypeAlias", "TypeGuard")
_NEWER_METHODS = ("removeprefix", "removesuffix")
_IMPORT = re.compile(r"^(\s*)(from|import) valuehour\b([\w.]*)", re.MULTILINE)

# Only annotations speak of these types, and annotations are not evaluated.
COMPATIBILITY = '''"""What Python 3.8 does not have."""

TypeAlias = TypeGuard = None


def ParamSpec(name):
    return None


def removeprefix(text, prefix):
    return text[len(prefix):] if text.startswith(prefix) else text


def removesuffix(text, suffix):
    return text[:-len(suffix)] if suffix and text.endswith(suffix) else text
'''

Edit = tuple[int, int, str]


def vendored() -> dict[str, str]:
    """Every source file of the private package by its path."""
    root = files("valuehour")
    functions = root.joinpath("functions")
    sources = {f"functions/{entry.name}": entry for entry in _modules(functions)}
    sources["errors.py"] = root.joinpath("errors.py")
    sources["cells.py"] = root.joinpath("hosts", "calc", "cells.py")
    package = {path: older(source.read_text(encoding="utf-8")) for path, source in sources.items()}
    package["__init__.py"] = '"""The functions of valuehour, for LibreOffice."""\n'
    package["compatibility.py"] = COMPATIBILITY
    return {f"{PRIVATE}/{path}": text for path, text in sorted(package.items())}


def component() -> str:
    """The source of the add-in itself."""
    source = files("valuehour").joinpath("hosts", "calc", "component.py")
    return older(source.read_text(encoding="utf-8"))


def older(source: str) -> str:
    """A module of ours as a module of the private package that Python 3.8 runs.

    >>> older("from valuehour.errors import CellError")
    'from valuehour_in_calc.errors import CellError'
    >>> older("zip(a, b, strict=True); isinstance(x, int | str)")
    'zip(a, b); isinstance(x, (int, str))'
    """
    for start, end, text in sorted(_Source(source).edits(), reverse=True):
        source = source[:start] + text + source[end:]
    return _IMPORT.sub(_private, source)


def _private(found: re.Match[str]) -> str:
    space, word, module = found.groups()
    return f"{space}{word} {PRIVATE}{module.replace('.hosts.calc', '')}"


class _Source:
    """A module as text, and where its parts stand in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def edits(self) -> Iterator[Edit]:
        """What is to be replaced: from where to where, by what."""
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from self._call(node, node.func.id)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in _NEWER_METHODS:
                    arguments = ", ".join(map(self._of, (node.func.value, *node.args)))
                    yield *self._span(node), f"{node.func.attr}({arguments})"
            elif isinstance(node, ast.AnnAssign) and node.value and self._of(node.annotation) == "TypeAlias":
                yield *self._span(node.value), "None"
            elif isinstance(node, ast.ImportFrom):
                yield from self._import(node)

    def _call(self, node: ast.Call, name: str) -> Iterator[Edit]:
        strict = next((keyword.value for keyword in node.keywords if keyword.arg == "strict"), None)
        if name == "zip" and strict is not None:
            yield self._span(node.args[-1])[1], self._span(strict)[1], ""
        elif name == "TypeVar":
            yield self._span(node.args[0])[1], self._span(node)[1] - 1, ""
        elif name == "isinstance" and isinstance(node.args[1], ast.BinOp):
            yield *self._span(node.args[1]), f"({self._of(node.args[1]).replace(' |', ',')})"

    def _import(self, node: ast.ImportFrom) -> Iterator[Edit]:
        if node.module == "__future__" and any(f".{name}(" in self.text for name in _NEWER_METHODS):
            end = self._span(node)[1]
            yield end, end, f"\n\nfrom {_COMPATIBILITY} import {', '.join(_NEWER_METHODS)}"
        names = [alias.name for alias in node.names]
        newer = [name for name in names if name in _NEWER_TYPES]
        if node.module == "typing" and newer:
            kept = ", ".join(name for name in names if name not in newer)
            yield *self._span(node), f"from typing import {kept}\nfrom {_COMPATIBILITY} import {', '.join(newer)}"

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._place(node.lineno, node.col_offset), self._place(node.end_lineno, node.end_col_offset)

    def _place(self, line: int, offset: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:offset].decode())

    def _of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self._span(node)
        return self.text[start:end]


def _modules(folder: Traversable) -> list[Traversable]:
    return [entry for entry in folder.iterdir() if entry.name.endswith(".py")]
