"""What is sent, where to, and that neither the environment nor the upstream's answers change it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hallpass.adapters.requests_upstream import RequestsUpstream
from hallpass.adapters.upstream_url import UpstreamUrlError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.scope import IncidentType
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamCredentialsError

from sandbox.simulator import RunningSimulator
from tests.upstream.asking import AMPLE, SECRET, Authority, MakeUpstream, WorkingClock, ask, refusal
from tests.upstream.raw_server import PAGE, answering, raw_server, whole

QUERIES = {
    "nothing but the page": (UpstreamQuery(), 1, "page=1"),
    "a later page": (UpstreamQuery(), 12, "page=12"),
    "everything": (
        UpstreamQuery(IncidentType.MINOR, True, date(2026, 1, 1), date(2026, 1, 31)),
        2,
        "type=minor&deleted=1&from=2026-01-01&to=2026-01-31&page=2",
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_request_is_these_bytes_for(name: str, make_upstream: MakeUpstream) -> None:
    query, page, sent = QUERIES[name]
    with raw_server(answering(whole())) as server:
        upstream = make_upstream(server.url, version="1.2.3")
        upstream.fetch(SECRET, query, page, AMPLE)
        assert server.requests[0].decode().split("\r\n") == [
            f"GET /public/v1/incidents.xml?{sent} HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "User-Agent: hallpass/1.2.3",
            "Accept: application/xml",
            "Accept-Encoding: gzip",
            "Connection: keep-alive",
            f"Authorization: Bearer {SECRET.reveal()}",
            "",
            "",
        ]


def test_the_second_request_is_the_first_again_whatever_was_answered(
    simulator: RunningSimulator, make_upstream: MakeUpstream
) -> None:
    """U-25: no cookie, validator or hint of the answer goes back."""
    upstream = make_upstream(simulator.url)
    simulator.control.recording.clear()
    simulator.control.fault("foreign-headers", times=1)
    for _ in range(2):
        ask(upstream, credential=Secret(simulator.token))
    first, second = simulator.requests
    assert first == second


def test_the_environment_changes_nothing(
    make_upstream: MakeUpstream, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """U-23: proxies, .netrc (which replaces a token when it is trusted), CA variables, TLS key log."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login invented password invented\n", encoding="ascii")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "no-such-file.pem"))
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    with raw_server(answering(whole()), tls=authority.server()) as server:
        upstream = make_upstream(server.url, ca_bundle=str(authority.bundle))
        assert ask(upstream).body == PAGE
        assert f"Authorization: Bearer {SECRET.reveal()}".encode() in server.requests[0]
        assert not (tmp_path / "keys.log").exists()


def test_a_redirect_is_not_followed_to_another_server(make_upstream: MakeUpstream) -> None:
    """U-17: the second host sees no request, not even a connection."""
    with raw_server(answering(whole())) as second:
        redirect = whole(PAGE, f"Location: {second.url}", status="302 Found")
        with raw_server(answering(redirect)) as first:
            assert refusal(make_upstream(first.url)).upstream_status == 302
            assert first.saw_goodbye()
        assert second.connections == 0


@pytest.mark.parametrize(
    "credential",
    ["", " ", "two words", "tab\there", "line\r\nX-Injected: 1", "nul\x00", "café", "\x7f", "trailing\n", "１２３"],
    ids=ascii,
)
def test_a_credential_that_cannot_stand_in_a_header_is_never_sent(credential: str, make_upstream: MakeUpstream) -> None:
    with raw_server(answering(whole())) as server:
        error = refusal(make_upstream(server.url), credential=Secret(credential))
        assert (type(error), error.attempts, error.upstream_status) == (UpstreamCredentialsError, 0, None)
        assert server.connections == 0


ORIGINS = {
    "https://api.educatorshandbook.com/public/v1/incidents.xml": "https://api.educatorshandbook.com:443",
    "HTTPS://API.Example.invalid:8443/x": "https://api.example.invalid:8443",
    "http://localhost/x": "http://localhost:80",
    "http://127.0.0.1:8080/x": "http://127.0.0.1:8080",
    "http://127.8.9.1/x": "http://127.8.9.1:80",
    "http://[::1]:8080": "http://[::1]:8080",
}


@pytest.mark.parametrize("url", ORIGINS)
def test_the_origin_tells_the_port_always(url: str, make_upstream: MakeUpstream) -> None:
    assert make_upstream(url).origin == ORIGINS[url]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.educatorshandbook.com/public/v1/incidents.xml",
        "http://10.0.0.1/",
        "http://[fe80::1]/",
        "http://localhost.example.invalid/",
        "http://127.0.0.1.example.invalid/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "127.0.0.1:80",
        "",
        "https:///path",
        "https://user:invented-password@example.invalid/",
        "https://example.invalid/?page=1",
        "https://example.invalid/?",
        "https://example.invalid/#top",
        "https://example.invalid:port/",
        "https://example.invalid:99999/",
        "https://exämple.invalid/",
        "https://example.invalid/a path",
        "https://[::1/",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_at_once(url: str) -> None:
    with pytest.raises(UpstreamUrlError) as caught:
        RequestsUpstream(url, WorkingClock())
    assert "invented-password" not in str(caught.value)


def test_there_is_no_way_to_leave_tls_unverified(make_upstream: MakeUpstream, authority: Authority) -> None:
    """Should somebody set requests' own switch one day, TLS does not obey."""
    with raw_server(answering(whole()), tls=authority.server()) as server:
        upstream = make_upstream(server.url)
        upstream._session.verify = False
        assert refusal(upstream).slug == "upstream-unreachable"
        assert server.requests == []


def test_a_pooled_session_asks_for_many_pages_over_one_connection(make_upstream: MakeUpstream) -> None:
    with raw_server(answering(*[whole()] * 20)) as server:
        upstream = make_upstream(server.url)
        for page in range(1, 21):
            upstream.fetch(SECRET, UpstreamQuery(), page, AMPLE)
        assert (server.connections, len(server.requests)) == (1, 20)
