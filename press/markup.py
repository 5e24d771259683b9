"""Markdown as the HTML of a page: headings that can be linked to, tables and code that can be scrolled by keyboard.

The rule: no HTML of a source gets through, and a link leads to a page of the site, to a place on it, or nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Body:
    """A page's HTML and its headings."""

    html: str
    headings: tuple[Heading, ...]


def body_of(text: str, addresses: Mapping[str, str]) -> Body:
    """`addresses`: of the site's pages, by their source's name."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(re.sub(r"^<!--.*?-->\n", "", text, flags=re.MULTILINE | re.DOTALL))
    headings: list[Heading] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            headings.append(_heading(token, tokens[place + 1]))
        if token.type == "inline":
            token.children = _linked(token.children or [], addresses)
    html = reader.renderer.render(_framed(tokens), reader.options, {})
    return Body(html, tuple(headings))


def _heading(token: Token, inline: Token) -> Heading:
    words = re.sub(r"[`\\]", "", inline.content)
    anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
    token.attrSet("id", anchor)
    return Heading(int(token.tag[1:]), anchor, words)


def _linked(children: list[Token], addresses: Mapping[str, str]) -> list[Token]:
    """Where a link leads to no page of the site, its words stay."""
    kept: list[Token] = []
    dropped = False
    for child in children:
        if child.type == "link_open":
            name, mark, anchor = str(child.attrGet("href")).partition("#")
            dropped = bool(name) and name not in addresses
            child.attrSet("href", f"{addresses.get(name, '')}{mark}{anchor}")
        if not (dropped and child.type in {"link_open", "link_close"}):
            kept.append(child)
    return kept


def _framed(tokens: list[Token]) -> list[Token]:
    """Tables and code in boxes that scroll, with a name for who cannot see what they stand under."""
    framed: list[Token] = []
    under = ""
    for token in tokens:
        if token.type == "inline" and framed and framed[-1].type == "heading_open":
            under = token.content
        if token.type == "table_open":
            name = escape(re.sub(r"[`*]", "", under))
            framed.append(_html(f'<div class="wide" role="group" aria-label="Table: {name}" tabindex="0">\n'))
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type == "fence":
            framed.append(_html(f'<pre tabindex="0"><code>{escape(token.content)}</code></pre>\n'))
            continue
        framed.append(token)
        if token.type == "table_close":
            framed.append(_html("</div>\n"))
    return framed


def _html(text: str) -> Token:
    token = Token("html_block", "", 0)
    token.content = text
    return token
