"""docs/scopes.md, written from the tables of presets, groups, victims' levels and ways with numbers.

Rule: no preset, group or warning is spelled here that the code does not have; a test holds the file equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from hallpass.domain.catalogue import GROUPS, NUMBERS, VICTIMS, Card
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import BY_NAME_GROUPS

_Name = TypeVar("_Name", bound=str)

_INTRODUCTION = """\
# What a scope shows

For a district's data officer. A scope is **rows x fields**: which incidents, and what of each. What is not named is not
shown; whatever a vendor asks for, the answer is EducatorsHandbook.com's answer minus what the scope withholds, in every
format. This page is written from the tables that the code works with; `hallpass fields list` shows them too, and
`hallpass fields show <name>` every element and attribute of a preset or group.

Before you grant a scope, `hallpass preview` [counts what it would show](districts.md#see-before-you-grant).

## Rows

| part | choices |
| --- | --- |
| types | `referral`, `minor`, `pending`, each by name. Pending incidents are unreviewed accusations |
| schools | school codes; or `all`, said explicitly, then also schools to come |
| window | from a day to a day; the last *n* days in the district's time zone; or `unbounded`, said explicitly |
| deleted | whether deleted incidents may be asked for |

Every incident is judged by its own type, school, date and deletion. One that lacks what it is judged by is withheld.
If EducatorsHandbook.com sends incidents that nobody asked for, they are withheld, counted, and an alarm goes off.

## Presets

A preset never changes: what it shows is fixed to the last attribute. A wider or narrower one gets a new number, and
vendors keep the one they were granted.

"""

_GROUPS = """\

## Groups

Instead of a preset you can name groups: `--group envelope --group context --numbers dropped --victims none`. The list
means what the groups held on the day you granted it (`revision`): what EducatorsHandbook.com documents later is not
in it. Groups that speak of persons speak of *offenders*; what is shown of victims is said apart. Those marked * are
in no preset but `upstream@1` and come only when you name them.

"""

_REST = """\

Not granted, because one would undo the other: pseudonymised numbers with `narrative` or `student_names`; victims
under pseudonyms while numbers are kept or dropped; `student_numbers` with numbers dropped; `upstream@1` with any
limit on rows; a window from a day to a day without `envelope` and `context`; `homeless`, `foster` or `frpl` under an
agreement that ends later than in 366 days.

A vendor may filter only by what it is shown. Without `envelope` there is no `type`, `deleted` or `modified_since`,
without `context` no `school`, without either of them no `from` and `to`.

## Pseudonyms

Under `pseudonymised@1`, or with `--numbers pseudonymised`, every student and staff number and every incident's id is
replaced by a pseudonym, every date and time by its day, and incidents come in an order that tells nothing of
EducatorsHandbook.com's. Names, free text and times of day are never shown. A pseudonym is HMAC-SHA-256 of the number
exactly as it was sent, under a random key of this integration alone; student, staff and incident pseudonyms have
nothing in common even for equal numbers. The same child has the same pseudonym in all of one vendor's data. The key
is kept sealed; who makes it cannot open it.

**The promise:** two vendors share no identifier and no time below the day.

**What remains:** this is *pseudonymised* data, not anonymous data. Dates, schools and offenses together can tell
which event it was, to somebody who was there or who has other data about it. Measured on {incidents} simulated
incidents, the share that a second holder of the same district's data could match one to one, having no identifier:

{risk}

Smaller districts are worse. So a vendor with pseudonyms and one with names could together find out who is who, in
nearly every case: grant pseudonyms where the agreement forbids matching, and treat the data as personal data. The
figures are made by `.venv/bin/python benchmarks/pseudonym_risk.py`. Three more things can tell a little:

- **Pages keep EducatorsHandbook.com's boundaries.** Which page an incident is on follows its order there; with many
  narrow `from` and `to` that tells which of two incidents of one day came first.
- **When something first appears.** Two vendors that poll see a new incident in the same minutes, whatever it is
  called.
- **What `from` and `to` filter on is not documented.** If it is the last change, in another time zone than the one it
  is written in, they tell on which side of midnight it was.

A list of groups of your own shows the words of what it names (a school's name, not its code alone), and keeps
EducatorsHandbook.com's order unless numbers are pseudonymised.

`hallpass integration renew-pseudonyms D1stVnd1` gives everybody new pseudonyms, which have nothing in common with the
old; the vendor reads everything anew. `hallpass integration end D1stVnd1` destroys the key for good. Backups of the
registry table hold sealed keys for up to 35 days; nobody can open one without the right to use the stack's pseudonyms
key.

## What is new or unknown

An element, attribute or type that is not documented, or a documented one in another place, is withheld from everybody
but `upstream@1`, and its *path*, never its value, is listed by `hallpass district quarantine D1st`. It reaches a
vendor only when a later version of Hallpass documents it and you grant that. A name that could itself be data is
listed as a hash (`~...`).

## Changing a scope

`hallpass scope set D1stVnd1` takes the same options as `create` and replaces the whole scope. It holds on the
vendor's next request, also for what is cached. The vendor's `dataset` changes with it, so that its next poll is told
to read everything anew and to drop what it is not shown any more. What it has already, it has.
"""

MEASURED_ON = "4,855"
RISK: tuple[tuple[str, str, str], ...] = (
    ("date and school", "20 %", "20 % of incidents, 49 % of children"),
    ("date, school and offense", "83 %", "83 % of incidents, 97 % of children"),
    ("all that is shown", "100 %", "100 % of both"),
)
"""What is known, and the share that is told apart by it under no-people@1 and pseudonymised@1."""


def scopes_doc() -> str:
    """The whole of docs/scopes.md."""
    risk = "".join(
        _row(("by", "`no-people@1`", "`pseudonymised@1`"), *[("---", "---", "---"), *RISK]),
    ).rstrip("\n")
    return (
        _INTRODUCTION
        + _table("preset", {preset.name: preset.card for preset in PRESETS.values()})
        + _GROUPS
        + _table("group", GROUPS, marked=frozenset(BY_NAME_GROUPS))
        + "\n"
        + _table("victims", VICTIMS)
        + "\n"
        + _table("numbers", NUMBERS)
        + _REST.format(incidents=MEASURED_ON, risk=risk)
    )


def _table(kind: str, cards: Mapping[_Name, Card], marked: frozenset[str] = frozenset()) -> str:
    return "".join(_rows(kind, cards, marked))


def _rows(kind: str, cards: Mapping[_Name, Card], marked: frozenset[str]) -> Iterator[str]:
    yield from _row((kind, "shows", "example", "consider"), ("---",) * 4)
    for name, card in cards.items():
        star = "\\*" if name in marked else ""
        yield from _row((f"`{name}`{star}", card.label, card.example, card.warning))


def _row(*rows: tuple[str, ...]) -> Iterator[str]:
    for cells in rows:
        yield f"| {' | '.join(cells)} |\n"
