"""The upstream without a network: a request's parts in, an answer out.

The rule: only what the upstream documents, and where it says nothing what the settings say. It reads no
clock but the one given, and the only state it keeps is how often each account asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from threading import RLock

from sandbox.simulator.account import AccountData, UnknownIncidentError
from sandbox.simulator.pages import Page, Pages
from sandbox.simulator.reading import BadParameterError, read_query
from sandbox.simulator.settings import DATA_SETTINGS, Settings

PATH = "/public/v1/incidents.xml"
XML = "text/xml; charset=utf-8"
"""The upstream's media type is not documented; this is the one the simulator states."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is bytes. `headers` lack Content-Length: who writes it decides the framing."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def plain(status: int, words: str, *headers: tuple[str, str]) -> Answer:
    """A short answer in plain text, as servers give for errors."""
    return Answer(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), f"{words}\n".encode())


class Upstream:
    """Accounts, settings and answers. Every public method may be called from any thread."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds; only the rate limit looks at it."""
        self.lock = RLock()
        self.settings = settings
        self._clock = clock
        self._pages = Pages()
        self._turn = 0
        self._windows: dict[str, tuple[float, int]] = {}
        self._build()

    @property
    def rendered(self) -> int:
        """How many pages were rendered so far."""
        return self._pages.rendered

    def change_settings(self, settings: Settings) -> None:
        """Go on with other settings. Data and edits survive unless a setting that makes the data changed."""
        with self.lock:
            before, self.settings = self.settings, settings
            self._windows.clear()
            self._pages.clear()
            if any(getattr(before, name) != getattr(settings, name) for name in DATA_SETTINGS):
                self._build()

    def _build(self) -> None:
        self.accounts = {a.name: AccountData(a, self.settings) for a in self.settings.accounts}
        self._by_token = {data.account.token: data for data in self.accounts.values()}

    def answer(self, path: str, raw_query: str, headers: Mapping[str, str]) -> Answer:
        """Answer a GET. Header names in `headers` are lower case."""
        if path != PATH:
            return plain(404, "Not Found")
        with self.lock:
            self._turn += 1
            data = self._by_token.get(bearer(headers.get("authorization", "")))
            if data is None:
                return plain(401, "Unauthorized", ("WWW-Authenticate", "Bearer"))
            wait = self._rate_limited(data.account.name)
            if wait is not None:
                return plain(429, "Too Many Requests", ("Retry-After", str(wait)))
            return self._answer_query(data, raw_query, headers)

    def _answer_query(self, data: AccountData, raw_query: str, headers: Mapping[str, str]) -> Answer:
        try:
            query = read_query(raw_query, lenient=self.settings.bad_parameters == "ignore")
        except BadParameterError as error:
            return plain(400, str(error))
        page = self._pages.page(data, query, self.settings, self._turn)
        return plain(404, "No such page") if page is None else represent(page, self.settings, headers)

    def _rate_limited(self, name: str) -> int | None:
        """Seconds to wait if the account has used up its window, else None (and one more is counted)."""
        limit, length = self.settings.rate_limit, self.settings.rate_window
        if limit == 0:
            return None
        now = self._clock()
        start, used = self._windows.get(name, (now, 0))
        if now - start >= length:
            start, used = now, 0
        if used >= limit:
            return max(1, round(start + length - now))
        self._windows[name] = (start, used + 1)
        return None

    def good(self, raw_query: str, headers: Mapping[str, str]) -> Answer:
        """The page this request would have got with credentials and plain settings: what faults spoil."""
        with self.lock:
            data = self._by_token.get(bearer(headers.get("authorization", "")))
            data = data or next(iter(self.accounts.values()))
            page = self._pages.page(data, read_query(raw_query, lenient=True), self.settings, self._turn)
            return Answer(200, (("Content-Type", XML),), page.body if page else b"")

    def account_of(self, uuid: str) -> AccountData:
        """The account that has the incident; raises UnknownIncidentError."""
        for data in self.accounts.values():
            if data.has(uuid):
                return data
        raise UnknownIncidentError(uuid)


def bearer(authorization: str) -> str:
    """The token of a Bearer credential (the scheme in any case), or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def represent(page: Page, settings: Settings, headers: Mapping[str, str]) -> Answer:
    """The page with the validators and the coding the settings ask for, or 304."""
    fields = [("Content-Type", XML)]
    if settings.cache_control:
        fields.append(("Cache-Control", settings.cache_control))
    if settings.etag:
        fields.append(("ETag", page.etag))
    if settings.last_modified:
        fields.append(("Last-Modified", format_datetime(_gmt(page.modified), usegmt=True)))
    if _not_modified(page, settings, headers):
        return Answer(304, tuple(fields[1:]))
    accepts = "gzip" in headers.get("accept-encoding", "")
    if settings.gzip == "always" or (settings.gzip == "accepted" and accepts):
        fields += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        return Answer(200, tuple(fields), page.gzipped)
    return Answer(200, tuple(fields), page.body)


def _gmt(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _not_modified(page: Page, settings: Settings, headers: Mapping[str, str]) -> bool:
    """RFC 9110 13.2.2: If-None-Match is looked at first, and If-Modified-Since only without it."""
    if settings.etag and "if-none-match" in headers:
        return page.etag in [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
    if not settings.last_modified or "if-modified-since" not in headers:
        return False
    try:
        return _gmt(page.modified) <= parsedate_to_datetime(headers["if-modified-since"])
    except (TypeError, ValueError):
        return False
