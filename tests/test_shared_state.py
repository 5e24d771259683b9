"""L-05, L-06: nothing that a call can change outlives it, but for what is listed here with its reason."""

from __future__ import annotations

from types import ModuleType

import pytest
from hallpass.domain.reading_states import State, StateShape

from tests.shared_state import found, shared, told

OF_ONE_CALL = "lives for one page, one answer or one request"
BUILT = "filled while the module is loaded, from the schema's table; then only read"
BUILT_WITH = "filled when it is made; then only read"
LOCKED = "every look at what changes holds its lock"
PURE = "a pure function of what it is given, bounded; its answers are immutable"
ASKED_TWICE = "by district, by single gets and sets: two calls at once ask twice"
NOTED = "when what was written last, by single gets and sets: two calls at once write twice"
CONNECTION = "of one connection, which the pool gives to one call at a time"
ALLOWED = {
    "adapters/admin_open_pages.py:_content": PURE,
    "adapters/byte_memory.py:ByteMemory": LOCKED,
    "adapters/container.py:Container": "a lock that is taken once and never given back",
    "adapters/deadline_answer.py:DeadlineAnswer": CONNECTION,
    "adapters/deadline_answer.py:DeadlineReader": CONNECTION,
    "adapters/deadline_answer.py:WatchedBuffer": CONNECTION,
    "adapters/deadline_connection.py:DeadlineConnection": CONNECTION,
    "adapters/dynamodb_quarantine.py:DynamoDbQuarantine": NOTED,
    "adapters/dynamodb_usage.py:DynamoDbUsage": NOTED,
    "adapters/kms_ledger_keys.py:KmsLedgerKeys": ASKED_TWICE,
    "adapters/kms_sealed_keys.py:KmsSealedKeys": LOCKED,
    "adapters/lambda_refresher.py:LambdaRefresher": "its client, made when first needed, under a lock",
    "adapters/registry_roster.py:RegistryRoster": ASKED_TWICE,
    "adapters/requests_upstream.py:_Session": "its pool is made for threads; it keeps no header and no cookie",
    "adapters/secrets_vault.py:SecretsVault": ASKED_TWICE,
    "adapters/static_files.py:site": PURE,
    "adapters/synthetic_upstream.py:incidents": PURE,
    "adapters/telemetry.py:_Metrics": "is every thread's own",
    "domain/census.py:Census": OF_ONE_CALL,
    "domain/census.py:Period": OF_ONE_CALL,
    "domain/csv_writer.py:_Cells": OF_ONE_CALL,
    "domain/csv_writer.py:_NOTHING": "is only read, as a record without members",
    "domain/example_incident.py:Placeholders": OF_ONE_CALL,
    "domain/failure.py:HallpassError": OF_ONE_CALL,
    "domain/json_writer.py:RowConverter": OF_ONE_CALL,
    "domain/json_writer.py:_Typed": OF_ONE_CALL,
    "domain/page_builder.py:PageBuilder": OF_ONE_CALL,
    "domain/page_builder.py:_WITHHELD": "stands by identity for what is withheld; nothing is ever put in",
    "domain/page_skipper.py:PageSkipper": OF_ONE_CALL,
    "domain/pseudonyms.py:_Memory": OF_ONE_CALL,
    "domain/quarantine.py:Quarantine": OF_ONE_CALL,
    "domain/reading_states.py:State": BUILT,
    "domain/rendered.py:_persons_in": PURE,
    "domain/showing.py:Showing": OF_ONE_CALL,
    "domain/static_site.py:StaticSite": BUILT_WITH,
    "domain/tally.py:Tally": OF_ONE_CALL,
    "domain/verbatim_people.py:_Reader": OF_ONE_CALL,
    "domain/view.py:_tree": PURE,
    "domain/view.py:view_of": PURE,
    "domain/xml_writer.py:_Memory": OF_ONE_CALL,
    "services/failures.py:Failures": LOCKED,
    "services/limiter.py:Limiter": LOCKED,
    "services/trail.py:Trail": OF_ONE_CALL,
}


def test_what_calls_share_is_what_is_listed() -> None:
    assert sorted(found()) == sorted(ALLOWED)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        pytest.param("KNOWN = {}", ["KNOWN"], id="an empty dict of a module"),
        pytest.param("KNOWN: list[str] = []", ["KNOWN"], id="an empty list, annotated"),
        pytest.param("KNOWN = defaultdict(list)", ["KNOWN"], id="a container that is called for"),
        pytest.param("KNOWN = collections.OrderedDict[str, int]()", ["KNOWN"], id="one with its types"),
        pytest.param("DB = boto3.client('dynamodb')", ["DB"], id="a client"),
        pytest.param("class C:\n    seen = set()", ["C.seen"], id="a set of a class"),
        pytest.param("class C:\n    def __init__(self):\n        self.seen = []", ["C"], id="a list of an object"),
        pytest.param("class C:\n    def f(self, x):\n        self.last = x", ["C"], id="an object that is changed"),
        pytest.param("class C:\n    def f(self, x):\n        self.sum += x", ["C"], id="an object that counts"),
        pytest.param("class C:\n    def f(self, x):\n        self.a, b = x", ["C"], id="an object that unpacks"),
        pytest.param("class C(dict[str, int]):\n    pass", ["C"], id="an object that is a container"),
        pytest.param("class C:\n    def __init__(self, x):\n        self.x = x", [], id="an object as it was made"),
        pytest.param("def f():\n    global last\n    last = 1", ["last"], id="a name that is rebound"),
        pytest.param("@lru_cache\ndef f(): ...", ["f"], id="a cached function"),
        pytest.param("@functools.cache\ndef f(): ...", ["f"], id="one by its full name"),
        pytest.param("@lru_cache(maxsize=2)\ndef f(): ...", ["f"], id="one with a bound"),
        pytest.param("NAMES = {'a': 1}\nMORE = ('a', 'b')\nBUILT = dict.fromkeys('ab')", [], id="tables"),
        pytest.param("def f():\n    known = {}\n    return known", [], id="a name of one call"),
    ],
)
def test_what_could_be_shared_is_found(source: str, names: list[str]) -> None:
    assert list(shared(source)) == names


class Planted:
    """As a class of the product that counts in itself."""

    __module__ = "hallpass.planted"
    seen = 0


def test_a_table_that_changes_is_seen() -> None:
    module = ModuleType("planted")
    tree = State("a", "a", StateShape.LIST, None)
    module.__dict__.update(TABLE={"a": [1]}, TREE=(tree,), CLASS=Planted)
    before = dict(told(module))
    assert (set(before), dict(told(module))) == ({"TABLE", "TREE", "CLASS"}, before)
    module.__dict__["TABLE"]["a"].append(2)
    tree.children["b"] = State("b", "b", StateShape.LEAF, tree)
    Planted.seen += 1
    after = dict(told(module))
    assert [name for name in before if before[name] == after[name]] == []
