"""What the doctor checks of a stack's alarms: that they can be raised, and that somebody hears them.

Rule: every alarm of the stack is looked at; one that nobody would hear is as bad as none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from hallpass_cli.stack_checks import listed, named, refuse
from hallpass_cli.stacks import Stack, client

ENOUGH_TIME = timedelta(hours=1)
"""In which an alarm has something to judge by: missing data is no breach, and is data."""
_DEFAULT_KEY = "alias/aws/sns"
_CLOUDWATCH = "cloudwatch.amazonaws.com"
_NEEDED = {"kms:decrypt", "kms:generatedatakey"}
_LET_IN = "Take a key of yours, and let cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey* in its policy."
PAGES = frozenset({
    "VendorApiErrorsAlarm", "AdminApiErrorsAlarm", "PageRefreshErrorsAlarm", "GatewayErrorsAlarm",
    "PageRefreshFailuresAlarm", "UpstreamCredentialAlarm", "PageRefreshCredentialAlarm", "LedgerFailuresAlarm",
    "AdminLedgerFailuresAlarm", "LedgerBrokenAlarm", "AnswersOverPolicyAlarm",
})  # fmt: skip
"""Alarms for any hour. By name, because pages and tickets may go to one topic."""


def alarms(stack: Stack) -> str:
    found = _alarms(stack)
    mute = [name for name, one in found.items() if not (one["ActionsEnabled"] and _topics([one]))]
    refuse(mute, "tell nobody", "Switch their actions on, and give the stack an AlarmTopicArn.")
    return f"all {len(found)} are switched on and tell a topic"


def quiet(stack: Stack) -> str:
    found = _alarms(stack)
    loud = [name for name, one in found.items() if one["StateValue"] == "ALARM"]
    refuse(
        [name for name in loud if name in PAGES], "are in alarm", "See docs/operations.md for the first steps of each."
    )
    blind = [name for name, one in found.items() if _blind(one)]
    refuse(blind, "have had nothing to judge by for an hour", "Is the metric's name right? Is the function used?")
    # A ticket says that somebody has to look, and not that what was deployed does not work.
    return f"no page is on; tickets that are: {', '.join(loud)}" if loud else "none is in alarm"


def _blind(alarm: Mapping[str, Any]) -> bool:
    since: datetime = alarm["StateUpdatedTimestamp"]
    return alarm["StateValue"] == "INSUFFICIENT_DATA" and datetime.now(UTC) - since > ENOUGH_TIME


def targets(stack: Stack) -> str:
    topics = _topics(_alarms(stack).values())
    deaf = [topic for topic in topics if not _confirmed(topic)]
    refuse(deaf or ([] if topics else ["the alarms"]), "have no confirmed subscription", "Subscribe, and confirm.")
    closed = [topic for topic in topics if not _open(_key_of(topic))]
    refuse(closed, "are encrypted with a key that CloudWatch may not use", _LET_IN)
    return f"{len(topics)} topics with confirmed subscriptions"


def _alarms(stack: Stack) -> Mapping[str, Mapping[str, Any]]:
    """By logical id. Raises FailedError for one that is not there."""
    logical = {physical: name for name, physical in named(stack, "AWS::CloudWatch::Alarm")}
    cloudwatch, names = client("cloudwatch"), list(logical)
    found: dict[str, Mapping[str, Any]] = {}
    for begin in range(0, len(names), 100):
        answer = cloudwatch.describe_alarms(AlarmNames=names[begin : begin + 100], MaxRecords=100)
        found |= {logical[one["AlarmName"]]: one for one in answer["MetricAlarms"]}
    refuse(sorted(set(logical.values()) - found.keys()), "are not there", "Deploy the template as it is.")
    return found


def _topics(alarms: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    actions = [action for one in alarms for action in one["AlarmActions"]]
    return sorted({action for action in actions if action.split(":")[2:3] == ["sns"]})


def _confirmed(topic: str) -> bool:
    pages = client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return any(one["SubscriptionArn"].startswith("arn:") for page in pages for one in page["Subscriptions"])


def _key_of(topic: str) -> str | None:
    key: str | None = client("sns").get_topic_attributes(TopicArn=topic)["Attributes"].get("KmsMasterKeyId")
    return key


def _open(key: str | None) -> bool:
    """Whether CloudWatch may use a topic's key: its policy has to say so, and AWS's own key for SNS does not."""
    if key is None:
        return True
    if key.endswith(_DEFAULT_KEY):
        return False
    kms = client("kms")
    about = kms.describe_key(KeyId=key)["KeyMetadata"]
    policy = json.loads(kms.get_key_policy(KeyId=about["KeyId"], PolicyName="default")["Policy"])
    allowed = [action for one in policy["Statement"] if _of_cloudwatch(one) for action in listed(one.get("Action"))]
    return about["KeyManager"] == "CUSTOMER" and all(
        any(fnmatchcase(need, one.lower()) for one in allowed) for need in _NEEDED
    )


def _of_cloudwatch(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = listed(principal.get("Service")) if isinstance(principal, Mapping) else []
    return statement.get("Effect") == "Allow" and _CLOUDWATCH in services
