"""`Cache-Control`: of two readings the stricter, whatever it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hallpass.domain.cache_directives import MOST_SECONDS, Directive, Directives, RequestDirectives, delta_seconds
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.caching_material import VALUES, seconds

# What is no directive.
NONE_SUCH: Directive = ("no-cache", "")

PARSED: dict[str, tuple[list[str], list[Directive]]] = {
    "no field": ([], []),
    "an empty field": ([""], []),
    "commas alone": ([", ,\t,"], []),
    "one without an argument": (["no-store"], [("no-store", None)]),
    "capitals": (["No-StOrE, MaX-AgE=1"], [("no-store", None), ("max-age", "1")]),
    "several fields": (["no-cache", "max-age=1"], [("no-cache", None), ("max-age", "1")]),
    "space around": (["\t max-age=1 \t,  private "], [("max-age", "1"), ("private", None)]),
    "a quoted number": (['max-age="36"'], [("max-age", "36")]),
    "an escape in a quoted string": ([r'x="3\6\"\\"'], [("x", '36"\\')]),
    "a directive inside a quoted string": (['x="max-age=9, no-store", y'], [("x", "max-age=9, no-store"), ("y", None)]),
    "one inside a quoted string behind": (['max-age=1, x="max-age=9"'], [("max-age", "1"), ("x", "max-age=9")]),
    "field names in a quoted string": (['no-cache="a, b"'], [("no-cache", "a, b")]),
    "an empty quoted string": (['no-cache=""'], [NONE_SUCH]),
    "space before the equals sign": (["max-age =9"], [("max-age", ""), NONE_SUCH]),
    "space behind it": (["max-age= 9"], [("max-age", ""), NONE_SUCH]),
    "nothing behind it": (["max-age="], [("max-age", ""), NONE_SUCH]),
    "no name before it": (["=9"], [NONE_SUCH]),
    "semicolons": (["max-age=9; must-revalidate"], [("max-age", ""), NONE_SUCH]),
    "what follows one that is malformed": (["a b, max-age=9"], [("a", ""), NONE_SUCH, ("max-age", "9")]),
    "a quoted string that does not end": (['x="max-age=9, no-store'], [("x", ""), NONE_SUCH, ("no-store", None)]),
    "one that ends in the next field": (['x="a', 'b", y'], [("x", ""), NONE_SUCH, ("b", ""), NONE_SUCH, ("y", None)]),
    "text behind a quoted string": (['max-age="9"x'], [("max-age", ""), NONE_SUCH]),
    "a line break in a quoted string": (['x="a\n", max-age=9'], [("x", "a\n"), ("max-age", "9")]),
    "an escaped line break": (['x="\\\n"'], [("x", "\n")]),
    "a line break elsewhere": (["max-age=9\n"], [("max-age", ""), NONE_SUCH]),
    "a letter beyond ASCII that looks like it": (["no-ſtore"], [("no-", ""), NONE_SUCH]),
}  # fmt: skip


@pytest.mark.parametrize(("values", "named"), PARSED.values(), ids=PARSED)
def test_read_as(values: list[str], named: list[Directive]) -> None:
    assert list(Directives.parse(values).named) == named


NUMBERS = {
    "0": 0, "36": 36, "0036": 36, "0" * 5_000 + "1": 1, "2147483647": 2**31 - 1, "2147483648": 2**31,
    "9999999999": 2**31, "1" * 5_000: 2**31, "": None, "-1": None, "+1": None, "1.0": None, "1e3": None, "1_0": None,
    " 1": None, "1 ": None, "a1": None, "1a": None, "'1'": None, "٣": None, "１": None, "0x1": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), NUMBERS.items(), ids=lambda value: repr(value)[:20])
def test_a_number_of_seconds(text: str, number: int | None) -> None:
    assert delta_seconds(text) == number


SHORTEST = {
    "not said": ("private", None),
    "once": ("max-age=9", 9),
    "twice, the longer first": ("max-age=9, max-age=1", 1),
    "twice, the shorter first": ("max-age=1, max-age=9", 1),
    "malformed beside a number": ("max-age=9, max-age=x", 0),
    "malformed": ("max-age=9s", 0),
    "single quotes": ("max-age='9'", 0),
    "negative": ("max-age=-9", 0),
    "without an argument": ("max-age", 0),
    "of another directive": ("s-maxage=9", None),
    "more than can be held": ("max-age=99999999999", MOST_SECONDS),
}  # fmt: skip


@pytest.mark.parametrize(("value", "span"), SHORTEST.values(), ids=SHORTEST)
def test_max_age(value: str, span: int | None) -> None:
    assert Directives.parse([value]).shortest("max-age") == (None if span is None else seconds(span))


ASKED = {
    "nothing": ([], RequestDirectives()),
    "no-cache": (["no-cache"], RequestDirectives(no_cache=True)),
    "no-store": (["no-store"], RequestDirectives(no_store=True)),
    "only-if-cached": (["only-if-cached"], RequestDirectives(only_if_cached=True)),
    "max-age, the least": (["max-age=9", "max-age=3"], RequestDirectives(max_age=seconds(3))),
    "max-age, malformed": (["max-age=x"], RequestDirectives(max_age=seconds(0))),
    "min-fresh, the most": (["min-fresh=3, min-fresh=9"], RequestDirectives(min_fresh=seconds(9))),
    "min-fresh, malformed": (["min-fresh=x"], RequestDirectives(min_fresh=seconds(MOST_SECONDS))),
    "min-fresh without an argument": (["min-fresh"], RequestDirectives(min_fresh=seconds(MOST_SECONDS))),
    "max-stale, the least": (["max-stale=9, max-stale=3"], RequestDirectives(max_stale=seconds(3))),
    "max-stale without an argument": (["max-stale"], RequestDirectives(max_stale=seconds(MOST_SECONDS))),
    "max-stale, malformed": (["max-stale=x"], RequestDirectives(max_stale=seconds(0))),
    "stale-if-error": (["stale-if-error=9"], RequestDirectives(stale_if_error=seconds(9))),
    "what is no directive": (["max-stale=9;"], RequestDirectives(no_cache=True, max_stale=seconds(0))),
}  # fmt: skip


@pytest.mark.parametrize(("values", "asked"), ASKED.values(), ids=ASKED)
def test_a_client_asks_for(values: list[str], asked: RequestDirectives) -> None:
    assert RequestDirectives.parse(values, may_refresh=True) == asked


PRAGMA = {
    "pragma alone": ([], ["no-cache"], True),
    "pragma with more beside it": ([], ['x="y", No-Cache'], True),
    "another pragma": ([], ["yes"], False),
    "Cache-Control goes before": (["max-stale=9"], ["no-cache"], False),
    "an empty Cache-Control goes before too": ([""], ["no-cache"], False),
}  # fmt: skip


@pytest.mark.parametrize(("cache_control", "pragma", "no_cache"), PRAGMA.values(), ids=PRAGMA)
def test_pragma(cache_control: list[str], pragma: list[str], no_cache: bool) -> None:
    asked = RequestDirectives.parse(cache_control, pragma, may_refresh=True)
    assert asked.no_cache is no_cache
    assert not RequestDirectives.parse(cache_control, pragma, may_refresh=False).no_cache


def test_pragma_says_nothing_but_no_cache() -> None:
    everything = "only-if-cached, max-age=1, min-fresh=1, max-stale, stale-if-error=1, no-store"
    assert RequestDirectives.parse([], [everything], may_refresh=True) == RequestDirectives()


def test_without_the_permission_nothing_that_causes_calls_is_heard() -> None:
    everything = "no-cache, no-store, max-age=1, min-fresh=1, max-stale=2, only-if-cached, stale-if-error=3"
    asked = RequestDirectives.parse([everything], may_refresh=False)
    assert asked == RequestDirectives(only_if_cached=True, max_stale=seconds(2), stale_if_error=seconds(3))


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=2), st.booleans())
def test_any_text_is_read_and_no_span_is_negative(cache_control: list[str], pragma: list[str], may: bool) -> None:
    asked = RequestDirectives.parse(cache_control, pragma, may_refresh=may)
    spans = [asked.max_age, asked.min_fresh, asked.max_stale, asked.stale_if_error]
    assert all(timedelta(0) <= span <= seconds(MOST_SECONDS) for span in spans if span is not None)


@given(st.lists(VALUES, max_size=4), VALUES)
def test_a_further_field_makes_it_only_stricter(values: list[str], more: str) -> None:
    fewer, all_of_them = Directives.parse(values), Directives.parse([*values, more])
    assert all_of_them.named[: len(fewer.named)] == fewer.named
    before, after = fewer.shortest("max-age"), all_of_them.shortest("max-age")
    assert before is None or (after is not None and after <= before)


HUGE = {
    "100,000 commas": "," * 100_000,
    "100,000 spaces": " " * 100_000 + '"',
    "100,000 quotes": '"' * 100_001,
    "100,000 strings that do not end": 'a=",' * 100_000,
    "100,000 backslashes": 'a="' + "\\" * 100_001,
    "100,000 escaped quotes": 'a="' + '\\"' * 100_000,
    "100,000 directives": "max-age=1," * 100_000,
    "100,000 that are none": "a b," * 100_000,
    "one name of 100,000 characters": "a" * 100_000 + " b",
    "a number of 100,000 zeros": "max-age=" + "0" * 100_000 + "x",
}  # fmt: skip


@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE)
def test_a_huge_field_is_read_in_linear_time(value: str) -> None:
    Directives.parse([value]).shortest("max-age")
