"""A page of the list as bytes: rendered once, kept until something changes.

The rule: the simulator is never the slow part, and equal settings give equal bytes.
"""

import gzip
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sandbox.simulator.account import AccountData, Query
from sandbox.simulator.incidents import invent
from sandbox.simulator.rows import Row, closing
from sandbox.simulator.settings import Settings
from sandbox.simulator.shape import edit, plant, shape
from sandbox.simulator.spelling import speller
from sandbox.simulator.tree import Node, write

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
KEPT_BYTES = 320 * 1024 * 1024


@dataclass(slots=True)
class Page:
    """One rendered page; the gzip form and the validator are made when first asked for."""

    body: bytes
    modified: datetime
    _gzipped: bytes | None = None
    _etag: str | None = None

    @property
    def gzipped(self) -> bytes:
        """The body in gzip coding, without a time stamp so that it stays the same."""
        if self._gzipped is None:
            self._gzipped = gzip.compress(self.body, compresslevel=5, mtime=0)
        return self._gzipped

    @property
    def etag(self) -> str:
        """A strong validator of the body."""
        if self._etag is None:
            self._etag = f'"{sha256(self.body).hexdigest()[:32]}"'
        return self._etag


class Pages:
    """Rendered pages of all accounts, the longest unused forgotten first."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        """Nothing is rendered before it is asked for; `kept_bytes` bounds what is kept."""
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[tuple[object, ...], Page] = OrderedDict()
        self._size = 0
        self.rendered = 0
        """How many pages were rendered: the measure of the rule above."""

    def clear(self) -> None:
        """Forget every page."""
        self._kept.clear()
        self._size = 0

    def page(self, data: AccountData, query: Query, settings: Settings, turn: int) -> Page | None:
        """The page a query asks for; None where the settings answer 404."""
        key = (data.account.name, data.version, settings, query)
        if key in self._kept and settings.order != "unstable":
            self._kept.move_to_end(key)
            return self._kept[key]
        page = render_page(data, query, settings, turn)
        if page is not None and settings.order != "unstable":
            self._keep(key, page)
        self.rendered += 1
        return page

    def _keep(self, key: tuple[object, ...], page: Page) -> None:
        self._kept[key] = page
        self._size += len(page.body)
        while self._size > self._kept_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.body)


def render_page(data: AccountData, query: Query, settings: Settings, turn: int) -> Page | None:
    """Render what the query selects; a page past the last is answered as the settings say."""
    rows = data.listing(query, settings, turn)
    size = settings.page_size
    total_pages = max(-(-len(rows) // size), settings.empty_total_pages)
    number = query.page
    if number > max(total_pages, 1):
        if settings.past_last == "404":
            return None
        if settings.past_last == "last":
            number = max(total_pages, 1)
    members = rows[(number - 1) * size : number * size]
    if settings.past_last == "clamped":
        number = min(number, max(total_pages, 1))
    count = len(members) if settings.root_count == "page" else len(rows)
    root = Node("incidents", count=count, page=number, total_pages=total_pages)
    body = render(root, members, data, settings).encode()
    return Page(body, max((row.modified for row in members), default=closing(settings.today)))


def render(root: Node, members: list[Row], data: AccountData, settings: Settings) -> str:
    """The document: the root's tags around one line for every member."""
    if settings.unknown != "none":
        plant(root, settings.unknown, root.name)
    root.text = "\n"
    out: list[str] = []
    for row in members:
        write(incident(row, data, settings), speller(settings), out)
        out.append("\n")
    shell: list[str] = []
    write(root, speller(settings), shell)
    opening, _, rest = "".join(shell).partition("\n")
    return "".join([DECLARATION, opening, "\n", *out, rest, "\n"])


def incident(row: Row, data: AccountData, settings: Settings) -> Node:
    """One incident's tree as the settings and the edits made while running want it."""
    node = shape(invent(row, data.people, settings.attribute_children), settings, row.seed)
    if row.changes:
        edit(node, row.changes)
    return node
