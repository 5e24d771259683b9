"""The ports behind test tokens: nothing that they are told leaves anything behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hallpass.adapters.synthetic_ports import (
    SyntheticAccounts,
    SyntheticKeys,
    SyntheticPatience,
    SyntheticQuotas,
    SyntheticRefresher,
    SyntheticTelemetry,
)
from hallpass.adapters.synthetic_store import SNAPSHOT, SyntheticPages, SyntheticWalks, arrival
from hallpass.adapters.synthetic_upstream import SyntheticUpstream, SyntheticVault
from hallpass.domain.audit import AuditRecord
from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.errors import InternalError, UnavailableError
from hallpass.domain.health import Health
from hallpass.domain.leases import SNAPSHOT_ID, Granted, Held, Pointer, Slot
from hallpass.domain.limits import Limits
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.metrics import Unit
from hallpass.domain.pages import ArtefactKind, Representation
from hallpass.domain.people import People
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.quota import UNUSED
from hallpass.domain.upstream import UpstreamBusyError
from hallpass.domain.walk import State

from tests.fakes import SetClock

NOW = SetClock().now()
LISTING = Listing(Account("synthetic", "synthetic:", 1), UpstreamQuery())
TURN = Granted("somebody", 1)


def of(fault: str) -> Listing:
    return Listing(Account(f"synthetic-{fault}", "synthetic:", 1), UpstreamQuery())


def test_telemetry_counts_nothing() -> None:
    telemetry = SyntheticTelemetry()
    record = AuditRecord(NOW, "r", "token", 200, 1, "0", "192.0.2.7", "synthetic")
    telemetry.count("Name")
    telemetry.gauge("Name", Unit.COUNT, 1)
    telemetry.count_by_district("Name", "beside", {})
    telemetry.measure(record)
    telemetry.upstream_asked("synthetic", 1, 1)
    telemetry.quarantined("synthetic", {})
    telemetry.crashed(ValueError(), "r")
    assert telemetry.note("synthetic", {"path": 1}, NOW) == 0
    assert not vars(telemetry)


def test_an_account_is_well_whatever_becomes_of_a_call() -> None:
    accounts, account = SyntheticAccounts(), LISTING.account
    assert accounts.within(lambda: 1.0) is accounts
    accounts.note_refusal(account, NOW)
    accounts.note_fault(account, "upstream-busy", NOW, NOW)
    accounts.note_success(account)
    accounts.leave_seat(account, 1)
    assert accounts.take_probe(account, 3, NOW, NOW)
    assert accounts.take_seat(account, 1, NOW, NOW)
    assert accounts.health(account) == Health()


def test_nothing_is_taken_over_and_nobody_waits() -> None:
    refresher = SyntheticRefresher()
    assert not refresher.refresh(LISTING, TURN)
    assert not refresher.read_walk(LISTING, SNAPSHOT, TURN)
    assert not refresher.read_ahead(LISTING, TURN)
    with pytest.raises(PageInFlightError):
        SyntheticPatience().pause(0.1)


def test_keys_are_everybodys() -> None:
    keys, people = SyntheticKeys(), People((), ())
    assert keys.open(SealedKey("TestPseu", 1, b"")) == keys.open(SealedKey("TestIden", 9, b"other"))
    assert keys.marks("synthetic").key == keys.marks("other").key
    assert keys.keep("synthetic", people) == people.name


def test_quotas_are_what_the_caller_knows() -> None:
    limits = Limits(60, 1, 5)
    first = SyntheticQuotas().take("anybody", limits, NOW, UNUSED)
    assert first.fits
    assert not SyntheticQuotas().take("anybody", limits, NOW, first.level).fits
    assert SyntheticQuotas().take("anybody", limits, NOW, UNUSED).fits


def test_pages_are_there_and_none_is_taken() -> None:
    pages = SyntheticPages(SetClock())
    made = arrival(LISTING, 1, NOW)
    found = pages.find_page(LISTING, SNAPSHOT, 1)
    assert found == made.page
    assert pages.find_page(LISTING, "00000000000002-00000000", 1) is None
    assert pages.read(found.model) == made.packed_model
    assert pages.read(found.raw) == made.packed_raw
    assert pages.within(lambda: 1.0).read(found.raw) is None, "another request begins anew"
    assert pages.save_page(LISTING, made.page, b"", b"") is None
    assert pages.reuse_page(LISTING, made.page) is None
    assert not pages.restore(made.page, b"", b"")
    shown = Representation(made.page.raw, "source", "etag", 1, 1, 1)
    assert not pages.save_representation(shown, b"")
    assert pages.find_representation("synthetic", "name") is None


def test_a_page_that_is_to_be_too_large_says_so() -> None:
    told = SyntheticPages(SetClock()).find_representation("synthetic-response-too-large", "f" * 64)
    assert told is not None
    assert (told.size > 6_000_000, told.stored.kind) == (True, ArtefactKind.REPRESENTATION)


@pytest.mark.parametrize(
    ("fault", "state", "ended"),
    [
        ("", State.COMPLETE, False),
        ("listing-unstable", State.BROKEN, False),
        ("page-in-flight", State.BUILDING, False),
        ("snapshot-expired", State.COMPLETE, True),
    ],
)
def test_a_walk_fares_as_its_account(fault: str, state: State, ended: bool) -> None:
    walk = SyntheticWalks(SetClock()).find_walk(of(fault) if fault else LISTING, SNAPSHOT)
    assert walk is not None
    assert (walk.state, walk.expires_at <= NOW, len(walk.digests)) == (state, ended, 3)


def test_there_is_one_walk_and_it_is_nobodys_to_change() -> None:
    walks = SyntheticWalks(SetClock())
    walk = walks.find_walk(LISTING, SNAPSHOT)
    assert walk is not None
    assert SNAPSHOT_ID.fullmatch(SNAPSHOT)
    assert walks.within(lambda: 1.0) is walks
    assert walks.find_walk(LISTING, "00000000000002-00000000") is None
    assert isinstance(walks.take(LISTING, Slot.WALK, Pointer(), "me"), Held)
    assert not walks.publish(LISTING, Slot.WALK, TURN, SNAPSHOT)
    walks.release(LISTING, Slot.WALK, "me")
    walks.withdraw(LISTING, SNAPSHOT)
    walks.note_use(LISTING, Pointer(), walked=True)
    assert not walks.save_walk(LISTING, walk)
    assert walks.save_pin(LISTING, "walker", "other")
    assert walks.pin(LISTING, "walker") == SNAPSHOT
    assert walks.busy(LISTING.account) == ()


def test_of_an_upstream_that_fails_there_is_no_walk_to_go_on_in() -> None:
    walks, failing = SyntheticWalks(SetClock()), of("upstream-busy")
    assert walks.pointer(failing) == Pointer()
    assert walks.pin(failing, "walker") == ""
    assert walks.take(failing, Slot.PAGE, Pointer(), "me") == Granted("me", 1)


def test_the_upstream_answers_out_of_the_package_or_fails_as_its_account_is_to() -> None:
    vault, upstream = SyntheticVault(), SyntheticUpstream()
    answer = upstream.fetch(vault.read("synthetic"), UpstreamQuery(), 1, 1.0)
    assert answer.body == arrival(LISTING, 1, datetime.now(UTC)).raw
    with pytest.raises(UpstreamBusyError):
        upstream.fetch(vault.read("synthetic-upstream-busy", again=True), UpstreamQuery(), 1, 1.0)
    with pytest.raises(UnavailableError):
        vault.read("synthetic-unavailable")
    with pytest.raises(InternalError):
        vault.read("synthetic-internal-error")
