"""The keys that persons are marked with in the ledger, one a district, sealed by KMS beside what they mark.

Rule: a sealed key opens for its own district alone, and without it no row leads to a person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hallpass.adapters.kms_sealed_keys import KmsSealedKeys, new_sealed_key
from hallpass.domain.errors import UnavailableError
from hallpass.domain.people import Marks
from hallpass.ledger_ports import LedgerAccounts
from hallpass.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsLedgerKeys:
    """The LedgerKeys port. `accounts`: where the sealed keys are; they never change, so each is read once."""

    def __init__(self, accounts: LedgerAccounts, connect: Callable[[], KMSClient], clock: Clock) -> None:
        self._accounts = accounts
        self._keys = KmsSealedKeys(connect, clock)
        self._sealed: dict[str, bytes] = {}

    def marks(self, district_id: str) -> Marks:
        sealed = self._sealed.get(district_id)
        if sealed is None:
            account = self._accounts.account(district_id)
            if account is None:
                raise UnavailableError
            sealed = self._sealed[district_id] = account.sealed_key
        return Marks(self._keys.open(sealed, context(district_id)))


def ledger_key_maker(connect: Callable[[], KMSClient], key_id: str) -> Callable[[str], bytes]:
    """Makes a district's key, sealed."""
    return lambda district_id: new_sealed_key(connect(), key_id, context(district_id))


def context(district_id: str) -> dict[str, str]:
    return {"ledger": district_id}
