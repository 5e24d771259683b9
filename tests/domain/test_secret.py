"""A secret shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import copy
import json
import logging
import pickle

import pytest
from hallpass.domain.secret import Secret

CANARY = "canary-secret"


def test_no_way_of_printing_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(CANARY)
    logging.getLogger().warning("%s %r %s", secret, secret, [secret])
    shown = f"{secret} {secret!r} {[secret]} {(secret,)!s} {'%s' % secret}" + caplog.text  # noqa: UP031 - each way
    assert CANARY not in shown
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_it_is_revealed_by_name() -> None:
    assert Secret(CANARY).reveal() == CANARY


def test_equal_texts_are_equal_secrets() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert Secret("é") == Secret("é")
    assert Secret(CANARY) != CANARY


def test_it_is_no_key_of_anything() -> None:
    with pytest.raises(TypeError):
        hash(Secret(CANARY))


def test_a_copy_hides_it_too() -> None:
    assert CANARY not in repr(copy.deepcopy(Secret(CANARY)))
    assert pickle.loads(pickle.dumps(Secret(CANARY))) == Secret(CANARY)  # noqa: S301 - our own bytes
