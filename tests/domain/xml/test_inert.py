"""What is read without effect: markup that looks like an attack, text that looks like markup. No file, no socket."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest
from hallpass.domain.json_writer import render_json
from hallpass.domain.model import dump_model
from hallpass.domain.reading import read_page
from hallpass.domain.unreadable import UnreadablePageError
from hallpass.domain.xml_writer import render_xml

from tests.domain.xml.material import EVERYTHING, incident, page
from tests.domain.xml.test_attacks import REFUSED

CANARY = "CANARY"

_KINDS = {"open", "socket", "subprocess", "urllib"}


class _Watch:
    """An audit hook cannot be taken off: it is put on once, and notes what the watching thread opens."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.seen: list[str] = []
        sys.addaudithook(self.note)

    def note(self, event: str, _arguments: object) -> None:
        if self.thread == threading.get_ident() and event.split(".", maxsplit=1)[0] in _KINDS:
            self.seen.append(event)


@cache
def _the_watch() -> _Watch:
    return _Watch()


@contextmanager
def effects() -> Iterator[list[str]]:
    """The files and sockets that are opened inside the block."""
    watch = _the_watch()
    watch.seen = []
    watch.thread = threading.get_ident()
    try:
        yield watch.seen
    finally:
        watch.thread = None


@pytest.mark.parametrize("data", [data for data, _ in REFUSED.values()], ids=REFUSED.keys())
def test_refusing_opens_nothing(data: bytes) -> None:
    with effects() as opened, suppress(UnreadablePageError):
        read_page(data)
    assert opened == []


def test_the_watch_itself_sees_what_is_opened() -> None:
    with effects() as opened:
        Path(__file__).read_bytes()
        socket.socket().close()
    assert opened[0] == "open"
    assert "socket.__new__" in opened


def test_x04_a_listener_on_loopback_is_not_called() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        for declaration in (
            f'<!DOCTYPE incidents SYSTEM "http://127.0.0.1:{port}/x.dtd">',
            f'<!DOCTYPE incidents [<!ENTITY x SYSTEM "http://127.0.0.1:{port}/x">]>',
            f'<!DOCTYPE incidents [<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/x"> %x;]>',
        ):
            with pytest.raises(UnreadablePageError):
                read_page(page("<incident type='minor'>&x;</incident>", head=declaration))
        with pytest.raises(BlockingIOError):
            listener.accept()


INERT = {
    "X-12 XInclude": '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname" parse="text">'
    f"{CANARY}</xi:include>",
    "X-12 a stylesheet instruction": f'<?xml-stylesheet href="{CANARY}.xsl"?>',
    "X-13 a comment": f"<!-- {CANARY} -->",
    "X-13 a comment in a list": f"<offenders><!-- {CANARY} --></offenders>",
    "X-22 a documented name in a namespace": f'<x:description xmlns:x="urn:x">{CANARY}</x:description>',
    "X-22 a default namespace on an element": f'<description xmlns="urn:x">{CANARY}</description>',
    "X-22 xml:lang on an element": f'<date xml:lang="{CANARY}"></date>',
    "X-34 a name like a prototype": f"<__proto__>{CANARY}</__proto__>",
    "X-34 a name like a constructor": f"<constructor>{CANARY}</constructor>",
    "X-34 the children of attributes": f'<attributes count="1"><a code="{CANARY}">{CANARY}</a></attributes>',
}


@pytest.mark.parametrize("inner", INERT.values(), ids=INERT.keys())
def test_read_without_effect_and_never_written(inner: str) -> None:
    with effects() as opened:
        model = read_page(incident(inner))
    outputs = (
        render_xml(model, model.incidents, EVERYTHING).body,
        render_json(model, model.incidents, EVERYTHING, "d").body,
        dump_model(model),
    )
    assert opened == []
    assert all(CANARY.encode() not in output for output in outputs)
    assert len(model.incidents) == 1


TEXTS = {
    "X-24 a section with markup": ("<![CDATA[<b>&amp;</b>]]>", "<b>&amp;</b>"),
    "X-24 a section with a doctype": ("<![CDATA[<!DOCTYPE incidents>]]>", "<!DOCTYPE incidents>"),
    "X-24 a section end in pieces": ("<![CDATA[]]]]><![CDATA[>]]>", "]]>"),
    "X-24 an escaped doctype": ("&lt;!DOCTYPE a [&lt;!ENTITY b 'c'>]>", "<!DOCTYPE a [<!ENTITY b 'c'>]>"),
    "X-13 comments inside a text": ("be<!-- x -->fore<?x y?> after", "before after"),
    "X-35 a carriage return by reference": ("a&#13;b&#xD;&#10;", "a\rb\r\n"),
    "X-35 line ends as they are read": ("a\r\nb\rc", "a\nb\nc"),
    "X-35 NEL and line separator": ("a\u0085b\u2028c", "a\u0085b\u2028c"),
    "X-35 right-to-left, astral, combining": ("\u202eab\U0001f600e\u0301", "\u202eab\U0001f600e\u0301"),
    "white space is kept": ("  a \n\t b ", "  a \n\t b "),
    "the five entities": ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'"),
    "S-28 a formula and a script": ("=cmd|' /C calc'!A0&lt;script&gt;{{7*7}}", "=cmd|' /C calc'!A0<script>{{7*7}}"),
}


@pytest.mark.parametrize(("source", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_text_survives_exactly(source: str, text: str) -> None:
    model = read_page(incident(f"<description>{source}</description>"))
    assert model.incidents[0]["description"] == text
    again = read_page(render_xml(model, model.incidents, EVERYTHING).body)
    assert again.incidents == model.incidents


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("a&#9;b&#10;c&#13;d", "a\tb\nc\rd", id="X-35 white space by reference"),
        pytest.param("a\tb\nc", "a b c", id="X-35 white space as it is read"),
        pytest.param("&quot;&lt;&amp;>'", "\"<&>'", id="quotes and brackets"),
    ],
)
def test_attributes_survive_exactly(source: str, text: str) -> None:
    model = read_page(incident("", f'type="minor" uuid="{source}"'))
    assert model.incidents[0]["uuid"] == text
    assert read_page(render_xml(model, model.incidents, EVERYTHING).body).incidents == model.incidents
