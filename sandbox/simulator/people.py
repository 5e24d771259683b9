"""The invented students and staff of one account.

The rule: a person is decided by the account's seed and a number, so the same student has the same
name and flags in every incident, and no list of people has to be kept.
"""

from functools import lru_cache
from random import Random

from sandbox.simulator import vocabulary as words
from sandbox.simulator.tree import Node


def full_name(rng: Random, firsts: tuple[str, ...], lasts: tuple[str, ...]) -> str:
    """A first and a last name."""
    return f"{firsts[int(rng.random() * len(firsts))]} {lasts[int(rng.random() * len(lasts))]}"


class People:
    """Students and staff by number. A student's number has seven digits, leading zeros kept."""

    def __init__(self, seed: int, incidents: int) -> None:
        """About one student for every three incidents."""
        self._seed = seed
        self.student_count = max(12, incidents // 3)
        self.staff_count = max(6, incidents // 60)
        self.staff = lru_cache(maxsize=4096)(self._staff)
        self._student_fields = lru_cache(maxsize=8192)(self._invent_student)

    def student(self, number: int) -> Node:
        """A new `student` element (trees are bent after they are made, so none is shared)."""
        district_id, fields = self._student_fields(number)
        return Node("student", district_id=district_id).add(*(Node(name, value) for name, value in fields))

    def _invent_student(self, number: int) -> tuple[str, tuple[tuple[str, str | bool], ...]]:
        rng = Random(self._seed * 1_000_003 + number)
        return f"{(number * 7919 + 1) % 10_000_000:07d}", (
            ("name", full_name(rng, words.FIRST_NAMES, words.LAST_NAMES)),
            ("grade", rng.choice(words.GRADES)),
            ("gender", rng.choice(words.GENDERS)),
            ("race", rng.choice(words.RACES)),
            ("ethnicity", rng.choice(words.ETHNICITIES)),
            ("iep", rng.random() < 0.15),
            ("plan", rng.random() < 0.06),
            ("ell", rng.random() < 0.12),
            ("homeless", rng.random() < 0.03),
            ("foster", rng.random() < 0.02),
            ("frpl", rng.random() < 0.45),
        )

    def _staff(self, number: int) -> tuple[str, str]:
        name = words.STAFF_NAMES[number % len(words.STAFF_NAMES)]
        return f"E{number:05d}", f"{name} {number // len(words.STAFF_NAMES) + 1}"
