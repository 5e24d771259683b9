"""The admin API's document as a page to read: made on the server, with no script and nothing from elsewhere.

Rule: every text is escaped; the one style is named by its hash in the policy, and nothing else may be loaded or run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
summary{cursor:pointer;overflow-wrap:anywhere}details{border-top:1px solid #8886;padding:.5rem 0}
code,pre{font-size:.9rem}pre{overflow-x:auto;background:#8882;padding:.75rem}b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.25rem .75rem .25rem 0;text-align:left;
vertical-align:top}:focus-visible{outline:3px solid Highlight;outline-offset:2px}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(document: Mapping[str, Any]) -> str:
    """HTML of an OpenAPI document."""
    title = escape(document["info"]["title"])
    operations = "".join(_operations(document))
    shapes = "".join(_shapes(document["components"]["schemas"]))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        f"<main><h1>{title}</h1><p>Version {escape(document['info']['version'])}. For programs: "
        f'<a href="/admin/v1/openapi.json">openapi.json</a>. Send <code>Authorization: Bearer &lt;token&gt;</code>.</p>'
        f"<h2>Addresses</h2>{operations}<h2>Shapes</h2>{shapes}</main></body></html>\n"
    )


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield (
                f"<details><summary><b>{escape(method.upper())}</b> <code>{escape(path)}</code> "
                f"{escape(operation['summary'])}</summary><p>{escape(operation.get('description', ''))}</p>"
                f"{_parameters(operation)}{_body(operation)}{_answers(operation)}</details>"
            )


def _parameters(operation: Mapping[str, Any]) -> str:
    rows = [
        (each["name"], each["in"], "needed" if each.get("required") else "", each["description"])
        for each in operation.get("parameters", ())
    ]
    return _table(("Parameter", "In", "", "Meaning"), rows) if rows else ""


def _body(operation: Mapping[str, Any]) -> str:
    if "requestBody" not in operation:
        return ""
    return "<h3>Body</h3>" + _schema(operation["requestBody"]["content"]["application/json"]["schema"])


def _answers(operation: Mapping[str, Any]) -> str:
    responses = operation["responses"]
    rows = [(status, answer["description"]) for status, answer in responses.items()]
    shown = [_schema(content["schema"]) for content in _contents(responses)]
    return "<h3>Answers</h3>" + _table(("Status", "Meaning"), rows) + "".join(dict.fromkeys(shown))


def _contents(responses: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for answer in responses.values():
        yield from (content for kind, content in answer["content"].items() if kind == "application/json")


def _shapes(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>{_schema(schema)}</details>'


def _schema(schema: Mapping[str, Any]) -> str:
    return f"<pre><code>{escape(json.dumps(schema, indent=1, ensure_ascii=False))}</code></pre>"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
