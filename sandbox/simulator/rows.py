"""The cheap half of an incident: what lists are filtered and sorted by. The rest is invented on rendering.

The rule: rows depend on the account, the seed, the size and `today` only, so equal settings give equal rows.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from random import Random

from sandbox.simulator.vocabulary import SCHOOLS

TYPES = ("referral", "minor", "pending")
_TYPE_SHARES = (0.55, 0.90, 1.0)
_DELETED_SHARE = 0.03


@dataclass(slots=True)
class Row:
    """One incident's head. `changes` are edits by path, applied to the invented rest when it is rendered."""

    uuid: str
    type: str
    day: date
    at: time
    modified: datetime
    deleted: bool
    school: str
    seed: int
    changes: dict[str, str | None] | None = None

    @property
    def order(self) -> tuple[date, time, str]:
        """Sort key of the incident's own moment; the uuid breaks ties."""
        return (self.day, self.at, self.uuid)

    def head(self) -> dict[str, str | bool]:
        """The row for people and scripts, in values JSON can say."""
        return {
            "uuid": self.uuid,
            "type": self.type,
            "date": self.day.isoformat(),
            "last-modified": self.modified.isoformat(),
            "deleted": self.deleted,
            "school": self.school,
        }


def seeded(*parts: object) -> Random:
    """A random source that depends on these parts only, on every machine and Python."""
    text = "\x1f".join(str(part) for part in parts)
    return Random(int.from_bytes(sha256(text.encode()).digest()[:8], "big"))


def school_year_start(day: date) -> date:
    """The July 1 on or before `day`."""
    return date(day.year if day.month >= 7 else day.year - 1, 7, 1)


def school_days(today: date) -> list[date]:
    """Weekdays outside the summer break, from the previous school year's start to today."""
    start = school_year_start(school_year_start(today) - timedelta(days=1))
    days = (start + timedelta(days=n) for n in range((today - start).days + 1))
    return [day for day in days if day.weekday() < 5 and not (6, 15) <= (day.month, day.day) < (8, 15)]


def moment_of_day(number: float) -> time:
    """A school-day time, 07:30 to 15:29, from a number in [0, 1)."""
    minute = 450 + int(number * 480)
    return time(minute // 60, minute % 60)


def closing(today: date) -> datetime:
    """The last moment the invented past may reach; edits made while running are later."""
    return datetime.combine(today, time(15, 59))


def new_row(rng: Random, day: date, kind: str | None = None) -> Row:
    """Invent a row for a day; the type by its usual share if none is given."""
    digits = f"{rng.getrandbits(128):032x}"
    number = rng.random()
    when = moment_of_day(rng.random())
    return Row(
        uuid=f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}",
        type=kind or next(name for name, share in zip(TYPES, _TYPE_SHARES, strict=True) if number < share),
        day=day,
        at=when,
        modified=datetime.combine(day, when) + timedelta(seconds=int(rng.random() ** 3 * 1_728_000)),
        deleted=rng.random() < _DELETED_SHARE,
        school=SCHOOLS[int(rng.random() * len(SCHOOLS))][0],
        seed=rng.getrandbits(48),
    )


def invent_rows(rng: Random, size: int, today: date) -> list[Row]:
    """`size` rows spread evenly over two school years up to today, newest first."""
    days = school_days(today)
    latest = closing(today)
    rows = [new_row(rng, days[int(rng.random() * len(days))]) for _ in range(size)]
    for row in rows:
        row.modified = min(row.modified, latest)
    rows.sort(key=lambda row: row.order, reverse=True)
    return rows
