"""Ways to spoil a template: each property dropped once, and named changes that each open something.

The rule: what may be dropped without a rule noticing is written down with the reason why that is harmless.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.deploy.deployed import Deployed

Path = tuple[str | int, ...]

HARMLESS: Mapping[str, str] = {
    "Description": "says something to people",
    "Label": "says something to people",
    "Sid": "says something to people",
    "info": "the API's own title; no decision hangs on it",
    "tags": "SAM's mark of its own making",
    "Tags": "SAM's mark of its own making",
    "responses": "OpenAPI asks for it, the gateway does not read it",
    "parameters": "OpenAPI asks for it; the path names its own parameter",
    "openapi": "the import's version; FailOnWarnings is what matters",
    "Metadata": "without its reasons a scanner complains, which is the safe side",
    "S3Bucket": "where sam puts the code, known when it is packaged",
    "S3Key": "where sam puts the code, known when it is packaged",
    "DeletionPolicy of HallpassLayer": "old versions of the layer may stay or go",
}


def drops(deployed: Deployed, resource: str) -> Iterator[tuple[str, Deployed]]:
    """Every template that lacks one property or one list item of `resource`, with what it lacks."""
    for path in _paths(deployed.resources[resource], ()):
        if path != ("Type",):
            yield f"{resource}: " + ".".join(map(str, path)), _without(deployed, ("Resources", resource, *path))


def harmless(lacking: str) -> bool:
    """Whether HARMLESS says that this may be missing."""
    return any(harmless_by(lacking, word) for word in HARMLESS)


def harmless_by(lacking: str, entry: str) -> bool:
    """Whether one entry of HARMLESS, "property" or "property of resource", says so."""
    resource, _, path = lacking.partition(": ")
    word, _, only = entry.partition(" of ")
    # SAM adds a hash of the content to the layer's id.
    return resource.startswith(only) and word in path.split(".")


def _paths(value: Any, above: Path) -> Iterator[Path]:
    steps: list[str | int] = []
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))
    for step in steps:
        yield (*above, step)
        yield from _paths(value[step], (*above, step))


def _without(deployed: Deployed, path: Path) -> Deployed:
    return Deployed(_lacking(deployed.template, path))


def _lacking(value: Any, path: Path) -> Any:
    """A copy of what lies on the path; the rest is shared, since there are thousands of these."""
    first, *rest = path
    copied: Any = list(value) if isinstance(value, list) else dict(value)
    if rest:
        copied[first] = _lacking(value[first], tuple(rest))
    else:
        del copied[first]
    return copied


def spoilt(deployed: Deployed, change: Callable[[Any], None]) -> Deployed:
    """A copy of the template after `change`."""
    template = copy.deepcopy(dict(deployed.template))
    change(template)
    return Deployed(template)
