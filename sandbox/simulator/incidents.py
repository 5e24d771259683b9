"""The expensive half of an incident: its whole document, invented from the row's own seed.

The rule: every element and attribute the upstream documents, in document order, and nothing else;
what is absent, older or undocumented is done to the finished tree by `shape.py`.
"""

from datetime import datetime, time, timedelta
from random import Random

from sandbox.simulator import vocabulary as words
from sandbox.simulator.people import People
from sandbox.simulator.rows import Row
from sandbox.simulator.tree import Node, counted

_SCHOOL_NAMES = dict(words.SCHOOLS)


def coded(name: str, code: str, text: str) -> Node:
    """An element with a code attribute and its label."""
    return Node(name, text, code=code)


def pick(rng: Random, name: str, choices: words.Coded) -> Node:
    """One of the coded choices as an element of that name."""
    code, text = choices[int(rng.random() * len(choices))]
    return coded(name, code, text)


def picks(rng: Random, name: str, choices: words.Coded, most: int) -> list[Node]:
    """One to `most` coded choices."""
    return [pick(rng, name, choices) for _ in range(1 + int(rng.random() * most))]


def invent(row: Row, people: People, attribute_children: bool) -> Node:
    """The incident's tree. Same row, people and choice = same tree."""
    rng = Random(row.seed)
    node = Node("incident", uuid=row.uuid, type=row.type, last_modified=row.modified)
    if rng.random() < 0.05:
        node.attributes["bounced"] = 1 + int(rng.random() * 3)
    if row.deleted:
        node.attributes["deleted"] = 1
    happened = datetime.combine(row.day, row.at)
    node.add(
        Node("date", row.day),
        Node("time", row.at),
        _staff_member("written-by", rng, people, happened + timedelta(minutes=int(rng.random() * 240))),
        coded("school", row.school, _SCHOOL_NAMES.get(row.school, f"School {row.school}")),
        pick(rng, "location", words.LOCATIONS),
        pick(rng, "subject", words.SUBJECTS),
        pick(rng, "arrangement", words.ARRANGEMENTS),
        pick(rng, "offense", words.OFFENSES),
        Node("description", _description(rng)),
        _attributes(rng, attribute_children),
        counted(
            "offenders",
            [_offender(rng, people, happened, attribute_children) for _ in range(_group_size(rng))],
        ),
    )
    if rng.random() < 0.35:
        victims = [_victim(rng, people, attribute_children) for _ in range(_group_size(rng))]
        node.add(counted("victims", victims))
    return node


def _group_size(rng: Random) -> int:
    """Mostly one person, sometimes two, seldom three."""
    return 1 + (rng.random() < 0.15) + (rng.random() < 0.04)


def _description(rng: Random) -> str:
    """Sentences around nonsense, with the line ends and tabs real people paste."""
    first, last = (words.SENTENCES[int(rng.random() * len(words.SENTENCES))] for _ in range(2))
    nonsense = " ".join(rng.choices(words.NONSENSE, k=20 + int(rng.random() * 160)))
    return f"{first}{words.BREAKS[int(rng.random() * len(words.BREAKS))]}{nonsense}.\n{last}"


def _staff_member(name: str, rng: Random, people: People, when: datetime) -> Node:
    staff_id, full_name = people.staff(int(rng.random() * people.staff_count))
    return Node(name, full_name, datetime=when, district_id=staff_id)


def _attributes(rng: Random, with_children: bool) -> Node:
    """A bag whose children the upstream does not document: here `attribute` elements with a name."""
    count = int(rng.random() * 3)
    if not with_children:
        return Node("attributes", count=count)
    names = words.ATTRIBUTE_NAMES
    children = [Node("attribute", "true", name=names[int(rng.random() * len(names))]) for _ in range(count)]
    return counted("attributes", children)


def _offender(rng: Random, people: People, happened: datetime, attribute_children: bool) -> Node:
    weapons = picks(rng, "weapon", words.WEAPONS, 1) if rng.random() < 0.04 else []
    actions = [_action(rng, people, happened, attribute_children) for _ in range(1 + (rng.random() < 0.25))]
    return Node("offender").add(
        people.student(int(rng.random() * people.student_count)),
        pick(rng, "injury", words.INJURIES),
        counted("offenses", picks(rng, "offense", words.OFFENSES, 2)),
        counted("weapons", weapons),
        counted("actions", actions),
    )


def _victim(rng: Random, people: People, attribute_children: bool) -> Node:
    person: Node
    if rng.random() < 0.2:
        staff_id, full_name = people.staff(int(rng.random() * people.staff_count))
        person = Node("employee", full_name, district_id=staff_id)
    else:
        person = people.student(int(rng.random() * people.student_count))
    return Node("victim").add(person, pick(rng, "injury", words.INJURIES), _attributes(rng, attribute_children))


def _action(rng: Random, people: People, happened: datetime, attribute_children: bool) -> Node:
    code, name = words.ACTIONS[int(rng.random() * len(words.ACTIONS))]
    events = [_event(happened, day, rng.random() < 0.7) for day in range(int(rng.random() * 4))]
    return Node("action", code=code, cost=rng.random() < 0.1).add(
        Node("name", name),
        Node("duration", max(1, len(events)) / 2, day_length=420),
        counted("schedule", events),
        Node("details", words.DETAILS[int(rng.random() * len(words.DETAILS))]),
        _attributes(rng, attribute_children),
        _staff_member("assigned-by", rng, people, happened + timedelta(days=1)),
    )


def _event(happened: datetime, day: int, served: bool) -> Node:
    return Node("event").add(
        Node("date", (happened + timedelta(days=day + 1)).date()),
        Node("start", time(14, 30)),
        Node("end", time(15, 30)),
        Node("served", served),
    )
