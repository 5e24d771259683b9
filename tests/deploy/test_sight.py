"""What the alarms and the masks are set to is what the product means by it."""

import re
from pathlib import Path

import pytest
from hallpass.domain.tokens import TokenKind, mint

from tests.deploy.posture_alarms import ALARMS, Watch
from tests.deploy.posture_sight import TOKEN
from tests.deploy.toolchain import ROOT
from tests.measured import metric_names

SOURCES = sorted(path for folder in ("layers/hallpass/hallpass", "functions") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("kind", TokenKind)
def test_a_token_in_a_log_is_masked(kind: TokenKind) -> None:
    token = mint(kind, "D1stInt1", "Tok1", bytes(32)).text.reveal()
    assert re.search(TOKEN, f"a line with {token} in it")


def test_the_mask_of_tokens_is_within_what_cloudwatch_takes() -> None:
    # Custom data identifiers: at most 200 characters, of these; no groups.
    assert re.fullmatch(r"[A-Za-z0-9_#=@/;, ^$?\[\]{}|\\*+.-]{1,200}", TOKEN)


def test_alarms_watch_what_the_code_counts() -> None:
    own = {
        alarm.metric.removeprefix("Hallpass ")
        for alarm in ALARMS.values()
        if isinstance(alarm, Watch) and alarm.metric.startswith("Hallpass ")
    }
    assert len(own) > 8
    assert own <= metric_names()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_traces_by_itself(source: Path) -> None:
    assert not re.search(r"aws_xray_sdk|\bTracer\b|capture_lambda_handler", source.read_text(encoding="utf-8"))
