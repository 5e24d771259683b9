"""Starting and stopping: on a thread, in a loop, over TLS, as a command; nothing is left behind."""

import asyncio
import signal
import socket
import ssl
import sys
import threading
from pathlib import Path
from subprocess import PIPE, Popen

import aiohttp
import pytest
import requests
import trustme

from sandbox.simulator import Settings, Simulator, running_simulator
from sandbox.simulator.__main__ import main, parser
from sandbox.simulator.options import read_account, read_bool, settings_from
from sandbox.simulator.settings import Account, words
from tests.simulator.raw_socket import RawClient

ROOT = Path(__file__).resolve().parents[2]


def test_a_thread_ends_with_its_block_whatever_is_being_played() -> None:
    before = set(threading.enumerate())
    with running_simulator(Settings(incidents=10)) as simulator:
        simulator.control.fault("silence", times=1)
        simulator.control.fault("drip-body", times=1, delay=3600.0)
        with RawClient(simulator) as silent, RawClient(simulator) as dripping, RawClient(simulator) as idle:
            silent.ask()
            dripping.ask()
            dripping.read_exactly(20)
            idle.ask("/next")
            idle.read_exactly(20)
            simulator.control.clear_faults()
    assert set(threading.enumerate()) <= before


def test_a_client_that_goes_away_ends_what_is_played_to_it() -> None:
    with running_simulator(Settings(incidents=10)) as simulator:
        simulator.control.fault("endless-body", times=1, size=1 << 40)
        with RawClient(simulator) as client:
            client.ask()
            client.read_exactly(100_000)
        with RawClient(simulator) as client:
            client.ask("/next", "Connection: close")
            assert client.read_to_end().data.startswith(b"HTTP/1.1 404 ")


def test_it_runs_inside_an_event_loop_and_leaves_no_task() -> None:
    async def scenario() -> tuple[int, int]:
        async with Simulator(Settings(incidents=10)) as simulator, aiohttp.ClientSession() as session:
            async with session.get(simulator.url) as response:
                status = response.status
            assert [request.path for request in simulator.requests] == ["/public/v1/incidents.xml"]
        return status, len(asyncio.all_tasks())

    assert asyncio.run(scenario()) == (401, 1)


def test_a_port_in_use_is_an_error_with_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="address already in use"), running_simulator(port=port):
            pass
        assert main(["--port", str(port), "--incidents", "1"]) == 2
    assert "address already in use" in capsys.readouterr().err


def test_https_with_a_given_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with running_simulator(Settings(incidents=10), tls=context) as simulator, requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {simulator.token}"
        session.verify = str(tmp_path / "ca.pem")
        assert simulator.url.startswith("https://")
        assert session.get(simulator.url, timeout=10).status_code == 200
        simulator.control.fault("reset-mid-body", times=1, delay=0.02)
        with pytest.raises(requests.RequestException):
            session.get(simulator.url, timeout=10)
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(simulator.url, timeout=10)
        assert len(simulator.requests) == 2


def test_latency_is_waited_before_every_answer() -> None:
    with running_simulator(Settings(incidents=1, latency=3600.0)) as simulator, RawClient(simulator) as hung:
        hung.ask()
        while not simulator.requests:
            pass
        assert hung.hears_nothing()


def test_the_command_prints_its_url_first_and_ends_on_a_signal(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    command = [sys.executable, "-W", "error", "-m", "sandbox.simulator", "--incidents", "30", "--seed", "4"]
    command += ["--order", "oldest", "--account", "first=abc:5", "--certificate", str(tmp_path / "server.pem")]
    with Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as child:  # noqa: S603 - our own command
        try:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            headers = {"Authorization": "Bearer abc"}
            response = requests.get(url, headers=headers, timeout=10, verify=str(tmp_path / "ca.pem"))
            assert response.status_code == 200
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=20)
        assert child.stderr is not None
        assert (child.returncode, child.stderr.read()) == (0, "")
        assert "account first" in child.stdout.read()


def test_every_setting_is_an_option_with_its_words() -> None:
    text = " ".join(parser().format_help().split())
    for name, documented in words().items():
        if name != "accounts":
            assert f"--{name.replace('_', '-')} " in text
            assert documented in text


def test_options_without_arguments_are_the_defaults_but_for_today() -> None:
    settings = settings_from(parser().parse_args(["--today", "2026-03-02"]))
    assert settings == Settings()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--incidents", "100001"], id="too many incidents"),
        pytest.param(["--account", "a=t", "--account", "b=t"], id="two accounts with one token"),
        pytest.param(["--certificate", "/nowhere.pem"], id="a certificate that is not there"),
    ],
)
def test_wrong_values_end_with_words(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("simulator: ")


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("a=t", Account("a", "t")),
        ("a=t:12", Account("a", "t", 12)),
    ],
)
def test_accounts_are_read(text: str, account: Account) -> None:
    assert read_account(text) == account


@pytest.mark.parametrize("text", ["", "a", "a=", "=t", "a=:5", "a=t:many"])
def test_what_is_no_account_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"account|invalid"):
        read_account(text)


@pytest.mark.parametrize(("text", "value"), [("True", True), ("1", True), ("on", True), ("no", False), ("0", False)])
def test_switches_are_read(text: str, value: bool) -> None:
    assert read_bool(text) is value
