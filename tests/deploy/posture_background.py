"""Posture: what runs when nobody waits. How page_refresh is invoked, tried again, given up and found again.

The rule: one thing may go wrong without anybody seeing it, a run of the schedule that could not start; the next makes
up for it. Everything else is tried again, and what is given up waits, closed, until somebody has looked.
"""

from collections.abc import Iterator

from tests.deploy.deployed import Deployed, Rule, at, listed, text

BACKGROUND, DEAD_LETTERS, SCHEDULE = "PageRefreshFunction", "PageRefreshFailures", "PageRefreshFunctionWarm"
TIMEOUT = 300
TRIED_AGAIN = {
    "FunctionName": {"Ref": BACKGROUND}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 2,
    "MaximumEventAgeInSeconds": 300, "DestinationConfig": {},
}  # fmt: skip
QUEUE = {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 3600}
WARM = {"Arn": {"Fn::GetAtt": [BACKGROUND, "Arn"]}, "Input": '{"action":"warm"}'}
NOT_HELD_UP = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
SWITCH = {"Fn::If": ["Warms", "ENABLED", "DISABLED"]}
WARMS = {"Fn::Not": [{"Fn::Equals": [{"Ref": "WarmCallsPerDistrict"}, 0]}]}


def tried_again(deployed: Deployed) -> Iterator[str]:
    configs = list(deployed.of("AWS::Lambda::EventInvokeConfig").values())
    if len(configs) != 1:
        yield f"{len(configs)} functions are told how to be tried again"
    for config in configs:
        if config != TRIED_AGAIN:
            yield f"asynchronous events are treated by {text(config)}"


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


def warmed_by_the_clock(deployed: Deployed) -> Iterator[str]:
    rules = deployed.of("AWS::Events::Rule")
    if set(rules) != {SCHEDULE}:
        yield f"schedules are {sorted(rules)}"
    for name, rule in rules.items():
        if rule.keys() != {"ScheduleExpression", "State", "Targets"}:
            yield f"{name} has settings unlooked-at: {sorted(rule)}"
        if rule.get("ScheduleExpression") != {"Ref": "WarmEvery"} or rule.get("State") != SWITCH:
            yield f"{name} runs {text(rule.get('ScheduleExpression'))}, {text(rule.get('State'))}"
        targets = [{**target, "Id": bool(target.get("Id"))} for target in listed(rule.get("Targets"))]
        if targets != [{**WARM, "Id": True, "RetryPolicy": NOT_HELD_UP}]:
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
    Rule("G-28", "asynchronous events are tried twice more, while they are of use", tried_again),
    Rule("G-28", "the background keeps what it gave up, and cannot go round in circles", given_up_and_kept),
    Rule("G-28", "dead letters are encrypted and kept two weeks", dead_letters_closed),
    Rule("G-28", "the schedule starts the background to warm, and nothing else", warmed_by_the_clock),
    Rule("G-28", "the schedule has a rate and a budget", a_schedule_that_is_one),
)
