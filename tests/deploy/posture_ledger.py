"""Posture: the ledger and its index. Who adds to it, who reads what of it, and that nobody takes anything away.

The rule: what was recorded stays as it was; who files knows no person, and who answers files nothing.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text
from tests.deploy.posture_access import resource_of, roles, statements

LEDGER, INDEX_OF_IT, FILES = "LedgerTable", "DisclosureIndexTable", "LedgerIndexFunction"
# UpdateItem, DeleteItem and BatchWriteItem, which deletes too, would change what was recorded; Scan needs no partition.
READ, ADD = {"dynamodb:GetItem", "dynamodb:Query"}, "dynamodb:PutItem"
# Function -> action -> the partitions of the ledger that it is for; a function that is not here has no bounds. The
# data plane writes what was sent to whom, and reads the sealed key of a district. The control plane writes what was
# done there, opens accounts, and adds whom an incident is about that a preview shows; it reads no sets: it asks the
# index.
PARTITIONS: Mapping[str, Mapping[str, list[str]]] = {
    "VendorApiFunction": {"dynamodb:PutItem": ["row#*", "people#*"], "dynamodb:GetItem": ["account"]},
    "AdminApiFunction": {
        "dynamodb:PutItem": ["row#*", "people#*", "account"],
        "dynamodb:GetItem": ["row#*", "account"],
        "dynamodb:Query": ["row#*", "account"],
    },
}


def in_bounds(function: str, action: str, partition: str) -> bool:
    """Whether the function may do that to this partition of the ledger."""
    bounds = PARTITIONS.get(function)
    return bounds is None or any(fnmatchcase(partition, one) for one in bounds.get(action, []))


def only_added_to(deployed: Deployed) -> Iterator[str]:
    for role in deployed.of("AWS::IAM::Role"):
        for action in sorted(_actions(deployed, role, LEDGER) - READ - {ADD}):
            yield f"{role}: {action} would take something out of the ledger, or read all of it"


def each_its_partitions(deployed: Deployed) -> Iterator[str]:
    for function, role in roles(deployed).items():
        found: dict[str, list[str] | None] = {}
        for statement in statements(deployed, role):
            if LEDGER not in _targets(deployed, statement):
                continue
            if _targets(deployed, statement) != {LEDGER}:
                yield f"{role}: a right in the ledger is mixed with others: {text(statement)}"
            found |= dict.fromkeys(listed(statement.get("Action")), _bounds(statement))
        for action, bounds in found.items():
            if bounds != PARTITIONS.get(function, {}).get(action):
                yield f"{function}: {action} in the ledger is bounded by {bounds}"


def _bounds(statement: Any) -> list[str] | None:
    """The partitions that a statement is for; None: all. A condition of another form bounds nothing here."""
    condition = statement.get("Condition")
    for operator in ("ForAllValues:StringEquals", "ForAllValues:StringLike"):
        keys = listed(at(condition, operator, "dynamodb:LeadingKeys"))
        literal = operator == "ForAllValues:StringLike" or not any("*" in key for key in keys)
        if keys and literal and condition == {operator: {"dynamodb:LeadingKeys": keys}}:
            return keys
    return None if condition is None else [text(condition)]


def who_files_knows_nobody(deployed: Deployed) -> Iterator[str]:
    role = roles(deployed).get(FILES)
    if keys := {key for key in deployed.of("AWS::KMS::Key") if _actions(deployed, role, key)} - {"TablesKey"}:
        yield f"{FILES} may open {sorted(keys)}, and so tell whose marks it files"
    for function, other in roles(deployed).items():
        written = _actions(deployed, other, INDEX_OF_IT) - READ
        if function != FILES and written:
            yield f"{function}: {sorted(written)} changes what parents are answered from"


def _targets(deployed: Deployed, statement: Any) -> set[str]:
    return {resource_of(deployed, value) for value in listed(statement.get("Resource"))}


def _actions(deployed: Deployed, role: str | None, target: str) -> set[str]:
    """What a role may do to a resource."""
    return {
        action
        for statement in statements(deployed, role)
        if target in _targets(deployed, statement)
        for action in listed(statement.get("Action"))
    }


RULES = (
    Rule("F-24", "nobody changes, deletes or scans what is in the ledger", only_added_to),
    Rule("G-17", "each function has its own partitions of the ledger", each_its_partitions),
    Rule("G-17", "who files disclosures opens no key, and nobody else writes their index", who_files_knows_nobody),
)
