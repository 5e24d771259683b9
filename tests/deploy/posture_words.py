"""Posture: words. Environment, parameters, outputs, rules that are deliberately not followed.

The rule: no value that is written down is a secret.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text
from tests.deploy.posture_switches import OFF

SHARED = {
    "REGISTRY_TABLE": {"Ref": "RegistryTable"},
    "PAGES_TABLE": {"Ref": "PagesTable"},
    "USAGE_TABLE": {"Ref": "UsageTable"},
    "SECRET_PREFIX": {"Fn::Sub": "${AWS::StackName}/districts"},
    "UPSTREAM_URL": {"Ref": "UpstreamUrl"},
    "LOG_LEVEL": "INFO",
    "RES_OPTIONS": "timeout:1 attempts:2",
    "POWERTOOLS_METRICS_NAMESPACE": "Hallpass",
}
OF_PAGES = {"PAGES_TABLE", "SECRET_PREFIX", "UPSTREAM_URL"}
IN_FRONT = {
    **SHARED,
    "PUBLIC_BASE_URL": {"Ref": "PublicBaseUrl"},
}
ENVIRONMENT: dict[str, dict[str, Any]] = {
    "VendorApiFunction": {
        **IN_FRONT,
        "LEDGER_TABLE": {"Ref": "LedgerTable"},
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-vendor-api"},
        "PAGE_REFRESH_FUNCTION": {"Ref": "PageRefreshFunction"},
        "REPRESENTATION_MEMORY_BYTES": 67_108_864,
    },
    "AdminApiFunction": {
        **IN_FRONT,
        "LEDGER_TABLE": {"Ref": "LedgerTable"},
        "DISCLOSURE_INDEX_TABLE": {"Ref": "DisclosureIndexTable"},
        "LEDGER_KEY_ID": {"Ref": "LedgerKey"},
        "SESSIONS_TABLE": {"Ref": "SessionsTable"},
        "PAGE_REFRESH_FUNCTION": {"Ref": "PageRefreshFunction"},
        "WARM_CALLS_PER_DISTRICT": {"Ref": "WarmCallsPerDistrict"},
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-admin-api"},
        "SECRETS_KEY_ID": {"Ref": "SecretsKey"},
        "PSEUDONYMS_KEY_ID": {"Ref": "PseudonymsKey"},
    },
    "PageRefreshFunction": {
        **SHARED,
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-page-refresh"},
        "WARM_CALLS_PER_DISTRICT": {"Ref": "WarmCallsPerDistrict"},
    },
    # Neither pages nor the upstream: it sees what is in the ledger and nothing else of an answer.
    "LedgerIndexFunction": {
        **{name: value for name, value in SHARED.items() if name not in OF_PAGES},
        "LEDGER_TABLE": {"Ref": "LedgerTable"},
        "DISCLOSURE_INDEX_TABLE": {"Ref": "DisclosureIndexTable"},
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-ledger-index"},
    },
}  # fmt: skip
NOT_FOLLOWED = {"CKV_AWS_18", "CKV_AWS_28", "CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_173"}
SECRET_WORDS = re.compile(r"(?i)token|secret|password|credential|private|api_?key")
PARAMETERS = {
    "UpstreamUrl", "PublicBaseUrl", "AlarmTopicArn", "LogRetentionDays", "ThrottleRate", "ThrottleBurst",
    "AdminThrottleRate", "AdminThrottleBurst",
    "ReservedConcurrency", "Architecture", "WarmCallsPerDistrict", "WarmEvery", "TicketTopicArn",
    "DenialBurst", "LedgerArchive", "LedgerArchiveDays",
}  # fmt: skip


def environment_of_names(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        given = dict(at(function, "Environment", "Variables") or {})
        variables = {variable: value for variable, value in given.items() if variable not in OFF}
        if not re.fullmatch(r"\d+\.\d+\.\d+", str(variables.pop("HALLPASS_VERSION", ""))):
            yield f"{name} does not know its version"
        agreed = ENVIRONMENT.get(name, {})
        for variable in sorted(variables.keys() | agreed.keys()):
            if variables.get(variable) != agreed.get(variable):
                yield f"{name}: {variable} is {text(variables.get(variable))}"


def parameters_without_secrets(deployed: Deployed) -> Iterator[str]:
    if set(deployed.parameters) != PARAMETERS:
        yield f"parameters are {sorted(deployed.parameters)}"
    for name, parameter in deployed.parameters.items():
        if SECRET_WORDS.search(name) and parameter.get("NoEcho") is not True:
            yield f"{name} would be shown to whoever may describe the stack"
    for name in ("UpstreamUrl", "PublicBaseUrl"):
        if not at(deployed.parameters, name, "AllowedPattern"):
            yield f"{name} takes anything"


def nothing_secret_written_down(deployed: Deployed) -> Iterator[str]:
    written = text(deployed.template)
    if re.search(r"(?<!\d)\d{12}(?!\d)", written):
        yield "an account id is written down"
    if re.search(r"hp_(live|admin|test)_|AKIA|BEGIN [A-Z ]*PRIVATE", written):
        yield "a credential is written down"
    for name, output in dict(deployed.template.get("Outputs", {})).items():
        if "Secret" in text(at(output, "Value")).replace("AWS::StackName", ""):
            yield f"the output {name} speaks of a secret"


def reasons_for_what_is_not_followed(deployed: Deployed) -> Iterator[str]:
    for name, resource in deployed.resources.items():
        for skipped in listed(at(resource, "Metadata", "checkov", "skip")):
            if at(skipped, "id") not in NOT_FOLLOWED:
                yield f"{name} does not follow {at(skipped, 'id')}, which nobody agreed to"
            if len(str(at(skipped, "comment") or "")) < 30:
                yield f"{name} does not say why it does not follow {at(skipped, 'id')}"


RULES = (
    Rule("G-14", "the environment holds names and URLs as agreed, nothing else", environment_of_names),
    Rule("G-26", "no parameter is a secret", parameters_without_secrets),
    Rule("G-18", "no secret, credential or account id is written down", nothing_secret_written_down),
    Rule("G-27", "every scanner rule that is not followed is known and has a reason", reasons_for_what_is_not_followed),
)
