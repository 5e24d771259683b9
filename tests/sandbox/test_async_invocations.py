"""Asynchronous events: how often they are tried, when, under which id, and where they end. Time is the test's own."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.async_invocations import AsyncInvocations, DeadLetter
from sandbox.background import Asynchronous
from sandbox.outcome import Answer, Failure, FailureKind, Outcome
from tests.sandbox import toy

DONE = Answer(b"{}")
RAISED = Failure(FailureKind.FUNCTION, "KeyError", "first")
RAISED_AGAIN = Failure(FailureKind.FUNCTION, "KeyError", "again")
THROTTLED = Failure(FailureKind.UNAVAILABLE, "TooManyRequestsException", "Rate Exceeded.")


@dataclass
class Scripted:
    """A runtime with an outcome for each attempt, `takes` seconds of the test's time after its start."""

    outcomes: list[Outcome]
    takes: float = 0.0
    now: float = 0.0
    attempts: list[tuple[float, bytes, str | None]] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)

    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        self.attempts.append((self.now, event, request_id))
        self.now += self.takes
        return self.outcomes[len(self.attempts) - 1]

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def leave(self, letter: DeadLetter) -> None:
        self.letters.append(letter)

    def events(self) -> AsyncInvocations:
        return AsyncInvocations({"Trouble": self}, self.leave, lambda: self.now, self.sleep)


@pytest.mark.parametrize(
    ("outcomes", "policy", "takes", "starts", "why"),
    [
        pytest.param([DONE], {}, 0, [0], None, id="answered"),
        pytest.param([RAISED, DONE], {}, 0, [0, 1], None, id="answered the second time"),
        pytest.param([THROTTLED, RAISED, DONE], {}, 0, [0, 1, 3], None, id="answered the third time"),
        pytest.param([RAISED, RAISED, RAISED_AGAIN], {}, 0, [0, 1, 3], RAISED_AGAIN, id="never answered"),
        pytest.param([RAISED], {"retries": 0}, 0, [0], RAISED, id="never tried again"),
        pytest.param([RAISED, DONE], {"oldest": 61.0}, 60, [0, 61], None, id="just young enough"),
        pytest.param([RAISED], {"oldest": 60.9}, 60, [0], RAISED, id="too old to be tried again"),
    ],
)
def test_an_event_is_tried_again_while_it_is_of_use(
    outcomes: list[Outcome], policy: dict[str, Any], takes: float, starts: list[float], why: Failure | None
) -> None:
    function = toy.function("trouble", asynchronous=Asynchronous(**{"dead_letters": "letters", **policy}))
    script = Scripted(outcomes, takes)

    async def scenario() -> str | None:
        events = script.events()
        taken = events.take(function, b'{"n":1}')
        assert script.attempts == [], "taken before anything runs"
        await events.close(10)
        return taken

    request_id = asyncio.run(scenario())
    assert request_id
    assert script.attempts == [(start, b'{"n":1}', request_id) for start in starts]
    left = [] if why is None else [DeadLetter("letters", request_id, b'{"n":1}', why)]
    assert script.letters == left


def test_without_a_queue_what_is_given_up_is_gone() -> None:
    script = Scripted([RAISED] * 3)

    async def scenario() -> None:
        events = script.events()
        events.take(toy.function("trouble"), b"{}")
        await events.close(10)

    asyncio.run(scenario())
    assert (len(script.attempts), script.letters) == (3, [])


class Held:
    """A runtime that answers when it is released."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.started = asyncio.Event()

    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        self.started.set()
        await self.released.wait()
        return DONE


async def no_letter(letter: DeadLetter) -> None:
    raise AssertionError(letter)


def with_held(scenario: Callable[[Held, AsyncInvocations], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        held = Held()
        await scenario(held, AsyncInvocations({"Trouble": held}, no_letter))

    asyncio.run(run())


def test_at_the_end_what_runs_is_waited_for_and_nothing_more_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario(held: Held, events: AsyncInvocations) -> None:
        function = toy.function("trouble")
        assert events.take(function, b"{}")
        await held.started.wait()
        closing = asyncio.create_task(events.close(60))
        for _ in range(10):
            await asyncio.sleep(0)
        assert events.take(function, b"{}") is None
        assert not closing.done()
        held.released.set()
        await closing

    with_held(scenario)
    assert capsys.readouterr().out == ""


def test_what_does_not_end_in_time_is_dropped_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario(held: Held, events: AsyncInvocations) -> None:
        events.take(toy.function("trouble"), b"{}")
        await held.started.wait()
        await events.close(0.01)

    with_held(scenario)
    assert capsys.readouterr().out == "sandbox: asynchronous events that were not done: 1\n"


def test_more_than_a_thousand_at_once_are_too_many() -> None:
    async def scenario(held: Held, events: AsyncInvocations) -> None:
        function = toy.function("trouble")
        taken = [events.take(function, b"{}") for _ in range(1_001)]
        assert (len(set(taken)), taken[-1]) == (1_001, None)
        held.released.set()
        await events.close(60)

    with_held(scenario)
