"""The one retry: which rows have it, how long is waited, and never beyond the budget."""

from __future__ import annotations

import pytest
from hallpass.adapters.requests_upstream import JITTER_SECONDS, Jitter
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamBusyError, UpstreamFailedError, UpstreamTimeoutError

from sandbox.simulator import RunningSimulator
from tests.upstream.asking import MakeUpstream, ask, refusal
from tests.upstream.raw_server import PAGE, Conversation, raw_server, whole

RETRIED = ["reset-before", "reset-mid-body", "fin-before", "500", "502", "503", "504"]


@pytest.mark.parametrize("fault", RETRIED)
def test_a_fault_that_passes_is_not_seen_by_the_caller(
    fault: str, simulator: RunningSimulator, make_upstream: MakeUpstream
) -> None:
    simulator.control.recording.clear()
    simulator.control.fault(fault, times=1)
    answer = ask(make_upstream(simulator.url), credential=Secret(simulator.token))
    assert answer.attempts == len(simulator.requests) == 2
    assert answer.body.startswith(b"<?xml")


@pytest.mark.parametrize(
    ("drawn", "waited"), [(0.0, 0.0), (0.5, 0.5 * JITTER_SECONDS), (0.999, 0.999 * JITTER_SECONDS)]
)
def test_the_wait_is_drawn_from_the_whole_jitter(
    drawn: float, waited: float, simulator: RunningSimulator, make_upstream: MakeUpstream
) -> None:
    waits: list[float] = []
    simulator.control.fault("503", times=1, retry_after="3600")
    ask(
        make_upstream(simulator.url, jitter=Jitter(lambda: drawn, waits.append)),
        credential=Secret(simulator.token),
    )
    assert waits == [waited]


def test_a_429_is_answered_without_a_wait(simulator: RunningSimulator, make_upstream: MakeUpstream) -> None:
    waits: list[float] = []
    simulator.control.fault("429", times=1, retry_after="3")
    upstream = make_upstream(simulator.url, jitter=Jitter(lambda: 0.0, waits.append))
    assert isinstance(refusal(upstream, credential=Secret(simulator.token)), UpstreamBusyError)
    assert waits == []


def test_a_wait_longer_than_the_budget_is_no_wait_and_no_retry(
    simulator: RunningSimulator, make_upstream: MakeUpstream
) -> None:
    waits: list[float] = []
    simulator.control.fault("503", times=1)
    upstream = make_upstream(simulator.url, jitter=Jitter(lambda: 1e6, waits.append))
    error = refusal(upstream, credential=Secret(simulator.token))
    assert (type(error), error.attempts, waits) == (UpstreamFailedError, 1, [])


def test_the_retry_has_only_what_is_left_of_the_budget(make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        if talk.number == 1:
            talk.say(whole(b"", status="500 No"))
        talk.await_goodbye()

    with raw_server(script) as server:
        error = refusal(make_upstream(server.url), seconds=0.3)
        assert (type(error), error.attempts) == (UpstreamTimeoutError, 2)
        assert server.saw_goodbye()
        assert server.saw_goodbye()


def test_what_the_retry_ends_in_is_told(make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(whole(b"", status="503 Busy" if talk.number == 1 else "401 Unauthorized"))

    with raw_server(script) as server:
        error = refusal(make_upstream(server.url))
        assert (error.slug, error.upstream_status, error.attempts) == ("upstream-credentials", 401, 2)
        assert error.ms >= 0


def test_the_time_is_told_in_whole_milliseconds(make_upstream: MakeUpstream) -> None:
    with raw_server(lambda talk: talk.say(whole() if talk.hear() else b"")) as server:
        answer = ask(make_upstream(server.url))
        assert (answer.body, type(answer.ms)) == (PAGE, int)
