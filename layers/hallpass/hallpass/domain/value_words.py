"""What each value of a record is called in a sentence, and sentences about what one scope adds to another.

Rule: a number stands beside whom it counts; a person without a number is an entry, and is not called a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hallpass.domain.facets import Bearer, Facet
from hallpass.domain.schema import Treatment
from hallpass.domain.showing import Change

_STUDENT = {
    "student/@district-id": "number",
    "student/name": "name",
    "student/grade": "grade",
    "student/gender": "gender",
    "student/race": "race",
    "student/ethnicity": "ethnicity",
    "student/iep": "IEP",
    "student/plan": "plan",
    "student/ell": "English learner status",
    "student/homeless": "homelessness",
    "student/foster": "foster care",
    "student/frpl": "free or reduced-price meals",
    "injury": "injury",
    "injury/@code": "injury code",
}
_ACTION = {
    "@code": "action code",
    "@cost": "whether the action costs",
    "name": "action",
    "duration": "duration of the action",
    "duration/@day-length": "length of a day of the action",
    "schedule/event/date": "day of the schedule",
    "schedule/event/start": "start in the schedule",
    "schedule/event/end": "end in the schedule",
    "schedule/event/served": "whether it was served",
    "details": "details of the action",
    "attributes/@count": "number of the action's extra attributes",
    "assigned-by": "name of who assigned it",
    "assigned-by/@datetime": "time of assigning",
    "assigned-by/@district-id": "number of who assigned it",
}
_CODED = ("school", "location", "subject", "arrangement", "offense")
_INCIDENT = {
    "@uuid": "incident id",
    "@type": "type",
    "@last-modified": "time of the last change",
    "@bounced": "whether it was bounced",
    "@deleted": "whether it is deleted",
    "date": "date",
    "time": "time of day",
    "written-by": "name of who wrote it",
    "written-by/@datetime": "time of writing",
    "written-by/@district-id": "number of who wrote it",
    **{name: f"{name} name" for name in _CODED},
    **{f"{name}/@code": f"{name} code" for name in _CODED},
    "description": "description",
    "attributes/@count": "number of extra attributes",
    "offenders/offender/offenses/offense": "student's offense",
    "offenders/offender/offenses/offense/@code": "student's offense code",
    "offenders/offender/weapons/weapon": "student's weapon",
    "offenders/offender/weapons/weapon/@code": "student's weapon code",
    "victims/victim": "presence of a victim",
    "victims/victim/employee": "name of an employee who is a victim",
    "victims/victim/employee/@district-id": "number of an employee who is a victim",
    "victims/victim/attributes/@count": "number of a victim's extra attributes",
    **{f"offenders/offender/{path}": f"student {words}" for path, words in _STUDENT.items()},
    **{f"victims/victim/{path}": f"victim {words}" for path, words in _STUDENT.items()},
    **{f"offenders/offender/actions/action/{path}": words for path, words in _ACTION.items()},
}
VALUES: Mapping[str, str] = MappingProxyType({f"incident/{path}": words for path, words in _INCIDENT.items()})
"""By path, for every value that is documented."""
_COUNTED = {
    Bearer.INCIDENT: ("incident", "incidents"),
    Bearer.STUDENT: ("student", "students"),
    Bearer.UNNUMBERED: ("student's entry without a number", "students' entries without a number"),
    Bearer.STAFF: ("employee", "employees"),
    Bearer.UNNUMBERED_STAFF: ("employee's entry without a number", "employees' entries without a number"),
}


def value_words(facet: Facet) -> str:
    words = VALUES[facet.path]
    if facet.treatment is Treatment.PSEUDONYM:
        return f"{words} as a pseudonym"
    return words.replace("time of", "day of") if facet.treatment is Treatment.DAY else words


def change_words(change: Change) -> str:
    """`Adds student grade, gender and race for 1,240 students.`"""
    told = ", ".join(_number(change.counts[bearer], bearer) for bearer in Bearer if change.counts.get(bearer))
    return f"{_verb(change.adds)} {_listed([value_words(facet) for facet in change.facets])} for {told}."


def rows_words(added: int, removed: int) -> Sequence[str]:
    """Of incidents that come and go."""
    said = [(True, added), (False, removed)]
    return [f"{_verb(adds)} {_number(count, Bearer.INCIDENT)}." for adds, count in said if count]


def _verb(adds: bool) -> str:
    return "Adds" if adds else "Removes"


def _number(count: int, bearer: Bearer) -> str:
    one, many = _COUNTED[bearer]
    return f"{count:,} {one if count == 1 else many}"


def _listed(words: Sequence[str]) -> str:
    """`student grade, gender and race`: what all begin with is said once."""
    for stem in ("student ", "victim "):
        if all(each.startswith(stem) for each in words):
            return stem + _listed([each.removeprefix(stem) for each in words])
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
