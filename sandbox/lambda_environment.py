"""The environment variables and the command of one Lambda worker process.

The rule: what is not set by the template or by Lambda itself is not there. Nothing of the caller's shell, no
credentials, no proxy, no AWS profile reaches a handler.
"""

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.cloudformation import ACCOUNT, REGION
from sandbox.template import Function

PLAIN_RUNTIME = Path(__file__).with_name("plain_runtime.py")


@dataclass(frozen=True, slots=True)
class Host:
    """What the machine lends a worker: an AWS endpoint, an empty home, an interpreter.

    `lambda_endpoint` is where functions invoke functions; "" if nothing here answers for Lambda.
    """

    aws_endpoint: str
    home: Path
    lambda_endpoint: str = ""
    python: str = sys.executable


def arn(function: Function) -> str:
    """The function's ARN in the imagined account."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function.name}"


def has_awslambdaric() -> bool:
    """Whether Lambda's own runtime client is installed (its wheels are for Linux only)."""
    return importlib.util.find_spec("awslambdaric") is not None


def command(function: Function, host: Host, *, plain: bool) -> list[str]:
    """The worker's command line: awslambdaric, or the plain stand-in where there is no wheel of it."""
    runtime = [str(PLAIN_RUNTIME)] if plain else ["-m", "awslambdaric"]
    # -S: a virtual environment's .pth files may put the repository on the path, where no layer is on Lambda.
    return [host.python, "-S", *runtime, function.handler]


def environment(function: Function, host: Host, runtime_api: str, log_stream: str) -> dict[str, str]:
    """Everything a worker finds in os.environ. `runtime_api` is host:port."""
    reserved = _reserved(function, runtime_api, log_stream)
    return {**_of_the_machine(function, host), **function.environment, **reserved}


def _reserved(function: Function, runtime_api: str, log_stream: str) -> dict[str, str]:
    variables = {
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "LAMBDA_TASK_ROOT": str(function.code),
        "_HANDLER": function.handler,
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
    }
    if function.log_format.upper() == "JSON":
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        variables["AWS_LAMBDA_LOG_LEVEL"] = function.log_level or "INFO"
    return variables


def _installed() -> list[str]:
    paths = sysconfig.get_paths()
    return list(dict.fromkeys([paths["purelib"], paths["platlib"]]))


def _of_the_machine(function: Function, host: Host) -> Mapping[str, str]:
    elsewhere = {"AWS_ENDPOINT_URL_LAMBDA": host.lambda_endpoint} if host.lambda_endpoint else {}
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(host.home),
        "PYTHONPATH": os.pathsep.join([*(str(layer) for layer in function.layers), *_installed()]),
        "PYTHONUNBUFFERED": "1",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_ENDPOINT_URL": host.aws_endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        **elsewhere,
    }
