"""The XML attack list, X-01 to X-43, as one table: what is refused with which word, what is read inertly.

Rule: never a clock. Where a row of the list speaks of time or memory, a limit or a count is asserted instead.
"""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from hallpass.domain.reading import read_page
from hallpass.domain.unreadable import Reason, UnreadablePageError

from tests.domain.xml.material import incident, page

BAD = Reason.NOT_WELL_FORMED
VALID = incident("<date>2025-09-01</date>")
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE incidents [<!ENTITY l0 "ha">{ENTITIES}]>'


def doctype(declaration: str, text: str = "") -> bytes:
    return page(f"<incident type='minor'><description>{text}</description></incident>", head=declaration)


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>'


def raw(content: bytes) -> bytes:
    """Bytes where text would be, in a page that is well-formed around them."""
    return incident("<description>@</description>").replace(b"@", content)


REFUSED: dict[str, tuple[bytes, Reason]] = {
    "X-01 billion laughs": (doctype(LAUGHS, "&l9;"), Reason.DOCTYPE),
    "X-02 quadratic blow-up": (
        doctype(f'<!DOCTYPE incidents [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 50_000), Reason.DOCTYPE),
    "X-03 external entity from a file": (
        doctype('<!DOCTYPE incidents [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "&x;"), Reason.DOCTYPE),
    "X-04 external entity over http": (
        doctype('<!DOCTYPE incidents [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>', "&x;"), Reason.DOCTYPE),
    "X-05 parameter entity": (
        doctype('<!DOCTYPE incidents [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]>'), Reason.DOCTYPE),
    "X-06 external DTD": (doctype('<!DOCTYPE incidents SYSTEM "http://127.0.0.1:9/x.dtd">'), Reason.DOCTYPE),
    "X-06 external DTD by public id": (
        doctype('<!DOCTYPE incidents PUBLIC "-//X//X" "http://127.0.0.1:9/x.dtd">'), Reason.DOCTYPE),
    "X-07 internal subset without entities": (
        doctype("<!DOCTYPE incidents [<!ELEMENT incidents ANY>]>"), Reason.DOCTYPE),
    "X-08 bare doctype": (doctype("<!DOCTYPE incidents>"), Reason.DOCTYPE),
    "X-09 default attribute that would make every incident minor": (
        page("<incident/>", head='<!DOCTYPE incidents [<!ATTLIST incident type CDATA "minor">]>'), Reason.DOCTYPE),
    "X-09 default attribute that would delete every incident": (
        page("<incident/>", head='<!DOCTYPE incidents [<!ATTLIST incident deleted CDATA "1">]>'), Reason.DOCTYPE),
    "X-10 entity cycle": (
        doctype('<!DOCTYPE incidents [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"), Reason.DOCTYPE),
    "X-11 billion laughs in UTF-16 with a byte order mark": (
        doctype(LAUGHS, "&l9;").decode().encode("utf-16"), Reason.ENCODING),
    "X-11 billion laughs in UTF-16BE": (doctype(LAUGHS, "&l9;").decode().encode("utf-16-be"), Reason.ENCODING),
    "X-11 billion laughs in UTF-8 with a byte order mark": (b"\xef\xbb\xbf" + doctype(LAUGHS, "&l9;"), Reason.DOCTYPE),
    "X-14 an entity that nobody declared": (incident("<description>&nbsp;</description>"), BAD),
    "X-15a declared UTF-7": (page(head=declared("UTF-7")), Reason.ENCODING),
    "X-15b in EBCDIC": (page(head=declared("cp037")).decode().encode("cp037"), Reason.ENCODING),
    "X-15c declared rot13": (page(head=declared("rot13")), Reason.ENCODING),
    "X-15d declared koi8-r": (page(head=declared("koi8-r")), Reason.ENCODING),
    "X-15e declared shift_jis": (page(head=declared("shift_jis")), Reason.ENCODING),
    "X-15f declared unicode_escape": (page(head=declared("unicode_escape")), Reason.ENCODING),
    "X-15g declared UTF-16 and sent in UTF-8": (page(head=declared("UTF-16")), Reason.ENCODING),
    "X-15h declared an encoding that nobody knows": (page(head=declared("x-none")), Reason.ENCODING),
    "X-16 in UTF-32": (page().decode().encode("utf-32"), Reason.ENCODING),
    "X-17a Latin-1 bytes declared UTF-8": (raw("é".encode("latin-1")), Reason.ENCODING),
    "X-17b UTF-8 bytes declared Latin-1": (page(head=declared("ISO-8859-1")), Reason.ENCODING),
    "X-18 an attribute twice": (incident("", 'type="minor" type="minor"'), BAD),
    "X-19a a reference to NUL": (raw(b"&#0;"), BAD),
    "X-19b a reference to U+0001": (raw(b"&#1;"), BAD),
    "X-19c a reference to a surrogate": (raw(b"&#xD800;"), BAD),
    "X-19d a reference to U+FFFF": (raw(b"&#xFFFF;"), BAD),
    "X-19e a raw NUL": (raw(b"\0"), Reason.ENCODING),
    "X-19f overlong UTF-8": (raw(b"\xc0\xaf"), Reason.ENCODING),
    "X-19g surrogates in UTF-8": (raw(b"\xed\xa0\x80\xed\xb0\x80"), Reason.ENCODING),
    "X-19h a raw U+0001": (raw(b"\x01"), BAD),
    "X-19i a raw U+FFFF": (raw(b"\xef\xbf\xbf"), BAD),
    "X-19j a reference past Unicode": (raw(b"&#x110000;"), BAD),
    "X-20a garbage after the root": (page() + b"x", BAD),
    "X-20b two roots": (page() + page(head=""), BAD),
    "X-20c a space before the declaration": (b" " + page(), BAD),
    "X-20d NULs after the root": (page() + b"\0\0", Reason.ENCODING),
    "X-21a an HTML page with a doctype": (b"<!DOCTYPE html><html><body>Log in</body></html>", Reason.DOCTYPE),
    "X-21b an HTML page without one": (b"<html><body>Log in</body></html>", Reason.WRONG_ROOT),
    "X-21c nothing": (b"", BAD),
    "X-21d white space": (b" \n ", BAD),
    "X-21e JSON": (b'{"error":"x"}', BAD),
    "X-21f a byte order mark alone": (b"\xef\xbb\xbf", BAD),
    "X-21g an error document": (b"<error>no</error>", Reason.WRONG_ROOT),
    "X-22 a default namespace": (page(root='xmlns="urn:x" count="0" page="1" total-pages="0"'), Reason.WRONG_ROOT),
    "X-22 a prefixed root": (
        b'<x:incidents xmlns:x="urn:x" count="0" page="1" total-pages="0"></x:incidents>', Reason.WRONG_ROOT),
    "X-22 a prefix that nobody declared": (
        b'<x:incidents count="0" page="1" total-pages="0"></x:incidents>', BAD),
    "X-22 the root in capitals": (b'<Incidents count="0" page="1" total-pages="0"/>', Reason.WRONG_ROOT),
    "X-23 XML 1.1": (page(head='<?xml version="1.1" encoding="UTF-8"?>'), Reason.XML_VERSION),
    "X-23 XML 2.0": (page(head='<?xml version="2.0" encoding="UTF-8"?>'), Reason.XML_VERSION),
    "X-23 standalone is maybe": (page(head='<?xml version="1.0" standalone="maybe"?>'), BAD),
    "X-40 a tag that is not closed": (incident("<date>"), BAD),
    "X-40 tags that overlap": (incident("<date><time></date></time>"), BAD),
    "X-40 an attribute without quotes": (incident("", "type=minor"), BAD),
    "X-40 an attribute without a value": (incident("", "type"), BAD),
    "X-40 a less-than sign in an attribute": (incident("", 'type="<"'), BAD),
    "X-40 a comment that holds two hyphens": (incident("<!-- a -- b -->"), BAD),
    "X-40 a comment that does not end": (incident("<!-- a"), BAD),
    "X-40 an instruction named xml inside": (incident('<?xml version="1.0"?>'), BAD),
    "X-40 a section end in text": (incident("<description>]]></description>"), BAD),
    "X-40 a section that does not end": (incident("<description><![CDATA[x</description>"), BAD),
    "X-40 a name that begins with a digit": (incident("<1a/>"), BAD),
    "X-40 a bare ampersand": (incident("<description>a & b</description>"), BAD),
    "X-40 a prefix bound to nothing": (incident('<x:a xmlns:x=""/>'), BAD),
    "X-40 a conditional section": (incident("<![INCLUDE[x]]>"), BAD),
}  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(data: bytes, reason: Reason) -> None:
    with pytest.raises(UnreadablePageError) as caught:
        read_page(data)
    assert caught.value.reason is reason
    assert caught.value.args == (reason.value,)
    assert caught.value.__cause__ is None, "a parser's words may be the page's"
    assert caught.value.__context__ is None


def _defusedxml_refuses(data: bytes) -> bool:
    try:
        fromstring(data, forbid_dtd=True)
    except (SyntaxError, ValueError, LookupError):
        return True
    return False


# An exotic encoding makes the standard parser, not ours, call a codec that warns.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_refuses_all_that_defusedxml_refuses_and_more() -> None:
    """`test_refused` shows that the reader refuses every row; so the interesting side is what defusedxml lets pass."""
    passed = {name for name, (data, _) in REFUSED.items() if not _defusedxml_refuses(data)}
    assert all(_defusedxml_refuses(data) for data, reason in REFUSED.values() if reason is Reason.DOCTYPE)
    assert {"X-15d declared koi8-r", "X-17b UTF-8 bytes declared Latin-1", "X-22 a default namespace"} <= passed
    assert "X-23 XML 2.0" in passed


ROOTS: dict[str, str] = {
    "-1": 'count="-1" page="1" total-pages="1"',
    "ten digits": 'count="1000000000" page="1" total-pages="1"',
    "10^18": 'count="1000000000000000000" page="1" total-pages="1"',
    "underscore": 'count="1_000" page="1" total-pages="1"',
    "full-width digit": 'count="１" page="1" total-pages="1"',
    "spaces": 'count=" 1 " page="1" total-pages="1"',
    "plus": 'count="+1" page="1" total-pages="1"',
    "a trailing newline": 'count="1&#10;" page="1" total-pages="1"',
    "empty count": 'count="" page="1" total-pages="1"',
    "no count": 'page="1" total-pages="1"',
    "no page": 'count="1" total-pages="1"',
    "no total-pages": 'count="1" page="1"',
    "page 0": 'count="1" page="0" total-pages="1"',
    "page in hex": 'count="1" page="0x1" total-pages="1"',
    "total-pages as a float": 'count="1" page="1" total-pages="1.0"',
    "count in a namespace": 'xmlns:x="urn:x" x:count="1" page="1" total-pages="1"',
    "no pages but an incident": 'count="1" page="1" total-pages="0"',
}


@pytest.mark.parametrize("root", ROOTS.values(), ids=[f"X-31 {name}" for name in ROOTS])
def test_malformed_root_attributes_are_refused(root: str) -> None:
    with pytest.raises(UnreadablePageError) as caught:
        read_page(page("<incident type='minor'/>", root=root))
    assert caught.value.reason is Reason.ROOT_ATTRIBUTES


@pytest.mark.parametrize("member", ["<incident type='odd'/>", "<incident/>"], ids=["of another type", "of no type"])
def test_x31_no_pages_but_an_incident_that_is_withheld(member: str) -> None:
    with pytest.raises(UnreadablePageError) as caught:
        read_page(page(member, root='count="1" page="1" total-pages="0"'))
    assert caught.value.reason is Reason.ROOT_ATTRIBUTES


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        pytest.param('count="5" page="1" total-pages="9"', (5, 1, 9), id="X-31 count is not the children"),
        pytest.param('count="0" page="7" total-pages="3"', (0, 7, 3), id="X-31 page past total-pages"),
        pytest.param('count="0" page="1" total-pages="0"', (0, 1, 0), id="X-31 nothing at all"),
        pytest.param('count="007" page="01" total-pages="001"', (7, 1, 1), id="X-31 leading zeros"),
        pytest.param('page="999999999" total-pages="1" count="1"', (1, 999999999, 1), id="X-31 nine digits, any order"),
    ],
)
def test_what_the_root_counts_is_the_upstreams_matter(root: str, expected: tuple[int, int, int]) -> None:
    model = read_page(page(root=root))
    assert (model.count, model.page, model.total_pages) == expected


ACCEPTED: dict[str, bytes] = {
    "no declaration": page(head=""),
    "declaration without encoding": page(head='<?xml version="1.0"?>'),
    "declared utf-8 in small letters": page(head=declared("utf-8")),
    "a UTF-8 byte order mark": b"\xef\xbb\xbf" + page(),
    "standalone yes": page(head='<?xml version="1.0" standalone="yes"?>'),
    "standalone no": page(head='<?xml version="1.0" standalone="no"?>'),
    "white space around the root": page(head="\n\n ") + b" \n",
    "X-13 comment and instruction after the root": page() + b"<!-- after --><?after all?>",
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(data: bytes) -> None:
    assert read_page(data).incidents == ()


def test_x25_no_prefix_of_a_page_is_a_page() -> None:
    for end in range(len(VALID)):
        with pytest.raises(UnreadablePageError):
            read_page(VALID[:end])
    assert len(read_page(VALID).incidents) == 1
