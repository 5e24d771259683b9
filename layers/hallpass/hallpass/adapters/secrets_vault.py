"""The upstream credentials, in Secrets Manager: one secret a district, `<prefix>/<district id>`.

Rule: what reads cannot write and what writes cannot read; a missing or unreadable secret is doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hallpass.adapters.aws_errors import aws_errors, error_code
from hallpass.domain.errors import UnavailableError
from hallpass.domain.secret import Secret
from hallpass.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MEMORY_SECONDS = 300.0


class SecretsVault:
    """The Vault port. A container remembers a credential for at most five minutes."""

    def __init__(self, client: SecretsManagerClient, prefix: str, clock: Clock) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._memory: dict[str, tuple[float, Secret]] = {}

    def read(self, district_id: str, *, again: bool = False) -> Secret:
        now = self._clock.monotonic()
        kept = self._memory.get(district_id)
        if kept is not None and not again and now - kept[0] < MEMORY_SECONDS:
            return kept[1]
        self._memory.pop(district_id, None)
        secret = self._fetch(district_id)
        self._memory[district_id] = (now, secret)
        return secret

    def _fetch(self, district_id: str) -> Secret:
        with aws_errors():
            answer = self._client.get_secret_value(SecretId=f"{self._prefix}/{district_id}")
        credential = answer.get("SecretString")
        if not credential:
            raise UnavailableError
        return Secret(credential)


class SecretsVaultWriter:
    """The VaultWriter port. Needs no permission to read a secret."""

    def __init__(self, client: SecretsManagerClient, prefix: str, key_id: str | None) -> None:
        self._client = client
        self._prefix = prefix
        self._key_id = key_id

    def keep(self, district_id: str, credential: Secret) -> None:
        name = f"{self._prefix}/{district_id}"
        with aws_errors():
            if not self._create(name, credential):
                self._client.put_secret_value(SecretId=name, SecretString=credential.reveal())

    def erase(self, district_id: str) -> None:
        with aws_errors():
            self._delete(f"{self._prefix}/{district_id}")

    def _delete(self, name: str) -> None:
        try:
            # Without the days in which it could be restored: it opens children's records, and is easily made anew.
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise

    def _create(self, name: str, credential: Secret) -> bool:
        try:
            if self._key_id:
                self._client.create_secret(Name=name, SecretString=credential.reveal(), KmsKeyId=self._key_id)
            else:
                self._client.create_secret(Name=name, SecretString=credential.reveal())
        except ClientError as error:
            if error_code(error) == "ResourceExistsException":
                return False
            raise
        return True
