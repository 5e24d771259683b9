"""The keys of pseudonyms: the contract of fake and adapter, then what only the adapter over KMS can do wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hallpass.adapters.aws_clients import client
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeyMaker, KmsPseudonymKeys
from hallpass.adapters.kms_sealed_keys import MOST_REMEMBERED
from hallpass.domain.errors import UnavailableError
from hallpass.domain.pseudonyms import KEY_BYTES, Pseudonyms, SealedKey
from hallpass.ports import PseudonymKeyMaker, PseudonymKeys

from sandbox.aws import client as stand_in_client
from tests.aws_tables import CREDENTIALS, create_key
from tests.fakes import SetClock
from tests.records import INTEGRATION_ID, an_integration
from tests.registry.conftest import Clients
from tests.vendor_fakes import MemoryKeys

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

OTHER_ID = "D1stVnd2"
DECRYPT, GENERATE = "Decrypt", "GenerateDataKeyWithoutPlaintext"


@dataclass(frozen=True, slots=True)
class Ring:
    """Who makes keys, and who opens them."""

    maker: PseudonymKeyMaker
    keys: PseudonymKeys

    def sealed(self, integration_id: str = INTEGRATION_ID, epoch: int = 1) -> SealedKey:
        return SealedKey(integration_id, epoch, self.maker.make(integration_id, epoch))


@pytest.fixture(scope="session")
def everybodys_kms() -> KMSClient:
    """One for all tests, as the other clients are."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        return client("kms")


@pytest.fixture
def kms(aws: Clients, everybodys_kms: KMSClient) -> KMSClient:
    return everybodys_kms


@pytest.fixture(scope="session")
def stood_in_kms(ministack: str) -> KMSClient:
    return cast("KMSClient", stand_in_client("kms", ministack))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", "moto", "ministack"])
def ring(request: pytest.FixtureRequest, clock: SetClock) -> Ring:
    if request.param == "memory":
        memory = MemoryKeys()
        return Ring(memory, memory)
    kms: KMSClient = request.getfixturevalue("kms" if request.param == "moto" else "stood_in_kms")
    return Ring(KmsPseudonymKeyMaker(kms, create_key(kms)), KmsPseudonymKeys(lambda: kms, clock))


class TestContract:
    """What every PseudonymKeyMaker and its PseudonymKeys do: the fake and the real one alike."""

    def test_what_is_made_opens_to_32_bytes_and_to_the_same_every_time(self, ring: Ring) -> None:
        sealed = ring.sealed()
        opened = ring.keys.open(sealed)
        assert len(opened) == KEY_BYTES == 32
        assert ring.keys.open(sealed) == ring.keys.open(replace(sealed)) == opened

    def test_no_two_keys_are_alike(self, ring: Ring) -> None:
        """Of two integrations, of two epochs, and of two that were made for the same."""
        made = [ring.sealed(), ring.sealed(), ring.sealed(OTHER_ID), ring.sealed(epoch=2)]
        assert len({key.sealed for key in made}) == 4
        assert len({ring.keys.open(key) for key in made}) == 4

    @pytest.mark.parametrize(
        "borrowed",
        [
            pytest.param({"integration_id": OTHER_ID}, id="another integration's id"),
            pytest.param({"integration_id": INTEGRATION_ID.lower()}, id="another case"),
            pytest.param({"epoch": 2}, id="a later epoch"),
            pytest.param({"epoch": 0}, id="an earlier epoch"),
            pytest.param({"integration_id": OTHER_ID, "epoch": 2}, id="both"),
        ],
    )
    @pytest.mark.parametrize("opened_before", [False, True], ids=["never opened", "opened before"])
    def test_a_sealed_key_opens_for_nobody_else(
        self, ring: Ring, borrowed: dict[str, Any], opened_before: bool
    ) -> None:
        sealed = ring.sealed()
        if opened_before:
            ring.keys.open(sealed)
        with pytest.raises(UnavailableError):
            ring.keys.open(replace(sealed, **borrowed))
        assert len(ring.keys.open(sealed)) == KEY_BYTES

    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param(lambda _: b"", id="empty"),
            pytest.param(lambda _: b"no sealed key at all", id="something else"),
            pytest.param(lambda sealed: sealed[: len(sealed) // 2], id="its first half"),
            pytest.param(lambda sealed: sealed[::-1], id="backwards"),
            pytest.param(lambda sealed: b"\x00" + sealed, id="a byte before it"),
        ],
    )
    def test_a_broken_sealed_key_is_doubt(self, ring: Ring, broken: Callable[[bytes], bytes]) -> None:
        sealed = ring.sealed()
        with pytest.raises(UnavailableError):
            ring.keys.open(replace(sealed, sealed=broken(sealed.sealed)))


@dataclass(slots=True)
class Kms:
    """The adapter over moto, and what a test wants to know of it: the calls, and how often a client was made."""

    client: KMSClient
    clock: SetClock
    maker: KmsPseudonymKeyMaker
    calls: list[str]
    made: int = 0

    def connect(self) -> KMSClient:
        self.made += 1
        return self.client

    def keys(self) -> KmsPseudonymKeys:
        return KmsPseudonymKeys(self.connect, self.clock)

    def sealed(self, integration_id: str = INTEGRATION_ID, epoch: int = 1) -> SealedKey:
        return SealedKey(integration_id, epoch, self.maker.make(integration_id, epoch))


@pytest.fixture
def over_kms(kms: KMSClient, clock: SetClock) -> Iterator[Kms]:
    key_id = create_key(kms)
    calls: list[str] = []

    def hear(model: Any, **_: object) -> None:
        calls.append(model.name)

    kms.meta.events.register("before-call.kms", hear)
    yield Kms(kms, clock, KmsPseudonymKeyMaker(kms, key_id), calls)
    kms.meta.events.unregister("before-call.kms", hear)


@contextmanager
def failing(kms: KMSClient, error: Exception) -> Iterator[None]:
    """Makes every call of the client end in `error`."""

    def fail(**_: object) -> None:
        raise error

    kms.meta.events.register("before-call.kms", fail)
    try:
        yield
    finally:
        kms.meta.events.unregister("before-call.kms", fail)


FAULTS = [
    *(
        pytest.param(ClientError({"Error": {"Code": code, "Message": "m"}}, "Operation"), id=code)
        for code in ("ThrottlingException", "KMSInternalException", "AccessDeniedException", "DisabledException")
    ),
    pytest.param(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), id="nothing there"),
]


def test_an_open_key_is_remembered_for_five_minutes_and_no_longer(over_kms: Kms, clock: SetClock) -> None:
    keys, sealed = over_kms.keys(), over_kms.sealed()
    opened = []
    for seconds in (0, 1, 298, 1, 299, 1):  # in all 0, 1, 299, 300, 599, 600
        clock.move(timedelta(seconds=seconds))
        opened.append((keys.open(sealed), over_kms.calls.count(DECRYPT)))
    assert [count for _, count in opened] == [1, 1, 1, 2, 2, 3]
    assert len({key for key, _ in opened}) == 1


def test_each_key_is_remembered_by_itself(over_kms: Kms) -> None:
    keys, first, second = over_kms.keys(), over_kms.sealed(), over_kms.sealed(OTHER_ID)
    opened = [keys.open(key) for key in (first, second, first, second)]
    assert opened[:2] == opened[2:]
    assert over_kms.calls.count(DECRYPT) == 2


def test_containers_share_no_memory(over_kms: Kms) -> None:
    sealed = over_kms.sealed()
    assert over_kms.keys().open(sealed) == over_kms.keys().open(sealed)
    assert over_kms.calls.count(DECRYPT) == 2


def test_the_memory_of_a_container_is_bounded(over_kms: Kms, clock: SetClock) -> None:
    keys = over_kms.keys()
    remembered = keys._keys._memory
    remembered.update({(b"s%d" % number, ()): (clock.monotonic(), b"k") for number in range(MOST_REMEMBERED)})
    keys.open(over_kms.sealed())
    assert len(keys._keys._memory) == 1


def test_no_client_is_made_before_the_first_key_is_asked_for(over_kms: Kms) -> None:
    keys = over_kms.keys()
    assert over_kms.made == 0
    for key in (over_kms.sealed(), over_kms.sealed(), over_kms.sealed(OTHER_ID)):
        keys.open(key)
    assert over_kms.made == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_key_store_that_is_away_is_doubt_and_the_next_call_recovers(over_kms: Kms, fault: Exception) -> None:
    keys, sealed = over_kms.keys(), over_kms.sealed()
    for _ in range(2):
        with failing(over_kms.client, fault), pytest.raises(UnavailableError) as doubt:
            keys.open(sealed)
        assert doubt.value.__cause__ is fault
    assert keys.open(sealed) == over_kms.keys().open(sealed)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_key_that_cannot_be_made_is_doubt_and_the_next_one_is_made(over_kms: Kms, fault: Exception) -> None:
    with failing(over_kms.client, fault), pytest.raises(UnavailableError):
        over_kms.sealed()
    assert len(over_kms.keys().open(over_kms.sealed())) == KEY_BYTES


def test_what_was_remembered_too_long_is_not_used_because_the_key_store_is_away(over_kms: Kms, clock: SetClock) -> None:
    keys, sealed = over_kms.keys(), over_kms.sealed()
    opened = keys.open(sealed)
    with failing(over_kms.client, EndpointConnectionError(endpoint_url="http://127.0.0.1:1")):
        clock.move(timedelta(seconds=299))
        assert keys.open(sealed) == opened
        clock.move(timedelta(seconds=1))
        with pytest.raises(UnavailableError):
            keys.open(sealed)
    assert keys.open(sealed) == opened


@pytest.mark.parametrize("place", [0, 40, 60, -1])
def test_a_sealed_key_with_one_bit_changed_is_doubt(over_kms: Kms, place: int) -> None:
    sealed = over_kms.sealed()
    changed = bytearray(sealed.sealed)
    changed[place] ^= 1
    with pytest.raises(UnavailableError):
        over_kms.keys().open(replace(sealed, sealed=bytes(changed)))


@pytest.mark.parametrize("length", [KEY_BYTES - 1, KEY_BYTES + 1])
def test_a_key_of_another_length_is_doubt(over_kms: Kms, kms: KMSClient, length: int) -> None:
    context = {"integration": INTEGRATION_ID, "epoch": "1"}
    made = kms.generate_data_key_without_plaintext(
        KeyId=create_key(kms), NumberOfBytes=length, EncryptionContext=context
    )
    with pytest.raises(UnavailableError):
        over_kms.keys().open(SealedKey(INTEGRATION_ID, 1, made["CiphertextBlob"]))


def test_what_is_sealed_is_bound_to_integration_and_epoch_and_to_nothing_else(over_kms: Kms, kms: KMSClient) -> None:
    """The context is what a key policy and CloudTrail see: another one would orphan every key there is."""
    sealed = over_kms.sealed(epoch=7)
    context = {"integration": INTEGRATION_ID, "epoch": "7"}
    opened = kms.decrypt(CiphertextBlob=sealed.sealed, EncryptionContext=context)["Plaintext"]
    assert opened == over_kms.keys().open(sealed)


def test_who_makes_a_key_never_sees_it_and_who_opens_one_makes_none(over_kms: Kms) -> None:
    sealed = over_kms.sealed()
    assert over_kms.calls == [GENERATE]
    over_kms.keys().open(sealed)
    assert over_kms.calls == [GENERATE, DECRYPT]


def test_a_maker_without_a_key_of_its_own_is_doubt(over_kms: Kms, kms: KMSClient) -> None:
    for key_id in ("", "alias/there-is-none"):
        with pytest.raises(UnavailableError):
            KmsPseudonymKeyMaker(kms, key_id).make(INTEGRATION_ID, 1)


def test_nothing_that_is_shown_shows_a_key(over_kms: Kms) -> None:
    keys, sealed = over_kms.keys(), SealedKey(INTEGRATION_ID, 3, b"canary-of-a-sealed-key")
    opened = b"canary-of-an-open-key-32-bytes!!"
    context = (("epoch", "3"), ("integration", INTEGRATION_ID))
    keys._keys._memory[sealed.sealed, context] = (over_kms.clock.monotonic(), opened)
    assert keys.open(sealed) == opened
    holder = replace(an_integration(), pseudonym_epoch=3, sealed_key=sealed.sealed)
    assert holder.pseudonym_key == sealed
    shown = [
        repr(one) + str(one) for one in (sealed, Pseudonyms(opened, 3), keys, keys._keys, holder, holder.pseudonym_key)
    ]
    assert "canary" not in "".join(shown)
    assert "epoch=3" in shown[0]
    assert "epoch=3" in shown[1]
