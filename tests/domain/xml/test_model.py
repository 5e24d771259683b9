"""The stored model: same page, same bytes; refused when it is not ours; and what a row filter asks of a row."""

from __future__ import annotations

import orjson
import pytest
from hallpass.domain.model import (
    MODEL_SCHEMA,
    UnknownModelError,
    dump_model,
    incident_date,
    incident_deleted,
    incident_school,
    incident_type,
    incident_uuid,
    load_model,
)
from hallpass.domain.reading import read_page

from tests.domain.xml.material import incident

MODEL = read_page(incident("<date>2025-09-01</date><school code='7'>A</school><zz/><aa/>"))


def test_stored_and_read_back() -> None:
    assert load_model(dump_model(MODEL)) == MODEL


def test_same_page_same_bytes_whatever_order_the_unknown_came_in() -> None:
    other = read_page(incident("<aa/><date>2025-09-01</date><school code='7'>A</school><zz/>"))
    assert dump_model(MODEL) == dump_model(other) == dump_model(load_model(dump_model(MODEL)))


GOOD = orjson.loads(dump_model(MODEL))


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="not JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(orjson.dumps(GOOD | {"schema": MODEL_SCHEMA + 1}), id="a later schema"),
        pytest.param(orjson.dumps(GOOD | {"schema": MODEL_SCHEMA - 1}), id="an earlier schema"),
        pytest.param(orjson.dumps(GOOD | {"schema": "1"}), id="a schema of another type"),
        pytest.param(orjson.dumps({k: v for k, v in GOOD.items() if k != "schema"}), id="no schema"),
        pytest.param(orjson.dumps({k: v for k, v in GOOD.items() if k != "incidents"}), id="no incidents"),
        pytest.param(orjson.dumps(GOOD | {"quarantine": []}), id="a quarantine of another type"),
    ],
)
def test_what_is_no_model_of_ours_is_refused(stored: bytes) -> None:
    with pytest.raises(UnknownModelError):
        load_model(stored)


FULL = "<date>2025-09-01</date><school code='7'>A</school>"


@pytest.mark.parametrize(
    ("inner", "attributes", "expected"),
    [
        pytest.param(FULL, 'type="minor" uuid="u"', ("minor", "7", "2025-09-01", False, "u"), id="everything"),
        pytest.param("", 'type="pending"', ("pending", None, None, False, None), id="only a type"),
        pytest.param("<school>A</school>", 'type="minor"', ("minor", None, None, False, None), id="no school code"),
        pytest.param("<school code=''/>", 'type="minor"', ("minor", "", None, False, None), id="an empty code"),
        pytest.param("<date>soon</date>", 'type="minor"', ("minor", None, "soon", False, None), id="no real date"),
        pytest.param("", 'type="minor" deleted="1"', ("minor", None, None, True, None), id="deleted"),
        pytest.param("", 'type="minor" deleted=""', ("minor", None, None, True, None), id="deleted without a number"),
        pytest.param("", 'type="minor" deleted="0"', ("minor", None, None, False, None), id="deleted denied"),
        pytest.param("", 'type="minor" deleted="false"', ("minor", None, None, True, None), id="deleted in a word"),
        pytest.param(FULL * 2, 'type="minor"', ("minor", None, None, False, None), id="repeated, so withheld"),
    ],
)  # fmt: skip
def test_what_a_row_is_judged_by(
    inner: str, attributes: str, expected: tuple[str, str | None, str | None, bool, str | None]
) -> None:
    (row,) = read_page(incident(inner, attributes)).incidents
    assert (
        incident_type(row), incident_school(row), incident_date(row), incident_deleted(row), incident_uuid(row),
    ) == expected  # fmt: skip
