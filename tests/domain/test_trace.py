"""Which trace a request is of: W3C Trace Context to the letter, else the platform's own."""

from __future__ import annotations

import pytest
from hallpass.domain.trace import trace_of

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = {
    "as the standard's example": (f"00-{TRACE}-{PARENT}-01", TRACE),
    "not sampled": (f"00-{TRACE}-{PARENT}-00", TRACE),
    "flags that nobody knows": (f"00-{TRACE}-{PARENT}-ff", TRACE),
    "a later version": (f"01-{TRACE}-{PARENT}-01", TRACE),
    "a later version with more to it": (f"cc-{TRACE}-{PARENT}-01-what-the-future-is", TRACE),
    "a later version with more that no dash begins": (f"cc-{TRACE}-{PARENT}-01.more", None),
    "the version that is none": (f"ff-{TRACE}-{PARENT}-01", None),
    "this version with more to it": (f"00-{TRACE}-{PARENT}-01-more", None),
    "this version with a dash at its end": (f"00-{TRACE}-{PARENT}-01-", None),
    "no trace": (f"00-{'0' * 32}-{PARENT}-01", None),
    "no parent": (f"00-{TRACE}-{'0' * 16}-01", None),
    "capitals": (f"00-{TRACE.upper()}-{PARENT}-01", None),
    "a capital version": (f"CC-{TRACE}-{PARENT}-01", None),
    "a trace too short": (f"00-{TRACE[1:]}-{PARENT}-01", None),
    "a trace too long": (f"00-{TRACE}0-{PARENT}-01", None),
    "a parent too short": (f"00-{TRACE}-{PARENT[1:]}-01", None),
    "no flags": (f"00-{TRACE}-{PARENT}", None),
    "a letter that is no digit": (f"00-{TRACE[:-1]}g-{PARENT}-01", None),
    "digits of another script": (f"00-{TRACE[:-1]}٣-{PARENT}-01", None),
    "two fields": (f"00-{TRACE}-{PARENT}-01,00-{TRACE}-{PARENT}-01", None),
    "space around it": (f" 00-{TRACE}-{PARENT}-01", None),
    "a line after it": (f"00-{TRACE}-{PARENT}-01\n", None),
    "a line inside a later version": (f"cc-{TRACE}-{PARENT}-01-a\nb", None),
    "nothing": ("", None),
    "no field": (None, None),
}


@pytest.mark.parametrize(("field", "trace"), GIVEN.values(), ids=GIVEN)
def test_a_client_names_its_trace(field: str | None, trace: str | None) -> None:
    assert trace_of(field) == trace


OURS = "5759e988bd862e3fe1be46a994272793"
PLATFORM = {
    "the root alone": ("Root=1-5759e988-bd862e3fe1be46a994272793", OURS),
    "with a parent and a decision": (
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", OURS,
    ),
    "after what a load balancer adds": (
        "Self=1-67891234-12456789abcdef012345678; Root=1-5759e988-bd862e3fe1be46a994272793", OURS,
    ),
    "two roots": ("Root=1-5759e988-bd862e3fe1be46a994272793;Root=1-5759e988-bd862e3fe1be46a994272793", None),
    "another version": ("Root=2-5759e988-bd862e3fe1be46a994272793", None),
    "a root too short": ("Root=1-5759e988-bd862e3fe1be46a99427279", None),
    "free text": ("Root=whatever the client likes", None),
    "no root": ("Parent=53995c3f42cd8ad8;Sampled=1", None),
    "nothing": ("", None),
}  # fmt: skip


@pytest.mark.parametrize(("field", "trace"), PLATFORM.values(), ids=PLATFORM)
def test_the_platform_names_it_otherwise(field: str, trace: str | None) -> None:
    assert trace_of(None, field) == trace
    assert trace_of("00-broken", None, field) == trace


def test_the_clients_goes_before_the_platforms_and_the_first_of_these_before_the_second() -> None:
    first, second = (f"Root=1-5759e988-{digit * 24}" for digit in "ab")
    assert trace_of(f"00-{TRACE}-{PARENT}-01", first, second) == TRACE
    assert trace_of(None, first, second) == "5759e988" + "a" * 24
    assert trace_of(None, None) is None
