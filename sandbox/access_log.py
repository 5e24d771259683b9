"""The stage's access log: the template's format, filled in for one request.

`$context.` variables that a request does not have, or that are not known here, are a dash, as with AWS.
"""

import re

from sandbox.front import Handled

_VARIABLE = re.compile(r"\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)")


def line(form: str, handled: Handled) -> str:
    """One line of the access log."""
    values = _values(handled)
    return _VARIABLE.sub(lambda found: values.get(found.group(1), "-"), form)


def _values(handled: Handled) -> dict[str, str]:
    request = handled.request
    return {
        "requestId": handled.request_id,
        "extendedRequestId": handled.request_id,
        "routeKey": handled.route_key,
        "status": str(handled.reply.status),
        "responseLatency": f"{handled.latency_ms:.0f}",
        "integrationLatency": f"{handled.latency_ms:.0f}",
        "integration.latency": f"{handled.latency_ms:.0f}",
        "responseLength": str(len(handled.reply.body)),
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": dict((name.lower(), value) for name, value in request.headers).get("user-agent", "-"),
        "httpMethod": request.method,
        "path": request.path,
        "protocol": request.protocol,
        "integrationStatus": str(handled.reply.status),
        "integration.requestId": handled.invocation or "-",
        "stage": "$default",
        "requestTime": handled.at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(handled.at.timestamp() * 1000)),
    }
