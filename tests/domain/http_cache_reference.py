"""RFC 9111 for a private cache once more, over what was meant instead of what was written.

Written apart from the product: numbers of seconds in plain fields, no header is ever read. `spell` writes them as an
origin or a client may: any case, quoted or not, in one field or several, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from hallpass.domain.http_caching import Headers
from hypothesis import strategies as st

from tests.domain.caching_material import at

DAY = 86_400


@dataclass(frozen=True)
class Meant:
    """What an origin says. Offsets of dates are from when the response came, seconds; None: not said."""

    max_age: int | None = None
    expires: int | None = None
    date: int | None = None
    age: int | None = None
    stale_while_revalidate: int | None = None
    stale_if_error: int | None = None
    no_cache: bool = False
    no_store: bool = False
    must_revalidate: bool = False
    varies_by_all: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a client says."""

    max_age: int | None = None
    min_fresh: int | None = None
    max_stale: int | None = None
    stale_if_error: int | None = None
    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False


def outcome(said: Meant, first: Wanted, wanted: Wanted, elapsed: int) -> str:
    """What becomes of the second request, `elapsed` seconds after the first: "store", "stale", "ask" or "504"."""
    otherwise = "504" if wanted.only_if_cached else "ask"
    kept = not (said.no_store or said.varies_by_all or first.no_store or first.only_if_cached)
    if not kept or said.no_cache or wanted.no_cache:
        return otherwise
    old, life = _old(said, elapsed), _life(said)
    if wanted.max_age is not None and wanted.max_age < old:
        return otherwise
    if wanted.min_fresh is not None and life < old + wanted.min_fresh:
        return otherwise
    if old < life:
        return "store"
    accepted = wanted.max_stale is not None and old - life <= min(wanted.max_stale, DAY)
    meanwhile = wanted.max_age is None and old - life < (said.stale_while_revalidate or 0)
    return "stale" if (accepted or meanwhile) and not said.must_revalidate else otherwise


def usable_after_failure(said: Meant, wanted: Wanted, elapsed: int) -> bool:
    """Of what was kept, when the origin fails and it was asked because of `outcome`."""
    stale_for = _old(said, elapsed) - _life(said)
    told = wanted.stale_if_error is not None
    if said.no_cache or (said.must_revalidate and stale_for >= 0):
        return False
    if not told and (wanted.no_cache or wanted.min_fresh is not None or wanted.max_age is not None):
        return False
    bounds = [DAY if said.stale_if_error is None else said.stale_if_error]
    bounds += [wanted.stale_if_error] if wanted.stale_if_error is not None else []
    return stale_for < 0 or stale_for < min(bounds)


def _old(said: Meant, elapsed: int) -> int:
    return elapsed + max(0, said.age or 0, -(said.date or 0))


def _life(said: Meant) -> int:
    if said.max_age is not None:
        return said.max_age
    return 0 if said.expires is None else max(0, said.expires - (said.date or 0))


def _one_in(count: int, values: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.integers(1, count).flatmap(lambda number: values if number == count else st.none())


_SPANS = st.integers(0, 40)
_OFFSETS = st.integers(-20, 40)
_RARELY = st.integers(1, 12).map(lambda number: number == 12)
MEANT = st.builds(
    Meant,
    max_age=_one_in(2, st.integers(0, 90)),
    expires=_one_in(2, _OFFSETS),
    date=_one_in(3, _OFFSETS),
    age=_one_in(3, _SPANS),
    stale_while_revalidate=_one_in(3, _SPANS),
    stale_if_error=_one_in(3, _SPANS),
    no_cache=_RARELY,
    no_store=_RARELY,
    must_revalidate=_RARELY,
    varies_by_all=_RARELY,
)
WANTED = st.builds(
    Wanted,
    max_age=_one_in(4, _SPANS),
    min_fresh=_one_in(5, _SPANS),
    max_stale=_one_in(3, _SPANS),
    stale_if_error=_one_in(4, _SPANS),
    no_cache=_RARELY,
    no_store=_RARELY,
    only_if_cached=_RARELY,
)


@st.composite
def spell(draw: st.DrawFn, meant: Meant | Wanted) -> Headers:
    headers = []
    directives = []
    for name, value in ((field.name, getattr(meant, field.name)) for field in fields(meant)):
        if value is None or value is False:
            continue
        if name == "varies_by_all":
            headers.append((draw(_cased("Vary")), draw(st.sampled_from(["*", "A, *", "*,B"]))))
        elif name in {"date", "expires"}:
            headers.append((draw(_cased(name)), at(value)))
        elif name == "age":
            headers.append((draw(_cased(name)), draw(st.sampled_from([f"{value}", f"{value}, 900", f" 0{value}"]))))
        else:
            directives.append(draw(_directive(name.replace("_", "-"), value)))
    while directives:
        count = draw(st.integers(1, len(directives)))
        headers.append(
            (draw(_cased("Cache-Control")), draw(st.sampled_from([",", ", ", " ,,\t"])).join(directives[:count]))
        )
        directives = directives[count:]
    return tuple(draw(st.permutations(headers)))


@st.composite
def _directive(draw: st.DrawFn, name: str, value: int | bool) -> str:
    written = draw(_cased(name))
    if value is not True:
        written += "=" + draw(st.sampled_from(["{}", '"{}"', "00{}", '"\\{}"'])).format(value)
    return draw(st.sampled_from(["{}", 'x="no-store, max-age=999", {}', "{}, y=z", '{}, x="\\", no-cache"'])).format(
        written
    )


def _cased(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name, name.lower(), name.upper(), name.title()])
