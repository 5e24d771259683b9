"""The table of upstream answers as values: statuses, Retry-After, budgets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hallpass.domain.failure import Retry
from hallpass.domain.upstream import (
    DEFAULT_RETRY_AFTER,
    UpstreamAnswer,
    UpstreamBusyError,
    UpstreamCredentialsError,
    UpstreamError,
    UpstreamFailedError,
    UpstreamInvalidError,
    UpstreamRefusedError,
    UpstreamResetError,
    UpstreamTimeoutError,
    UpstreamUnreachableError,
    call_seconds,
    clamp_retry_after,
    judge_status,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (100, UpstreamInvalidError),
        (101, UpstreamInvalidError),
        (199, UpstreamInvalidError),
        (200, None),
        (201, UpstreamInvalidError),
        (204, UpstreamInvalidError),
        (206, UpstreamInvalidError),
        (300, UpstreamInvalidError),
        (301, UpstreamInvalidError),
        (302, UpstreamInvalidError),
        (303, UpstreamInvalidError),
        (304, UpstreamInvalidError),
        (307, UpstreamInvalidError),
        (308, UpstreamInvalidError),
        (399, UpstreamInvalidError),
        (400, UpstreamRefusedError),
        (401, UpstreamCredentialsError),
        (402, UpstreamRefusedError),
        (403, UpstreamCredentialsError),
        (404, UpstreamRefusedError),
        (407, UpstreamRefusedError),
        (410, UpstreamRefusedError),
        (428, UpstreamRefusedError),
        (429, UpstreamBusyError),
        (430, UpstreamRefusedError),
        (499, UpstreamRefusedError),
        (500, UpstreamFailedError),
        (503, UpstreamFailedError),
        (599, UpstreamFailedError),
        (600, UpstreamInvalidError),
        (999, UpstreamInvalidError),
    ],
)
def test_a_status_is_its_row(status: int, error: type[UpstreamError] | None) -> None:
    judged = judge_status(status, None, NOW)
    assert type(judged) is (error or type(None))
    assert judged is None or (judged.upstream_status, judged.attempts, judged.ms) == (status, 0, 0)


@pytest.mark.parametrize(
    ("error", "status", "slug", "stale_allowed", "retried", "retry"),
    [
        (UpstreamUnreachableError, 503, "upstream-unreachable", True, True, Retry.AFTER),
        (UpstreamTimeoutError, 504, "upstream-timeout", True, False, Retry.AFTER),
        (UpstreamInvalidError, 502, "upstream-invalid", True, False, Retry.AFTER),
        (UpstreamResetError, 502, "upstream-invalid", True, True, Retry.AFTER),
        (UpstreamCredentialsError, 502, "upstream-credentials", False, False, Retry.NO),
        (UpstreamBusyError, 503, "upstream-busy", True, False, Retry.AFTER),
        (UpstreamFailedError, 503, "upstream-error", True, True, Retry.AFTER),
        (UpstreamRefusedError, 502, "upstream-refused", False, False, Retry.NO),
    ],
)
def test_a_row_says_what_the_vendor_gets(
    error: type[UpstreamError], status: int, slug: str, stale_allowed: bool, retried: bool, retry: Retry
) -> None:
    assert (error.status, error.slug, error.stale_allowed) == (status, slug, stale_allowed)
    assert (error.retry_upstream, error.retry) == (retried, retry)
    told = dict(error().headers)
    assert told == ({"Retry-After": str(DEFAULT_RETRY_AFTER)} if retry is Retry.AFTER else {})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("1", 1),
        ("0", 1),
        ("300", 300),
        ("301", 300),
        ("3600", 300),
        ("999999999", 300),
        ("9999999999", DEFAULT_RETRY_AFTER),
        ("-1", DEFAULT_RETRY_AFTER),
        ("+3", DEFAULT_RETRY_AFTER),
        ("1.5", DEFAULT_RETRY_AFTER),
        ("1e2", DEFAULT_RETRY_AFTER),
        ("３", DEFAULT_RETRY_AFTER),
        ("NaN", DEFAULT_RETRY_AFTER),
        ("Infinity", DEFAULT_RETRY_AFTER),
        ("soon", DEFAULT_RETRY_AFTER),
        ("3, 4", DEFAULT_RETRY_AFTER),
        ("", DEFAULT_RETRY_AFTER),
        (None, DEFAULT_RETRY_AFTER),
        ("Mon, 02 Mar 2026 15:01:00 GMT", 60),
        ("Monday, 02-Mar-26 15:01:00 GMT", 60),
        ("Mon Mar  2 15:01:00 2026", 60),
        ("Mon, 02 Mar 2026 15:00:00 GMT", 1),
        ("Mon, 02 Mar 2026 14:00:00 GMT", 1),
        ("Tue, 03 Mar 2026 15:00:00 GMT", 300),
        ("Mon, 99 Mar 2026 15:00:00 GMT", DEFAULT_RETRY_AFTER),
        ("Mon, 02 Mar 99999 15:00:00 GMT", DEFAULT_RETRY_AFTER),
    ],
    ids=repr,
)
def test_retry_after_is_read_and_clamped(value: str | None, seconds: int) -> None:
    assert clamp_retry_after(value, NOW) == seconds
    busy = judge_status(429, value, NOW)
    assert busy is not None
    assert dict(busy.headers) == {"Retry-After": str(seconds)}


@pytest.mark.parametrize(
    ("remaining", "seconds"),
    [(29.0, 20.0), (23.0, 20.0), (22.5, 19.5), (4.0, 1.0), (3.0, 0.0), (0.1, 0.0), (-1.0, 0.0)],
)
def test_a_call_leaves_three_seconds_and_takes_twenty_at_most(remaining: float, seconds: float) -> None:
    assert call_seconds(remaining) == seconds


def test_an_answer_counts_one_attempt_unless_told() -> None:
    assert UpstreamAnswer(b"", 5).attempts == 1
