"""The posture rules are not vacuous: whatever is dropped or opened, one of them says so."""

import pytest

from tests.deploy import mutants
from tests.deploy.deployed import Deployed
from tests.deploy.test_posture import RULES
from tests.deploy.worse import WORSE, Change


def noticed(deployed: Deployed) -> list[str]:
    """What the rules say about a template."""
    return [f"{rule}: {finding}" for rule in RULES for finding in rule.check(deployed)]


def test_every_dropped_property_is_noticed_or_harmless(deployed: Deployed) -> None:
    unnoticed = [
        lacking
        for resource in deployed.resources
        for lacking, spoilt in mutants.drops(deployed, resource)
        if not mutants.harmless(lacking) and not noticed(spoilt)
    ]
    assert unnoticed == []


def test_harmless_is_not_a_word_for_what_rules_watch(deployed: Deployed) -> None:
    needed = {
        word
        for resource in deployed.resources
        for lacking, spoilt in mutants.drops(deployed, resource)
        if not noticed(spoilt)
        for word in mutants.HARMLESS
        if mutants.harmless_by(lacking, word)
    }
    assert needed == set(mutants.HARMLESS)


@pytest.mark.parametrize("change", WORSE.values(), ids=WORSE.keys())
def test_noticed_when(change: Change, deployed: Deployed) -> None:
    assert noticed(mutants.spoilt(deployed, change)) != []
