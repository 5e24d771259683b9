"""The console's files: what is vendored is what its maintainers released, and every file asks for files there are."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from hallpass.adapters.admin_catalogue import catalogue_document
from hallpass.adapters.static_files import STATIC
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import Group
from hallpass.domain.scope import IncidentType

CONSOLE = STATIC / "console"
FILES = sorted(path for path in CONSOLE.rglob("*") if path.suffix in {".js", ".html", ".css"})
OWN = [path for path in FILES if path.parent.name != "vendor" and path.suffix == ".js"]
# lit-html 3.3.3, file `lit-html.js` of the package in the npm registry.
LIT_HTML = "b878e7f95dec8a9b6e9b217faca6b6a11bad82ebc44c0caa77419ed83edd81f2"


def test_what_is_vendored_is_as_released_and_has_its_licence() -> None:
    content = (CONSOLE / "vendor" / "lit-html.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == LIT_HTML
    assert "BSD 3-Clause" in (CONSOLE / "vendor" / "lit-html.LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CONSOLE).as_posix())
def test_a_file_asks_for_files_there_are_and_for_nothing_from_elsewhere(path: object) -> None:
    text = (CONSOLE / str(path)).read_text(encoding="utf-8")
    asked = re.findall(r'(?:from|src=|href=)\s*"(/console/[^"]+)"', text)
    assert [each for each in asked if not (STATIC / each.lstrip("/")).is_file()] == []
    assert re.findall(r"(?:from|src=|href=)\s*[\"']https?:", text) == []


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(CONSOLE).as_posix())
def test_a_module_is_short_says_what_it_is_for_and_makes_no_markup_of_text(path: object) -> None:
    lines = (CONSOLE / str(path)).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 250
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|unsafeHTML", "\n".join(lines)
    )


def test_the_catalogue_has_a_word_for_everything_that_can_be_granted() -> None:
    told = json.loads(json.dumps(catalogue_document()))
    named = {
        kind: [each["name"] for each in told[kind]] for kind in ("types", "presets", "groups", "victims", "numbers")
    }
    assert named == {
        "types": list(IncidentType),
        "presets": list(PRESETS),
        "groups": list(Group),
        "victims": list(Victims),
        "numbers": list(Numbers),
    }
    assert all(each["label"] for kind in named for each in told[kind])
    assert {"incidents.read", "scope.preview"} < set(told["actions"])
    assert {"token-revoked", "quota-exceeded"} < set(told["problems"])
