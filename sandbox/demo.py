"""Something to try: a demo district, an integration, tokens, made through the real admin API."""

import json

from sandbox.options import Options
from sandbox.system import System


class DemoError(Exception):
    """The demo could not be made."""


def prepare(system: System, options: Options) -> str:
    """Makes the demo unless it is there already, writes the demo file, returns what to print."""
    told = {"url": system.url, "aws_endpoint": system.aws_endpoint, "upstream_url": system.upstream.url}
    options.demo_file.parent.mkdir(parents=True, exist_ok=True)
    options.demo_file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return f"Hallpass answers at {system.url}"
