"""The posture rules are not vacuous: whatever is dropped or opened, one of them says so."""

import pytest

from tests.deploy import mutants
from tests.deploy.deployed import Deployed
from tests.deploy.test_posture import RULES
from tests.deploy.worse import WORSE, Change
from tests.deploy.worse_sight import WORSE_SIGHT


def noticed(deployed: Deployed) -> list[str]:
    """What the rules say about a template."""
    return [f"{rule}: {finding}" for rule in RULES for finding in rule.check(deployed)]


@pytest.fixture(scope="module")
def unnoticed(deployed: Deployed) -> list[str]:
    """What no rule says is lacking."""
    found, rules = [], list(RULES)
    for resource in deployed.resources:
        for lacking, spoilt in mutants.drops(deployed, resource):
            noticing = next((rule for rule in rules if any(rule.check(spoilt))), None)
            if noticing is None:
                found.append(lacking)
            else:
                # Asked first from now on: it notices the neighbours too. Whether one does hangs on no order.
                rules.remove(noticing)
                rules.insert(0, noticing)
    return found


def test_every_dropped_property_is_noticed_or_harmless(unnoticed: list[str]) -> None:
    assert [lacking for lacking in unnoticed if not mutants.harmless(lacking)] == []


def test_harmless_is_not_a_word_for_what_rules_watch(unnoticed: list[str]) -> None:
    needed = {word for lacking in unnoticed for word in mutants.HARMLESS if mutants.harmless_by(lacking, word)}
    assert needed == set(mutants.HARMLESS)


@pytest.mark.parametrize("change", [*WORSE.values(), *WORSE_SIGHT.values()], ids=[*WORSE, *WORSE_SIGHT])
def test_noticed_when(change: Change, deployed: Deployed) -> None:
    assert noticed(mutants.spoilt(deployed, change)) != []
