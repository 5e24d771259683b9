"""Posture: what runs when nobody waits. How page_refresh is invoked, tried again, given up and found again; how
ledger_index is started.

The rule: one thing may go wrong without anybody seeing it, a run of a schedule that could not start; the next makes up
for it. What others ask of page_refresh is tried again, and what is given up waits, closed, until somebody has looked.
Of ledger_index nobody asks anything: each run does all that is not done yet, so a failed one leaves nothing to keep.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text

BACKGROUND, DEAD_LETTERS, INDEX = "PageRefreshFunction", "PageRefreshFailures", "LedgerIndexFunction"
TIMEOUT = 300
TRIED_AGAIN = {
    BACKGROUND: {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300},
    INDEX: {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
}
QUEUE = {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 3600}
NOT_HELD_UP = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
SWITCH = {"Fn::If": ["Warms", "ENABLED", "DISABLED"]}
# What it starts, with what, and when. What keeps the record complete, and what alarms count, has no switch.
SCHEDULES: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "PageRefreshFunctionWarm": (
        BACKGROUND, '{"action":"warm"}', {"ScheduleExpression": {"Ref": "WarmEvery"}, "State": SWITCH},
    ),
    "LedgerIndexFunctionIndex": (INDEX, '{"action":"index"}', {"ScheduleExpression": "rate(1 minute)"}),
    "LedgerIndexFunctionFileAgain": (INDEX, '{"action":"file-again"}', {"ScheduleExpression": "rate(1 day)"}),
    "LedgerIndexFunctionCountGrants": (INDEX, '{"action":"count-grants"}', {"ScheduleExpression": "rate(1 hour)"}),
}  # fmt: skip
WARMS = {"Fn::Not": [{"Fn::Equals": [{"Ref": "WarmCallsPerDistrict"}, 0]}]}


def tried_again(deployed: Deployed) -> Iterator[str]:
    configs = list(deployed.of("AWS::Lambda::EventInvokeConfig").values())
    told = {deployed.target(config.get("FunctionName")): config for config in configs}
    if set(told) != set(TRIED_AGAIN) or len(configs) != len(TRIED_AGAIN):
        yield f"told how to be tried again are {sorted(map(str, told))}"
    for function, attempts in TRIED_AGAIN.items():
        wanted = {"FunctionName": {"Ref": function}, "Qualifier": "$LATEST", **attempts, "DestinationConfig": {}}
        if told.get(function) != wanted:
            yield f"asynchronous events of {function} are treated by {text(told.get(function))}"


def given_up_and_kept(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        letters = at(function, "DeadLetterConfig")
        wanted = {"TargetArn": {"Fn::GetAtt": [DEAD_LETTERS, "Arn"]}} if name == BACKGROUND else None
        if letters != wanted:
            yield f"{name} leaves dead letters in {text(letters)}"
        if at(function, "RecursiveLoop") != ("Terminate" if name == BACKGROUND else None):
            yield f"{name} may go round in circles, or is not the one that can"


def dead_letters_closed(deployed: Deployed) -> Iterator[str]:
    queues = deployed.of("AWS::SQS::Queue")
    if set(queues) != {DEAD_LETTERS}:
        yield f"queues are {sorted(queues)}"
    for name, queue in queues.items():
        if queue != QUEUE:
            yield f"{name} is open, soon empty, or has a setting unlooked-at: {text(queue)}"
        fate = {at(deployed.resources[name], policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")}
        if fate != {"Delete"}:
            yield f"{name} stays without the function that fills it"


def started_by_the_clock(deployed: Deployed) -> Iterator[str]:
    rules = deployed.of("AWS::Events::Rule")
    if set(rules) != set(SCHEDULES):
        yield f"schedules are {sorted(rules)}"
    for name, (function, sent, when) in SCHEDULES.items():
        rule = rules.get(name, {})
        if {word: value for word, value in rule.items() if word != "Targets"} != when:
            yield f"{name} runs at another time, or has settings unlooked-at: {text(rule)}"
        targets = [{**target, "Id": bool(target.get("Id"))} for target in listed(rule.get("Targets"))]
        start = {"Arn": {"Fn::GetAtt": [function, "Arn"]}, "Input": sent, "RetryPolicy": NOT_HELD_UP}
        if targets != [{**start, "Id": True}]:
            yield f"{name} starts {text(targets)}"
    if at(deployed.template, "Conditions", "Warms") != WARMS:
        yield "a budget of no calls does not switch the schedule off"


def a_schedule_that_is_one(deployed: Deployed) -> Iterator[str]:
    every, calls = at(deployed.parameters, "WarmEvery"), at(deployed.parameters, "WarmCallsPerDistrict")
    if not str(at(every, "AllowedPattern")).startswith("^rate\\(") or not at(every, "Default"):
        yield "the schedule may be anything"
    if at(calls, "MinValue") != 0 or not isinstance(at(calls, "Default"), int):
        yield "the budget of the schedule has no least or no default"


RULES = (
    Rule("G-28", "asynchronous events are tried again while they are of use, and no longer", tried_again),
    Rule("G-28", "the background keeps what it gave up, and cannot go round in circles", given_up_and_kept),
    Rule("G-28", "dead letters are encrypted and kept two weeks", dead_letters_closed),
    Rule("G-28", "schedules start what they are for, and nothing else", started_by_the_clock),
    Rule("G-28", "the schedule has a rate and a budget", a_schedule_that_is_one),
)
