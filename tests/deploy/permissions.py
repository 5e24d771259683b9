"""Which permissions AWS would ask for, told from the API calls that the handlers make.

The rule: a transaction is authorised by its parts, an update by the attributes it names, what is done in the ledger by
the partition too, and the use of a key by its context, as IAM does it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import botocore.handlers
import pytest

from tests.deploy.posture_access import MAY, SECRETS
from tests.deploy.posture_ledger import LEDGER, PARTITIONS, in_bounds

TABLES = {
    "registry": "RegistryTable", "pages": "PagesTable", "usage": "UsageTable", "ledger": LEDGER,
    "index": "DisclosureIndexTable", "sessions": "SessionsTable",
}  # fmt: skip
KEYS = {frozenset({"integration", "epoch"}): "PseudonymsKey", frozenset({"ledger"}): "LedgerKey"}
FUNCTIONS = {"page-refresh": "PageRefreshFunction"}
_PARTS = {"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}
_EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "ProjectionExpression")
_NO_ATTRIBUTES = {
    "SET",
    "ADD",
    "REMOVE",
    "AND",
    "OR",
    "NOT",
    "attribute_exists",
    "attribute_not_exists",
    "if_not_exists",
}


@dataclass(slots=True)
class Asked:
    """`needed` holds (action, target); `partitions` (action, partition of the ledger); `updated` the attributes that
    updates name, by their table.
    """

    needed: set[tuple[str, str]] = field(default_factory=set)
    partitions: set[tuple[str, str]] = field(default_factory=set)
    updated: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    listening: bool = False

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Only what is called in here counts."""
        self.listening = True
        try:
            yield
        finally:
            self.listening = False

    def hear(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        """botocore's before-parameter-build event."""
        if not self.listening:
            return
        if model.service_model.service_name == "secretsmanager":
            self.needed.add((f"secretsmanager:{model.name}", SECRETS))
            return
        if model.service_model.service_name == "kms":
            self.needed.add((f"kms:{model.name}", KEYS[frozenset(params["EncryptionContext"])]))
            return
        if model.service_model.service_name == "lambda":
            # The API's operation is Invoke, the permission is not.
            self.needed.add(("lambda:InvokeFunction", FUNCTIONS[params["FunctionName"]]))
            return
        for action, part in _dynamodb(model.name, params):
            table = TABLES[part["TableName"]]
            self.needed.add((f"dynamodb:{action}", table))
            if action == "UpdateItem":
                self.updated[table] |= _attributes(part)
            if table == LEDGER:
                self.partitions.add((f"dynamodb:{action}", _partition(part)))


def refused(asked: Asked, function: str) -> set[tuple[str, str]]:
    """What the function's role does not allow, of actions on resources and on partitions of the ledger."""
    beyond = {
        (action, target) for action, target in asked.needed if target not in MAY[function].get(action, frozenset())
    }
    return beyond | {one for one in asked.partitions if not in_bounds(function, *one)}


def unused(asked: Asked, function: str, *tables: str) -> set[tuple[str, str]]:
    """Actions on these tables that nothing asked for."""
    granted = {(action, table) for action, targets in MAY[function].items() for table in tables if table in targets}
    return granted - asked.needed


def untouched(asked: Asked, function: str) -> set[str]:
    """Partitions of the ledger that the role is bounded to, and that nothing asked for."""
    bounds = {bound for bounds in PARTITIONS[function].values() for bound in bounds}
    return {bound for bound in bounds if not any(fnmatchcase(partition, bound) for _, partition in asked.partitions)}


def _partition(part: Mapping[str, Any]) -> str:
    key = part.get("Item") or part.get("Key")
    return str((key["pk"] if key else part["ExpressionAttributeValues"][":pk"])["S"])


def _dynamodb(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if operation.startswith("Transact"):
        for item in params["TransactItems"]:
            [(kind, part)] = item.items()
            yield _PARTS[kind], part
    elif operation.startswith("Batch"):
        yield from ((operation, {"TableName": table}) for table in params["RequestItems"])
    else:
        yield operation, params


def _attributes(update: Mapping[str, Any]) -> set[str]:
    words = {
        word
        for expression in _EXPRESSIONS
        for word in re.findall(r"(?<![:\w])#?\w+", update.get(expression, ""))
        if word not in _NO_ATTRIBUTES
    }
    names = update.get("ExpressionAttributeNames", {})
    return {names.get(word, word) for word in words} | set(update["Key"])


def recorder(patch: pytest.MonkeyPatch) -> Asked:
    """Hears every AWS client that is made from now on."""
    asked = Asked()
    known = botocore.handlers.BUILTIN_HANDLERS
    patch.setattr(botocore.handlers, "BUILTIN_HANDLERS", [*known, ("before-parameter-build", asked.hear)])
    return asked
