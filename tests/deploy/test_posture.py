"""What a deployment is, asserted on the CloudFormation that the template becomes."""

import tomllib

import pytest

from tests.deploy import (
    posture_access,
    posture_alarms,
    posture_archive,
    posture_background,
    posture_data,
    posture_front,
    posture_keys,
    posture_ledger,
    posture_sight,
    posture_switches,
    posture_words,
    toolchain,
)
from tests.deploy.deployed import Deployed, Rule

RULES = (
    *posture_access.RULES,
    *posture_alarms.RULES,
    *posture_archive.RULES,
    *posture_background.RULES,
    *posture_data.RULES,
    *posture_front.RULES,
    *posture_keys.RULES,
    *posture_ledger.RULES,
    *posture_sight.RULES,
    *posture_switches.RULES,
    *posture_words.RULES,
)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_posture(rule: Rule, deployed: Deployed) -> None:
    assert list(rule.check(deployed)) == []


def test_g_26_samconfig_holds_no_answer_of_a_deployment() -> None:
    config = tomllib.loads((toolchain.ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    keys = {key for command in config["default"].values() for key in command["parameters"]}
    assert keys == {
        "stack_name", "lint", "parallel", "capabilities", "resolve_s3", "s3_prefix", "confirm_changeset",
        "fail_on_empty_changeset",
    }  # fmt: skip


def test_the_template_says_the_version_of_the_project(deployed: Deployed) -> None:
    project = tomllib.loads((toolchain.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for function in deployed.of("AWS::Lambda::Function").values():
        assert function["Environment"]["Variables"]["HALLPASS_VERSION"] == project["version"]


def test_sam_validates_and_lints_the_template() -> None:
    toolchain.require_sam()
    printed = toolchain.run([toolchain.SAM_BIN / "sam", "validate", "--lint"], toolchain.sam_environment())
    assert "is a valid SAM Template" in printed
