"""The metrics that the code counts and measures, read from the code.

The rule: nothing is written down here a second time; a metric that is new in the code is new here.
"""

import ast
import re
from functools import cache
from pathlib import Path

from hallpass.domain import metrics

PACKAGE = Path(metrics.__file__).parents[1]


@cache
def metric_names() -> frozenset[str]:
    """Those of `Telemetry.count` anywhere, and all of `domain/metrics.py`."""
    counted = {name for source in PACKAGE.rglob("*.py") for name in counted_in(source)}
    return frozenset(counted | _measured())


def counted_in(source: Path) -> list[str]:
    """The metrics that a module counts by name."""
    return re.findall(r'\.(?:count|gauge|count_by_district)\(\s*"([A-Z]\w+)"', source.read_text(encoding="utf-8"))


@cache
def stands_beside() -> frozenset[str]:
    """What stands beside metrics on their line, which a query finds."""
    sources = "".join(source.read_text(encoding="utf-8") for source in PACKAGE.rglob("*.py"))
    found = re.findall(r'_beside\("(\w+)"', sources)
    return frozenset([*found, *re.findall(r'count_by_district\("\w+", "(\w+)"', sources)])


def _measured() -> set[str]:
    """Every text of `domain/metrics.py` that has a metric's form and is no unit."""
    tree = ast.parse(Path(metrics.__file__).read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    units = {unit.value for unit in metrics.Unit}
    return {word for word in words if re.fullmatch(r"(?:[A-Z][a-z]+)+", word)} - units
