"""What a reader can hold at once: no function over 45 lines, no module over 250."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("layers/hallpass/hallpass", "functions", "cli", "press", "sandbox")
LONGEST_MODULE = 250
LONGEST_FUNCTION = 45


def too_long(path: str, source: str) -> Iterator[str]:
    """Where the source breaks the rule, and by what."""
    lines = len(source.splitlines())
    if lines > LONGEST_MODULE:
        yield f"{path}: {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        begin = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        length = (node.end_lineno or begin) - begin + 1
        if length > LONGEST_FUNCTION:
            yield f"{path}:{node.lineno} {node.name}: {length} lines"


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_is_longer_than_can_be_read_at_once(folder: str) -> None:
    modules = sorted((ROOT / folder).rglob("*.py"))
    assert modules
    named = ((str(module.relative_to(ROOT)), module.read_text(encoding="utf-8")) for module in modules)
    assert [fault for path, source in named for fault in too_long(path, source)] == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        pytest.param("\n" * 250, [], id="a module of 250 lines"),
        pytest.param("\n" * 251, ["m.py: 251 lines"], id="a module of 251 lines"),
        pytest.param("def f():\n" + "    x()\n" * 44, [], id="a function of 45 lines"),
        pytest.param("def f():\n" + "    x()\n" * 45, ["m.py:1 f: 46 lines"], id="a function of 46 lines"),
        pytest.param(
            "class C:\n    @d\n    async def f(self):\n" + "        x()\n" * 44,
            ["m.py:3 f: 46 lines"],
            id="a decorated method of 46 lines",
        ),
    ],
)
def test_what_is_too_long_is_found(source: str, faults: list[str]) -> None:
    assert list(too_long("m.py", source)) == faults
