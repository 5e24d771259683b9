"""The vendor's real handler over real HTTP on loopback: as much of an HTTP API as Schemathesis can reach.

Rule: what a request holds goes into the event as a gateway puts it there, and what was answered is kept.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote

from tests.vendor.deployed import Answer, Deployed


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the gateway hands it on: the path decoded, the query as sent, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    def values(self, parameter: str) -> list[str]:
        return parse_qs(self.query, keep_blank_values=True).get(parameter, [])

    def without(self, header: str) -> Asked:
        return replace(self, headers={name: value for name, value in self.headers.items() if name != header})


Call: TypeAlias = Callable[[Asked], Answer]


@dataclass(frozen=True, slots=True)
class Exchange:
    asked: Asked
    answer: Answer

    @property
    def media_type(self) -> str:
        return self.answer.headers.get("content-type", "").partition(";")[0]

    @property
    def content(self) -> bytes:
        body = self.answer.body
        return gzip.decompress(body) if body and self.answer.headers.get("content-encoding") == "gzip" else body

    def disclosed(self, media_type: str) -> bool:
        """Whether it is a page of incidents with its body."""
        page = "incidents" in self.asked.path and "schema" not in self.asked.path
        return page and self.asked.method == "GET" and self.answer.status == 200 and self.media_type == media_type


@dataclass(slots=True)
class Front:
    """`exchanges`: everything that was asked and answered, in order."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)


class _Gateway(BaseHTTPRequestHandler):
    call: Call
    front: Front
    # The head and the body in one segment: in two, the client's delayed acknowledgement costs 40 ms an answer.
    wbufsize = -1

    def parse_request(self) -> bool:
        """The $default route takes every method, also those that http.server has never heard of."""
        understood = super().parse_request()
        if understood:
            setattr(self, f"do_{self.command}", self._answer)
        return understood

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        asked = Asked(self.command, unquote(path), query, headers, body)
        answer = type(self).call(asked)
        self.front.exchanges.append(Exchange(asked, answer))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.body:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


def handler_of(house: Deployed) -> Call:
    return lambda asked: house.call(asked.path, asked.query, asked.headers, asked.method)


@contextmanager
def serving(call: Call) -> Iterator[Front]:
    """One request at a time, each on a connection of its own: what is behind it is not made for threads."""
    members: dict[str, Any] = {"call": staticmethod(call)}
    gateway = type("GatewayOfTheTest", (_Gateway,), members)
    with HTTPServer(("127.0.0.1", 0), gateway) as server:
        front = Front(f"http://127.0.0.1:{server.server_port}")
        gateway.front = front  # type: ignore[attr-defined]  # mypy does not follow type()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield front
        server.shutdown()
        thread.join()


def document_for(house: Deployed, token: str, fields: str, url: str) -> dict[str, Any]:
    """The OpenAPI document as the holder of `token` reads it, whose view is `fields`.

    One document serves every token. What each answer and `GET /v1/token` say more exactly stands in here: the schema of
    JSON is `incidents.schema.json`, which without `fields` is that of all-documented@1 (absolute, since the document is
    handed over as a file), and there is one `dataset` that is not an old one.
    """
    document: dict[str, Any] = json.loads(house.call("/v1/openapi.json").body)
    dataset = json.loads(house.get(token, "/v1/token").body)["dataset"]
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    for parameter in (each for operation in operations for each in operation.get("parameters", ())):
        if parameter["name"] == "dataset":
            parameter["schema"]["enum"] = [dataset, "0.0"]
    shapes = [
        operation["responses"].get("200", {}).get("content", {}).get("application/json") for operation in operations
    ]
    mine = [shape for shape in shapes if shape and shape["schema"].get("$ref") == "incidents.schema.json"]
    assert mine
    for shape in mine:
        shape["schema"]["$ref"] = f"{url}/v1/incidents.schema.json?fields={fields}"
    return document
